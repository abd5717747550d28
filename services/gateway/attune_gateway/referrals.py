"""Counts of crisis referrals by tier, country and day, for regulators: no identifier, no text, nothing under ten.

A turn counts once, when a card with help lines went out. The relay notes, a task writes what was noted to the store,
and the admin route reports. While the store is away the counts wait in this process.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from attune_contracts.base import Output
from attune_contracts.risk import RiskTier
from attune_kit.errors import OperationalError

from attune_gateway.ports import ReferralStore

SUPPRESSED_BELOW = 10
FLUSH_EVERY_S = 5.0
UNKNOWN_COUNTRY = "unknown"
TIERS = (RiskTier.CHECK_IN, RiskTier.ELEVATED, RiskTier.IMMINENT)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is counted together. `country` is ISO 3166 alpha-2 or "unknown"."""

    day: date
    country: str
    tier: RiskTier

    @property
    def field(self) -> str:
        """The cell as the store names it."""
        return f"{self.day.isoformat()}|{self.country}|{self.tier.value}"

    @classmethod
    def parse(cls, field: str) -> "Cell":
        """The cell of a stored name. Raises ValueError."""
        day, country, tier = field.split("|")
        return cls(date.fromisoformat(day), country, RiskTier(tier))


class DayCount(Output):
    """One cell. `referrals` is None when it is under ten."""

    day: date
    country: str
    tier: RiskTier
    referrals: int | None


class TierTotal(Output):
    """A year's referrals of one tier: in whole tens if a cell of it is held back, None when under ten."""

    tier: RiskTier
    referrals: int | None


class ReferralReport(Output):
    """A year. `complete` is false when the store could not be read: then only this process's counts are in it."""

    year: int
    suppressed_below: int
    complete: bool
    totals: tuple[TierTotal, ...]
    days: tuple[DayCount, ...]


class Referrals:
    """Notes and writes counts. `store` is None when there is no Redis; `today` is the day in UTC."""

    def __init__(self, store: ReferralStore | None, today: Callable[[], date]) -> None:
        self._store = store
        self._today = today
        self._noted: Counter[Cell] = Counter()
        self._writing = asyncio.Lock()

    def note(self, risk: str) -> None:
        """Counts a turn by the JSON of the last card that it showed."""
        content = json.loads(risk)
        card = content.get("card") or {}
        self._noted[Cell(self._today(), card.get("country") or UNKNOWN_COUNTRY, RiskTier(content["tier"]))] += 1

    async def flush(self) -> None:
        """Writes what was noted. What cannot be written is kept for the next time."""
        if self._store is None:
            return
        async with self._writing:
            for cell, count in list(self._noted.items()):
                try:
                    await self._store.add(cell.day.year, cell.field, count)
                except OperationalError:
                    return
                self._noted[cell] -= count
                if not self._noted[cell]:
                    del self._noted[cell]

    async def flush_for_ever(self) -> None:
        """The background task."""
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            await self.flush()

    async def report(self, year: int) -> ReferralReport:
        """The counts of a year, with everything under ten held back."""
        await self.flush()
        counts, complete = Counter(self._of_year(year)), self._store is None
        if self._store is not None:
            try:
                stored = await self._store.read(year)
                counts.update({Cell.parse(field): count for field, count in stored.items()})
                complete = True
            except OperationalError:
                complete = False
        return suppressed(year, counts, complete=complete)

    def _of_year(self, year: int) -> Mapping[Cell, int]:
        return {cell: count for cell, count in self._noted.items() if cell.day.year == year}


def suppressed(year: int, counts: Mapping[Cell, int], *, complete: bool) -> ReferralReport:
    """The report. A total in whole tens cannot give away a cell that was held back by subtracting the others."""
    totals: dict[RiskTier, int] = defaultdict(int)
    hides: set[RiskTier] = set()
    days = []
    for cell in sorted(counts, key=lambda one: (one.day, one.country, one.tier.rank)):
        count = counts[cell]
        totals[cell.tier] += count
        shown = count if count >= SUPPRESSED_BELOW else None
        if shown is None:
            hides.add(cell.tier)
        days.append(DayCount(day=cell.day, country=cell.country, tier=cell.tier, referrals=shown))
    return ReferralReport(
        year=year,
        suppressed_below=SUPPRESSED_BELOW,
        complete=complete,
        totals=tuple(TierTotal(tier=tier, referrals=_total(totals[tier], rough=tier in hides)) for tier in TIERS),
        days=tuple(days),
    )


def _total(count: int, *, rough: bool) -> int | None:
    if count == 0:
        return 0
    if count < SUPPRESSED_BELOW:
        return None
    return count // 10 * 10 if rough else count


def today_utc() -> date:
    """The day that a referral counts under."""
    return datetime.now(UTC).date()
