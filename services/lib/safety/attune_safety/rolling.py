"""Rolling risk over a conversation: a pure state machine that the dialogue service stores with a session.

A tier rises at once. It falls only by explicit answers: a direct `no` to thoughts of suicide and a `yes` to being
safe now, each asked and answered on a turn of its own, with nothing worrying said between. Silence, a change of
topic or one denial leave it where it is.
"""

from dataclasses import dataclass
from enum import StrEnum

from attune_contracts.risk import NO_RISK, RiskAssessment, RiskKind, RiskTier


class Check(StrEnum):
    """The two questions of the re-check, in the order they are asked."""

    THOUGHTS = "thoughts"
    SAFE_NOW = "safe_now"


class Answer(StrEnum):
    """What was answered to a question of the re-check. Anything that is neither yes nor no is unclear."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Said:
    """The person wrote a message; `assessment` is what the screen thinks of it."""

    assessment: RiskAssessment


@dataclass(frozen=True, slots=True)
class Answered:
    """The person answered the open question of the re-check. `assessment` is the screen's of the same message."""

    check: Check
    answer: Answer
    assessment: RiskAssessment = NO_RISK


@dataclass(frozen=True, slots=True)
class RecheckOpened:
    """The assistant began the re-check."""


Event = Said | Answered | RecheckOpened


@dataclass(frozen=True, slots=True)
class RollingRisk:
    """Where a conversation stands. `open_check` is the question that waits for an answer, if any.

    `peak` is the highest tier of the whole conversation; it never falls.
    """

    tier: RiskTier = RiskTier.NONE
    kind: RiskKind = RiskKind.NONE
    peak: RiskTier = RiskTier.NONE
    open_check: Check | None = None

    @property
    def in_crisis(self) -> bool:
        """Whether the crisis conversation leads rather than the companion."""
        return self.tier.rank >= RiskTier.ELEVATED.rank


def advance(state: RollingRisk, event: Event) -> RollingRisk:
    """The state after an event. Pure; the same events always lead to the same state."""
    if isinstance(event, RecheckOpened):
        if state.tier is RiskTier.NONE:
            return state
        return RollingRisk(state.tier, state.kind, state.peak, Check.THOUGHTS)
    raised = _raised(state, event.assessment)
    if isinstance(event, Said):
        # A new worry closes a re-check that was under way; small talk leaves the question open.
        worry = event.assessment.tier is not RiskTier.NONE
        return RollingRisk(raised.tier, raised.kind, raised.peak, None if worry else state.open_check)
    return _answered(raised, state.open_check, event)


def _raised(state: RollingRisk, assessment: RiskAssessment) -> RollingRisk:
    peak = max(state.peak, assessment.tier, key=lambda tier: tier.rank)
    if assessment.tier.rank > state.tier.rank:
        return RollingRisk(assessment.tier, assessment.kind, peak, state.open_check)
    return RollingRisk(state.tier, state.kind, peak, state.open_check)


def _answered(state: RollingRisk, asked: Check | None, event: Answered) -> RollingRisk:
    """An answer counts only for the question that is open; a worrying message is no all-clear, whatever it says."""
    worrying = event.assessment.tier.rank >= RiskTier.ELEVATED.rank
    if asked is None or event.check is not asked or worrying:
        return RollingRisk(state.tier, state.kind, state.peak, None if worrying else asked)
    if asked is Check.THOUGHTS:
        following = Check.SAFE_NOW if event.answer is Answer.NO else None
        return RollingRisk(state.tier, state.kind, state.peak, following)
    if event.answer is Answer.YES:
        return _lowered(state)
    return RollingRisk(state.tier, state.kind, state.peak, None)


def _lowered(state: RollingRisk) -> RollingRisk:
    """One full re-check leaves a crisis for check_in, another leaves check_in for none."""
    if state.in_crisis:
        return RollingRisk(RiskTier.CHECK_IN, state.kind, state.peak, None)
    return RollingRisk(RiskTier.NONE, RiskKind.NONE, state.peak, None)
