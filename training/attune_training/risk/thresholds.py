"""Chooses the probabilities at which the head may raise a tier, from text it was not fitted on. Called by `study`."""

from dataclasses import dataclass

import numpy as np
from attune_contracts.risk import RiskTier
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Numbers = NDArray[np.float64]

# A share of ordinary text that may be raised to check_in although the rules saw nothing: one gentle question. Our own
# everyday messages come closest to what people write here. A vote at 2 % of public sets once asked 14 % of our prompts,
# and one at 1.5 % of these asked somebody who checks the stove again and again.
EVERYDAY_CHECK_IN_SHARE_MAX = 0.003
CHECK_IN_SHARE_MAX = 0.0075
ELEVATED_SHARE_MAX = 0.0
# Our own look-alikes are chosen to be hard, so they allow more.
CHECK_IN_LOOK_ALIKES_MAX = 0.10
ELEVATED_LOOK_ALIKES_MAX = 0.0
# The head alone never sends help to the door: no probability reaches this.
NEVER = 1.01


@dataclass(frozen=True, slots=True)
class Quiet:
    """Texts without risk that the head has not learned from: logits, and the tier that the rules gave."""

    name: str
    logits: Numbers
    rules: tuple[RiskTier, ...]

    def raisable(self, below: RiskTier) -> Bools:
        """Which texts the rules left under `below`, so that a vote for it would be the head's own doing."""
        return np.array([tier.rank < below.rank for tier in self.rules])


def raised_share(quiet: Quiet, logit: float, tier: RiskTier) -> float:
    """The share of all its texts that a threshold would raise to `tier`."""
    return float((quiet.raisable(tier) & (quiet.logits >= logit)).mean())


def least_logit(quiet: Quiet, tier: RiskTier, share_max: float) -> float:
    """The lowest threshold under which at most `share_max` of the texts is raised to `tier`."""
    ordered = np.sort(quiet.logits[quiet.raisable(tier)])[::-1]
    allowed = int(share_max * len(quiet.logits))
    if allowed >= len(ordered):
        return float(ordered[-1]) if len(ordered) else 0.0
    # Just above the first text that would be one too many.
    return float(np.nextafter(ordered[allowed], np.inf))


def choose(everyday: Quiet, english: Quiet, others: Quiet, look_alikes: Quiet) -> tuple[float, float]:
    """(check_in, elevated) as logits: the strictest of the four budgets each, elevated never below check_in."""
    check_in = max(
        least_logit(everyday, RiskTier.CHECK_IN, EVERYDAY_CHECK_IN_SHARE_MAX),
        *(least_logit(quiet, RiskTier.CHECK_IN, CHECK_IN_SHARE_MAX) for quiet in (english, others)),
        least_logit(look_alikes, RiskTier.CHECK_IN, CHECK_IN_LOOK_ALIKES_MAX),
    )
    elevated = max(
        *(least_logit(quiet, RiskTier.ELEVATED, ELEVATED_SHARE_MAX) for quiet in (everyday, english, others)),
        least_logit(look_alikes, RiskTier.ELEVATED, ELEVATED_LOOK_ALIKES_MAX),
    )
    return check_in, max(check_in, elevated)


def temperature(logits: Numbers, risky: Bools) -> float:
    """The temperature under which the probabilities of unseen rows fit best (log-likelihood, both classes even)."""
    signs = np.where(risky, 1.0, -1.0)
    weights = np.where(risky, 0.5 / risky.sum(), 0.5 / (~risky).sum())
    grid = np.geomspace(0.3, 5.0, 60)
    losses = [float((weights * np.logaddexp(0.0, -signs * logits / value)).sum()) for value in grid]
    return round(float(grid[int(np.argmin(losses))]), 4)
