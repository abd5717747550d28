"""The gate: a new adapter serves only if it is no worse than the old one on the held-back prompts. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from attune_training.sft.compare import Comparison, Reading

FIRST_SENTENCE_MIN = 0.90
FIRST_SENTENCE_LOSS_MAX = 0.02
WHOLE_REPLY_LOSS_MAX = 0.05
PARROTING_RISE_MAX = 0.05
PERPLEXITY_RISE_MAX = 0.05
WORDS_MAX = 50.0


class Verdict(NamedTuple):
    """`reasons` is empty when the adapter may be promoted."""

    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


def judge(new: Comparison, old: Comparison | None) -> Verdict:
    """Compares two adapters on the same prompts; without an old one only the absolute limits hold."""
    reading = new.readings()["adapter"]
    reasons = absolute(reading)
    if old is not None:
        reasons += relative(reading, old.readings()["adapter"])
        rise = new.perplexity[1] / old.perplexity[1] - 1
        if rise > PERPLEXITY_RISE_MAX:
            reasons.append(f"perplexity rose by {rise:.1%}, {PERPLEXITY_RISE_MAX:.0%} is allowed")
    return Verdict(tuple(reasons))


def absolute(new: Reading) -> list[str]:
    """Limits that hold for any adapter."""
    reasons = []
    if new.first_sentence_pass.share < FIRST_SENTENCE_MIN:
        reasons.append(
            f"{new.first_sentence_pass} of first sentences pass the linter, {FIRST_SENTENCE_MIN:.0%} are needed"
        )
    if new.words_mean > WORDS_MAX:
        reasons.append(f"replies have {new.words_mean:.0f} words on average, {WORDS_MAX:.0f} are allowed")
    return reasons


def relative(new: Reading, old: Reading) -> list[str]:
    """What must not get worse, each with its tolerance."""
    limits: Mapping[str, tuple[float, float, float]] = {
        "first sentences that pass the linter": (
            old.first_sentence_pass.share, new.first_sentence_pass.share, FIRST_SENTENCE_LOSS_MAX),
        "whole replies that pass": (old.whole_reply_pass.share, new.whole_reply_pass.share, WHOLE_REPLY_LOSS_MAX),
        "replies that do not parrot": (1 - old.parroting, 1 - new.parroting, PARROTING_RISE_MAX),
    }  # fmt: skip
    return [
        f"{name}: {before:.1%} before, {after:.1%} now; a loss of {allowed:.0%} is allowed"
        for name, (before, after, allowed) in limits.items()
        if after < before - allowed
    ]
