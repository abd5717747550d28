"""What a session remembers of a crisis, and its bridge to the safety library's rolling risk. Pure."""

from attune_contracts.risk import RiskAssessment, RiskKind, RiskTier
from attune_safety.rolling import Answer, Answered, Check, RecheckOpened, RollingRisk, Said, advance
from pydantic import BaseModel, ConfigDict

THOUGHTS_QUESTIONS = frozenset({"direct_question", "recheck_question", "other_recheck_danger", "harm_recheck_danger"})
SAFE_QUESTIONS = frozenset({"recheck_safety_now", "other_recheck_safe"})


class CrisisState(BaseModel):
    """Tier and checks as attune_safety.rolling has them, and where the conversation stands in its script.

    `told` counts how often each element was said, so that wordings rotate from `seed`. `awaiting` is the element whose
    question is open. `answers` holds yes, no or unclear by question, never words. `by_reader`: the second
    reader alone was the reason for the gentle question. `language` is that of the last words said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tier: RiskTier = RiskTier.NONE
    kind: RiskKind = RiskKind.NONE
    peak: RiskTier = RiskTier.NONE
    open_check: Check | None = None
    seed: int = 0
    script: str = ""
    beat: int = 0
    told: dict[str, int] = {}
    awaiting: str | None = None
    answers: dict[str, Answer] = {}
    asked_turn: int | None = None
    checks_failed: int = 0
    by_reader: bool = False
    language: str | None = None

    @property
    def rolling(self) -> RollingRisk:
        """The state as attune_safety.rolling knows it."""
        return RollingRisk(self.tier, self.kind, self.peak, self.open_check)

    def rolled(self, rolling: RollingRisk) -> "CrisisState":
        """The same state with another rolling risk."""
        return self.but(tier=rolling.tier, kind=rolling.kind, peak=rolling.peak, open_check=rolling.open_check)

    def but(self, **changes: object) -> "CrisisState":
        """The same state with some fields changed."""
        return self.model_copy(update=changes)

    def open_recheck(self) -> "CrisisState":
        """Begins the structured re-check."""
        return self.rolled(advance(self.rolling, RecheckOpened()))

    def hear(self, assessment: RiskAssessment, answer: Answer) -> "CrisisState":
        """The state after a message, which may answer the question that is open."""
        check = check_of(self.awaiting)
        if check is None:
            heard = self.rolled(advance(self.rolling, Said(assessment)))
        else:
            heard = self.rolled(advance(self.rolling, Answered(check, answer, assessment)))
        if self.awaiting is None:
            return heard
        return heard.but(answers={**self.answers, self.awaiting: answer})

    @property
    def in_crisis(self) -> bool:
        """Whether the crisis conversation leads."""
        return self.rolling.in_crisis


def check_of(question: str | None) -> Check | None:
    """Which check of the re-check a question stands for."""
    if question in THOUGHTS_QUESTIONS:
        return Check.THOUGHTS
    return Check.SAFE_NOW if question in SAFE_QUESTIONS else None
