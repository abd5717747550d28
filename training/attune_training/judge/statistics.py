"""Statistics of judging: intervals, agreement, Bradley–Terry, position and length bias. Pure numpy; no I/O.

Sources: Wilson (1927) for shares; Efron (1979) for the bootstrap; Cohen (1960, 1968) for kappa;
Hunter (2004) for the minorisation–maximisation steps of Bradley–Terry.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from math import comb, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959964
FloatArray = NDArray[np.float64]


class Estimate(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def wilson(successes: int, total: int) -> Estimate:
    """Share with its Wilson score interval. Raises ValueError for an impossible count."""
    if not 0 <= successes <= total or total == 0:
        raise ValueError(f"{successes} of {total} is no share")
    share, square = successes / total, Z_95**2
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = Z_95 / (1 + square / total) * sqrt(share * (1 - share) / total + square / (4 * total**2))
    return Estimate(share, max(0.0, centre - half), min(1.0, centre + half))


def bootstrap(
    groups: Sequence[Hashable], statistic: Callable[[NDArray[np.intp]], float], *, draws: int, seed: int
) -> Estimate:
    """Percentile interval of a statistic, drawing whole groups (conversations) with replacement.

    Args:
        groups: the conversation of each row.
        statistic: maps row indices (with repetitions) to a value.
    """
    members: dict[Hashable, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    blocks = [np.asarray(rows, dtype=np.intp) for rows in members.values()]
    rng = np.random.default_rng(seed)
    drawn = [
        statistic(np.concatenate([blocks[choice] for choice in rng.integers(len(blocks), size=len(blocks))]))
        for _ in range(draws)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(statistic(np.arange(len(groups))), float(low), float(high))


def kappa(first: Sequence[int], second: Sequence[int], *, quadratic: bool = False) -> float | None:
    """Cohen's kappa of two raters over the same items; quadratic weights for ordered scores. None without variation."""
    if len(first) != len(second) or not first:
        raise ValueError("kappa needs two ratings of each item")
    labels = sorted({*first, *second})
    place = {label: index for index, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)))
    for one, other in zip(first, second, strict=True):
        table[place[one], place[other]] += 1
    table /= table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    if quadratic:
        values = np.asarray(labels, dtype=float)
        weights = (values[:, None] - values[None, :]) ** 2
    else:
        weights = 1.0 - np.eye(len(labels))
    chance = float((weights * expected).sum())
    return None if chance == 0 else 1.0 - float((weights * table).sum()) / chance


def bradley_terry(wins: Mapping[tuple[str, str], float], *, iterations: int = 500) -> dict[str, float]:
    """Strength of each system from pairwise wins (a tie counts half for both), scaled to a mean log strength of 0.

    Half a win is added to every pair that met, so that a system without a loss keeps a finite strength.
    """
    systems = sorted({name for pair in wins for name in pair})
    place = {name: index for index, name in enumerate(systems)}
    matrix = np.zeros((len(systems), len(systems)))
    for (winner, loser), count in wins.items():
        matrix[place[winner], place[loser]] += count
    met = (matrix + matrix.T) > 0
    matrix[met] += 0.5
    games, total_wins = matrix + matrix.T, matrix.sum(axis=1)
    strength = np.ones(len(systems))
    for _ in range(iterations):
        share = games / (strength[:, None] + strength[None, :])
        strength = total_wins / share.sum(axis=1)
        strength /= np.exp(np.log(strength).mean())
    return {name: float(strength[place[name]]) for name in systems}


def binomial_p(successes: int, total: int, chance: float) -> float:
    """Two-sided exact binomial test: the probability of a count at most as likely as this one."""
    probabilities = [comb(total, k) * chance**k * (1 - chance) ** (total - k) for k in range(total + 1)]
    seen = probabilities[successes]
    return min(1.0, sum(p for p in probabilities if p <= seen * (1 + 1e-9)))


def first_slot_bias(winning_slots: Sequence[int], slots: int) -> tuple[Estimate, float]:
    """Share of wins of the first slot, and the p-value against 1/slots. Ties are left out before the call."""
    first = sum(slot == 0 for slot in winning_slots)
    return wilson(first, len(winning_slots)), binomial_p(first, len(winning_slots), 1 / slots)


def order_consistency(winners_by_item: Mapping[Hashable, Sequence[str]]) -> float:
    """Share of items whose winner is the same system in every order of the slots."""
    if not winners_by_item:
        raise ValueError("no item was judged in more than one order")
    return sum(len(set(winners)) == 1 for winners in winners_by_item.values()) / len(winners_by_item)


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rho, with mean ranks for ties. None when one side does not vary."""
    ranks = [mean_ranks(np.asarray(values, dtype=float)) for values in (first, second)]
    if min(float(np.std(rank)) for rank in ranks) == 0:
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def mean_ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1, ties sharing their mean rank."""
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1, len(values) + 1)
    for value in np.unique(values):
        same = values == value
        ranks[same] = ranks[same].mean()
    return ranks
