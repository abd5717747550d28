"""Decides sentence by sentence what of a model's stream a person sees. Pure; fed by speech.py."""

from collections.abc import Callable
from dataclasses import dataclass, field

from attune_dialogue.domain.sentences import is_question, is_whole

Lint = Callable[[str, tuple[str, ...]], str | None]
REPLY_WORDS_MAX = 60


@dataclass(slots=True)
class Gate:
    """Counts what has passed. `lint` answers a reason for a sentence that must not be seen, or None.

    Its second argument is what already passed in this reply.
    """

    lint: Lint
    sentences_max: int
    may_ask: bool
    passed: list[str] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether enough was said: the sentences are used up, or the last one asked."""
        return len(self.passed) >= self.sentences_max or bool(self.passed and is_question(self.passed[-1]))

    def judge(self, sentence: str) -> str | None:
        """Takes a sentence, or gives the reason for which it must not be seen."""
        if not is_whole(sentence):
            return "unfinished"
        if is_question(sentence) and not self.may_ask:
            return "question"
        words = len(sentence.split()) + sum(len(one.split()) for one in self.passed)
        if words > REPLY_WORDS_MAX:
            return "too_long"
        reason = self.lint(sentence, tuple(self.passed))
        if reason is None:
            self.passed.append(sentence)
        return reason
