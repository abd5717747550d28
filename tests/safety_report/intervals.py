"""Shares with their Wilson intervals. Used by every table of the report."""

import math
from dataclasses import dataclass

_Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `total`."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share, 0 when there is nothing to share."""
        return self.hits / self.total if self.total else 0.0

    @property
    def wilson(self) -> tuple[float, float]:
        """The 95 % Wilson score interval (Wilson 1927), which stays inside 0..1 and is honest for few cases."""
        if not self.total:
            return 0.0, 1.0
        share, count = self.value, self.total
        middle = share + _Z_95**2 / (2 * count)
        half = _Z_95 * math.sqrt(share * (1 - share) / count + _Z_95**2 / (4 * count**2))
        scale = 1 + _Z_95**2 / count
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)

    def __str__(self) -> str:
        if not self.total:
            return "–"
        low, high = self.wilson
        return f"{self.hits}/{self.total} {self.value:.3f} [{low:.3f}, {high:.3f}]"


def share(outcomes: list[bool]) -> Share:
    """How many of the outcomes hold."""
    return Share(sum(outcomes), len(outcomes))
