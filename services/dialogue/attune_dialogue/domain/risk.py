"""Gathers what was said about a message's risk. The highest voice counts, and a rise is told at once. Pure."""

import re
from collections.abc import Callable

from attune_contracts.chat import Message
from attune_contracts.dialogue import RiskEvent
from attune_contracts.risk import NO_RISK, Evidence, RiskAssessment, RiskKind, RiskReading, RiskTier
from attune_safety import screen
from attune_safety.resources import card_for

from attune_dialogue.domain.cues import plain
from attune_dialogue.domain.session import Session

HISTORY_MESSAGES_MAX = 20
QUOTED = re.compile(r"'[^'\n]{12,160}[?.!]'|«[^»\n]{6,160}»|“[^”\n]{12,160}”")
DANGER = re.compile(
    r"suicid|kill|\bdie\b|dying|dead|end(?:ing)? (?:your|it)|yourself|not being alive|انتحار|موت|نفسك|حياتك"
)
# A sentence with a number in it names a line: "988 Suicide & Crisis Lifeline" asks nobody about suicide.
NAMED_LINE = re.compile(r"[^.!?؟।\n]*\d[^.!?؟।\n]*[.!?؟।]?")
SEMANTIC_RULE = "semantic.second_reader"


class RiskSense:
    """One message's risk. `tell` receives a RiskEvent whenever the tier rises."""

    def __init__(self, session: Session, tell: Callable[[RiskEvent], None]) -> None:
        self._session = session
        self._tell = tell
        self.assessment = NO_RISK

    def hear(self, assessment: RiskAssessment) -> None:
        """Another assessment by rules. It replaces a lower one, and one of the same tier that knew less."""
        before = self.assessment
        if assessment.tier.rank < before.tier.rank:
            return
        self.assessment = assessment
        if assessment.tier.rank > before.tier.rank or (assessment.tier.rank and assessment.kind is not before.kind):
            self._tell(risk_event(assessment, self._session.country))

    def hear_with_history(self, text: str) -> None:
        """The screen again, in the light of the conversation. Nothing is gained without one."""
        if self._session.transcript:
            self.hear(screen(text, screened_history(self._session), self._session.locale))

    def hear_reading(self, reading: RiskReading | None) -> None:
        """The semantic second reader may raise the tier, never lower it; alone it only opens the gentle question."""
        if reading is None:
            return
        tier = with_vote(self.assessment.tier, reading.tier)
        if tier is self.assessment.tier:
            return
        vote = Evidence(rule=SEMANTIC_RULE, language="", tier=tier, start=0, end=0)
        kind = self.assessment.kind if self.assessment.kind is not RiskKind.NONE else RiskKind.SELF
        self.hear(RiskAssessment(tier=tier, kind=kind, evidence=(*self.assessment.evidence, vote)))


def with_vote(heard: RiskTier, vote: RiskTier) -> RiskTier:
    """The tier of a message by its rules and the second reader's vote.

    Alone the reader opens one gentle question and no more; its thresholds (training/results/risk.md) say how often that
    is asked of somebody on an ordinary day. Beside a rule that heard something it may raise further.
    """
    if heard is not RiskTier.NONE:
        return max(heard, vote, key=lambda tier: tier.rank)
    return min(vote, RiskTier.CHECK_IN, key=lambda tier: tier.rank)


def screened_history(session: Session) -> list[Message]:
    """The newest messages as the screen should read them.

    A reply that asked about no danger is blanked, so that "today" in answer to "How has today been?" means just that.
    Words that we suggest saying to somebody else are no question to the person either.
    """
    history = list(session.messages(HISTORY_MESSAGES_MAX))
    if history and history[-1].role == "assistant":
        reply = NAMED_LINE.sub(" ", QUOTED.sub("", history[-1].content))
        state = session.crisis
        asked = state is not None and state.awaiting is not None and not state.awaiting.startswith("crisis.")
        # `her brother is with her now` answers a question about her, and dates no plan of one's own.
        of_another = state is not None and state.kind is RiskKind.OTHER and state.in_crisis
        content = reply if (asked or DANGER.search(plain(reply))) and not of_another else "…"
        history[-1] = Message(role="assistant", content=content)
    return history


def risk_event(assessment: RiskAssessment, country: str | None) -> RiskEvent:
    """The event of an assessment above none."""
    return RiskEvent(
        type="risk",
        tier=assessment.tier,
        kind=assessment.kind,
        rules=tuple(dict.fromkeys(evidence.rule for evidence in assessment.evidence)),
        card=card_for(country, assessment.kind),
    )


def is_risk(assessment: RiskAssessment) -> bool:
    """Whether anything was found."""
    return assessment.tier is not RiskTier.NONE
