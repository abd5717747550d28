"""A turn without the world: real content, a fixed clock and a fixed choice. Used by the tests beside it."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from attune_contracts.emotion import Emotion, EmotionReading
from attune_contracts.risk import NO_RISK, RiskAssessment, RiskTier
from attune_dialogue.adapters.content import load_content
from attune_dialogue.domain import crisis, policy
from attune_dialogue.domain.content import Content
from attune_dialogue.domain.cues import find_cues, language_of
from attune_dialogue.domain.moment import Moment
from attune_dialogue.domain.plan import Plan
from attune_dialogue.domain.risk import RiskSense
from attune_dialogue.domain.sentences import is_question, split
from attune_dialogue.domain.session import Exchange, Session, add_turn
from attune_dialogue.domain.signals import Signals
from attune_dialogue.domain.voice import LANGUAGES, Voice, marks
from attune_safety import screen

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@cache
def content() -> Content:
    return load_content()


def session(locale: str = "en", country: str | None = None) -> Session:
    opened = Session.open("ses_1", "2026-11", locale, country, NOON)
    return opened.remember({"notice_at": NOON})


def reading(label: str, confidence: float = 0.8, *, abstained: bool = False, mixed: bool = False) -> EmotionReading:
    rest = (1 - confidence) / 4
    return EmotionReading(
        probabilities={emotion: confidence if emotion == label else rest for emotion in Emotion},
        label=Emotion(label),
        confidence=confidence,
        abstained=abstained,
        mixed=mixed,
        risk=None,
        model="scripted",
    )


def signals(
    text: str,
    of: Session,
    *,
    felt: EmotionReading | None = None,
    button: str | None = None,
    assessment: RiskAssessment = NO_RISK,
    now: datetime | None = None,
) -> Signals:
    return Signals(
        text=text,
        language=language_of(text, of.language, LANGUAGES),
        cues=find_cues(text, tuple(content().lexicons.values())),
        suggestion_id=button,
        assessment=assessment,
        reading=felt,
        now=now or of.touched_at + timedelta(seconds=30),
    )


class Talk:
    """Says messages and keeps the session, as turn.py does, without the model: replies are the fixed words."""

    def __init__(self, locale: str = "en", country: str | None = None, seed: int = 1) -> None:
        self.session = session(locale, country)
        self.chance = random.Random(seed)
        self.plans: list[Plan] = []
        self.tiers: list[RiskTier] = []

    def say(
        self,
        text: str,
        *,
        felt: EmotionReading | None = None,
        button: str | None = None,
        screened: bool = True,
        now: datetime | None = None,
    ) -> Plan:
        sense = RiskSense(self.session, lambda event: self.tiers.append(event.tier))
        if screened:
            sense.hear(screen(text))
            sense.hear_with_history(text)
            sense.hear(crisis.heard(self.session, text, sense.assessment))
        found = signals(text, self.session, felt=felt, button=button, assessment=sense.assessment, now=now)
        voice = Voice(
            found.language, content().wording, content().templates, self.session.memory.said, self.chance.choice
        )
        turn = Moment(self.session, found, content(), voice)
        lead = crisis.lead(turn)
        plan = lead.plan or policy.decide(replace(turn, session=lead.session))
        self.finish(text, plan, found)
        return plan

    def finish(self, text: str, plan: Plan, found: Signals) -> None:
        reply = reply_of(plan)
        asked = any(is_question(sentence) for sentence in split(reply)[-1:])
        memory = plan.session.memory
        after = plan.session.remember(
            {"said": (*memory.said, *marks(reply)), "questions_in_row": memory.questions_in_row + 1 if asked else 0}
        )
        felt = found.felt if found.reading else None
        exchange = Exchange(f"msg_{len(self.plans)}", text, reply, felt, found.assessment.tier)
        self.session = add_turn(after, exchange, found.now)
        self.plans.append(plan)


def reply_of(plan: Plan) -> str:
    """What a person reads when the model is silent."""
    return " ".join(part for part in (plan.lead, plan.tail) if part)
