"""The generic cell rate algorithm: one number a key instead of a log of requests. Pure; times are seconds.

The number is the theoretical arrival time (TAT) of ITU-T I.371: when the quota would be whole again.
The Lua script of the Redis store computes the same; a test holds the two against each other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """`limit` requests in `window_s` seconds, all at once if they like. `name` is shown in the headers."""

    name: str
    limit: int
    window_s: float

    @property
    def interval_s(self) -> float:
        """How long one request takes to be given back."""
        return self.window_s / self.limit


@dataclass(frozen=True, slots=True)
class Tats:
    """The TAT of each quota after a decision taken at `now`. When not allowed, nothing was taken."""

    allowed: bool
    now: float
    tats: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a quota, when it is whole again, and how long one has to wait for the next request."""

    quota: Quota
    remaining: int
    reset_s: float
    wait_s: float


# Sums of many intervals drift, and Redis keeps microseconds: without the slack the last of a burst could be refused.
SLACK_S = 1e-3


def take(quotas: Sequence[Quota], tats: Sequence[float], now: float) -> Tats:
    """Takes one from every quota, or from none when one is used up. `tats` are 0 for keys never seen."""
    current = tuple(max(tat, now) for tat in tats)
    after = tuple(tat + quota.interval_s for quota, tat in zip(quotas, current, strict=True))
    allowed = all(tat - now <= quota.window_s + SLACK_S for quota, tat in zip(quotas, after, strict=True))
    return Tats(allowed, now, after if allowed else current)


def standing(quota: Quota, tat: float, now: float) -> Standing:
    """Reads a TAT."""
    used_s = max(0.0, tat - now)
    remaining = math.floor((quota.window_s - used_s + SLACK_S) / quota.interval_s)
    wait_s = max(0.0, used_s + quota.interval_s - quota.window_s) if remaining < 1 else 0.0
    return Standing(quota, max(0, remaining), used_s, wait_s)
