"""A circuit breaker: after some failures in a row it refuses calls at once, then lets one probe through.

Pure: the clock is passed in. Used by the clients of dependencies that may die.
"""

import time
from collections.abc import Callable
from enum import StrEnum


class BreakerState(StrEnum):
    """closed: calls pass. open: calls are refused. half_open: one probe is on its way."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Opens after `failures_max` failures in a row; tries one call again after `cooldown_s` seconds."""

    def __init__(
        self, failures_max: int = 2, cooldown_s: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.failures_max = failures_max
        self.cooldown_s = cooldown_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing_since: float | None = None

    @property
    def state(self) -> BreakerState:
        """The state now."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._probing_since is None else BreakerState.HALF_OPEN

    def allow(self) -> bool:
        """Whether a call may go out now. When half-open, only one may, until it succeeds, fails or goes stale."""
        if self._opened_at is None:
            return True
        now = self._clock()
        last = self._opened_at if self._probing_since is None else self._probing_since
        if now - last < self.cooldown_s:
            return False
        self._probing_since = now
        return True

    def succeed(self) -> None:
        """A call worked: close."""
        self._failures = 0
        self._opened_at = self._probing_since = None

    def fail(self) -> None:
        """A call failed: count it, and open when it was one too many or the probe."""
        self._failures += 1
        if self._opened_at is not None or self._failures >= self.failures_max:
            self._opened_at = self._clock()
            self._probing_since = None
