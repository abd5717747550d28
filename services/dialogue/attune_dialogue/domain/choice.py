"""Chooses the reply among authored ones and a small model's drafts. Pure; the scores come from the fit reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from attune_contracts.dialogue import ReplySource

# A draft of a small model is fluent more often than it is right: it must be clearly better than the best authored one,
# and without an authored one it must be good by itself.
DRAFT_AHEAD = 0.15
DRAFT_ALONE = 0.9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reply's sentences, each passed by the lint, and where they came from. `open`: a question may follow it."""

    sentences: tuple[str, ...]
    source: ReplySource
    open: bool = False

    @property
    def text(self) -> str:
        """The sentences as one text."""
        return " ".join(self.sentences)

    def asking(self, question: str) -> "Candidate":
        """The same with a question after it."""
        return Candidate((*self.sentences, question), self.source)


def best_of(texts: Sequence[str], scores: Sequence[float]) -> str:
    """The text with the highest score."""
    return max(zip(scores, texts, strict=True))[1]


def choose(candidates: Sequence[Candidate], scores: Sequence[float]) -> Candidate | None:
    """The best authored candidate, unless a draft is clearly better; None when nothing is good enough."""
    ranked = sorted(zip(scores, range(len(candidates)), strict=True), key=lambda pair: (-pair[0], pair[1]))
    authored = next((pair for pair in ranked if candidates[pair[1]].source is not ReplySource.MODEL), None)
    draft = next((pair for pair in ranked if candidates[pair[1]].source is ReplySource.MODEL), None)
    if draft is not None and draft[0] >= (DRAFT_ALONE if authored is None else authored[0] + DRAFT_AHEAD):
        return candidates[draft[1]]
    return None if authored is None else candidates[authored[1]]
