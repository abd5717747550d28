"""Chooses the reply among authored ones and a small model's drafts. Pure; the scores come from the fit reader."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attune_contracts.dialogue import ReplySource

# A template suits every message a little, so it must be clearly nearer than a reply that was written for the situation;
# less clearly where the situation is not plain, because that reply would often be about something else.
TEMPLATE_BEHIND_SURE, TEMPLATE_BEHIND = 0.25, 0.07
# Where something written is this near, no draft has ever been better, and drafting would only cost time.
NEAR_ENOUGH = 0.6
# A draft of a small model is fluent more often than it is right: it must be clearly better than the best authored one,
# and without an authored one it must be good by itself.
DRAFT_AHEAD = 0.15
DRAFT_ALONE = 0.9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reply's sentences, each passed by the lint, where they came from, and questions of which one may follow.

    It is out of the question below `fit_min`.
    """

    sentences: tuple[str, ...]
    source: ReplySource
    asks: tuple[str, ...] = ()
    fit_min: float = 0.0

    @property
    def text(self) -> str:
        """The sentences as one text."""
        return " ".join(self.sentences)

    def asking(self, question: str) -> "Candidate":
        """The same with a question after it."""
        return replace(self, sentences=(*self.sentences, question))


def choose(candidates: Sequence[Candidate], scores: Sequence[float], *, sure: bool = False) -> Candidate | None:
    """The best written candidate, unless a draft is clearly better; None when nothing is good enough."""
    behind = TEMPLATE_BEHIND_SURE if sure else TEMPLATE_BEHIND
    weighed = [
        (score - behind * (one.source is ReplySource.TEMPLATE), one)
        for score, one in zip(scores, candidates, strict=True)
        if score >= one.fit_min
    ]
    ranked = sorted(weighed, key=lambda pair: pair[0], reverse=True)
    written = next((pair for pair in ranked if pair[1].source is not ReplySource.MODEL), None)
    draft = next((pair for pair in ranked if pair[1].source is ReplySource.MODEL), None)
    if draft is not None and draft[0] >= (DRAFT_ALONE if written is None else written[0] + DRAFT_AHEAD):
        return draft[1]
    return None if written is None else written[1]
