"""Binds the reply lint to one turn: what the person wrote, how earlier replies began, which language is due. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from attune_contracts.dialogue import TurnRole

from attune_dialogue.domain.cues import plain
from attune_dialogue.domain.gate import Lint
from attune_dialogue.domain.session import Session

PARROT_WORDS = 5
OPENING_WORDS = 3
OPENINGS_LOOKBACK = 4
ARABIC = re.compile(r"[\u0600-\u06ff]")
LETTER = re.compile(r"[^\W\d_]")
REPEATED = re.compile(r"(?<!\w)(\w+(?: \w+){0,3})(?: \1){2,}(?!\w)")
Check = Callable[[str, tuple[str, ...]], str | None]


@dataclass(frozen=True, slots=True)
class Linter:
    """`safe` is the safety library's check of one sentence in a language: a reason, or None."""

    safe: Callable[[str, str], str | None]

    def bind(self, session: Session, text: str, language: str) -> Lint:
        """The check of one turn's sentences."""
        said = runs(text)
        openings = frozenset(opening(reply) for reply in session.last_texts(TurnRole.ASSISTANT, OPENINGS_LOOKBACK))
        earlier = frozenset(plain(reply) for reply in session.last_texts(TurnRole.ASSISTANT, OPENINGS_LOOKBACK))

        def check(sentence: str, passed: tuple[str, ...]) -> str | None:
            if reason := self.safe(sentence, language):
                return reason
            folded = plain(sentence)
            if wrong_script(sentence, language):
                return "language"
            if not passed and opening(sentence) in openings:
                return "opening"
            if folded in {plain(one) for one in passed} or any(folded in reply for reply in earlier):
                return "repeated"
            if runs(sentence) & said:
                return "parroting"
            return "degenerate" if REPEATED.search(folded) else None

        return check


def runs(text: str) -> frozenset[tuple[str, ...]]:
    """Every run of PARROT_WORDS words."""
    words = plain(text).replace(",", "").split()
    return frozenset(tuple(words[index : index + PARROT_WORDS]) for index in range(len(words) - PARROT_WORDS + 1))


def opening(text: str) -> str:
    """How a reply begins."""
    return " ".join(plain(text).split()[:OPENING_WORDS])


def wrong_script(sentence: str, language: str) -> bool:
    """Whether most letters are of the other script."""
    letters = len(LETTER.findall(sentence))
    arabic = len(ARABIC.findall(sentence))
    return letters > 0 and (arabic * 2 < letters if language == "ar" else arabic * 2 > letters)
