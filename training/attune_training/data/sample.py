"""Stratified sampling: how many rows each stratum gives, and which. Pure."""

from collections.abc import Mapping, Sequence

# Turns of a conversation: one exchange, a short talk, a longer one, a session.
LENGTH_BUCKETS = ((2, "2"), (4, "3-4"), (8, "5-8"), (16, "9-16"))


def length_bucket(turns: int) -> str:
    """The length class of a conversation of `turns` turns."""
    return next((name for limit, name in LENGTH_BUCKETS if turns <= limit), "17+")


def allocate(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """Rows from each stratum, proportional to its size, by largest remainder; one at least where `total` allows it."""
    available = sum(sizes.values())
    if total >= available:
        return dict(sizes)
    exact = {name: size * total / available for name, size in sizes.items()}
    given = {name: int(share) for name, share in exact.items()}
    if total >= len(sizes):
        given = {name: max(1, count) for name, count in given.items()}
    by_remainder = sorted(sizes, key=lambda name: (given[name] - exact[name], name))
    while (missing := total - sum(given.values())) != 0:
        # A stratum that got its one row for free gives back nothing; the most favoured large one does.
        order = by_remainder if missing > 0 else [name for name in reversed(by_remainder) if given[name] > 1]
        for name in order[: abs(missing)]:
            given[name] += 1 if missing > 0 else -1
    return given


def choose(strata: Sequence[str], order: Sequence[float], allocation: Mapping[str, int]) -> list[int]:
    """Indices of the chosen rows, ascending: in each stratum those with the lowest `order`."""
    members: dict[str, list[int]] = {}
    for index, name in enumerate(strata):
        members.setdefault(name, []).append(index)
    chosen = [
        index
        for name, indices in members.items()
        for index in sorted(indices, key=lambda i: (order[i], i))[: allocation.get(name, 0)]
    ]
    return sorted(chosen)


def imbalance(counts: Mapping[str, int]) -> float:
    """Largest class over smallest."""
    known = [count for name, count in counts.items() if name != "unknown"]
    return max(known) / min(known) if len(known) > 1 else 1.0
