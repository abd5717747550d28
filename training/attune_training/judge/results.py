"""From a journal's verdicts to figures with intervals. Called by the judge's commands and by the report.

Everything is a plain dict, so that results.json is what the report reads, here or on another machine.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attune_training.judge.calibration import ATTRIBUTE_OF_CRITERION, HIGH, Pair, expected_with_interval
from attune_training.judge.statistics import (
    Estimate,
    bootstrap,
    bradley_terry,
    first_slot_bias,
    order_consistency,
    rank_correlation,
    wilson,
)
from attune_training.judge.tasks import CRITERIA, SLOTS, TIE

DRAWS = 1000
Line = Mapping[str, Any]


def pointwise(lines: Sequence[Line], pairs: Mapping[str, Sequence[Pair]]) -> dict[str, Any]:
    """Table II: the share of 4 and 5, for each system and criterion. `pairs` calibrate a criterion where they exist."""
    systems: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        systems[line["system"]].append(line)
    return {name: of_system(rows, pairs) for name, rows in systems.items()}


def of_system(rows: Sequence[Line], pairs: Mapping[str, Sequence[Pair]]) -> dict[str, Any]:
    """The figures of one system; unscored replies are counted and have no score."""
    scored = [row for row in rows if "verdict" in row]
    found: dict[str, Any] = {
        "replies": len(rows),
        "scored": len(scored),
        "unscored": dict(Counter(row["unscored"] for row in rows if "unscored" in row)),
        "mean_words": float(np.mean([row["words"] for row in rows])),
        "criteria": {},
    }
    if not scored:
        return found
    for criterion in CRITERIA:
        scores = [int(row["verdict"]["scores"][criterion]) for row in scored]
        high = np.array([score >= HIGH for score in scores])
        share = bootstrap([row["id"] for row in scored], lambda index, high=high: float(high[index].mean()), **SEEDED)
        figures = {
            "share_high": share._asdict(),
            "mean": float(np.mean(scores)),
            "distribution": [scores.count(value) for value in range(1, 6)],
            "words_correlation": rank_correlation([float(row["words"]) for row in scored], [float(s) for s in scores]),
        }
        if criterion in pairs:
            figures["expected_expert_share"] = expected_with_interval(pairs[criterion], scores)._asdict()
        found["criteria"][criterion] = figures
    found["overall"] = float(np.mean([found["criteria"][c]["share_high"]["value"] for c in CRITERIA]))
    return found


SEEDED = {"draws": DRAWS, "seed": 0}


def three_way(lines: Sequence[Line]) -> dict[str, Any]:
    """Wins, strengths and the judge's own biases over all orders."""
    scored = [line for line in lines if "verdict" in line]
    found: dict[str, Any] = {
        "comparisons": len(lines),
        "scored": len(scored),
        "unscored": dict(Counter(line["unscored"] for line in lines if "unscored" in line)),
    }
    if not scored:
        return found
    winners = [winner_of(line, line["verdict"]["winner"]) for line in scored]
    systems = sorted({name for line in scored for name in line["systems"]})
    decided = [(line, winner) for line, winner in zip(scored, winners, strict=True) if winner != TIE]
    slots = [line["systems"].index(winner) for line, winner in decided]
    by_item: dict[str, list[str]] = defaultdict(list)
    for line, winner in zip(scored, winners, strict=True):
        by_item[line["id"]].append(winner)
    whole = {key: names for key, names in by_item.items() if len(names) > 1}
    found |= {
        "wins": {name: winners.count(name) for name in (*systems, TIE)},
        "win_share": {name: share_by_item(scored, winners, name)._asdict() for name in systems},
        "strength": bradley_terry(pairwise(scored, winners)),
        "by_criterion": {c: criterion_wins(scored, c, systems) for c in CRITERIA},
        "order_consistency": order_consistency(whole) if whole else None,
        "slots": [slots.count(slot) for slot in range(3)],
    }
    if decided:
        share, p_value = first_slot_bias(slots, 3)
        longest = sum(line["words"][slot] == max(line["words"]) for (line, _), slot in zip(decided, slots, strict=True))
        found |= {
            "first_slot": {**share._asdict(), "p": p_value},
            "longest_wins": wilson(longest, len(decided))._asdict(),
        }
    return found


def winner_of(line: Line, slot: str) -> str:
    """The system behind a slot, or a tie."""
    return TIE if slot == TIE else str(line["systems"][SLOTS.index(slot)])


def criterion_wins(lines: Sequence[Line], criterion: str, systems: Sequence[str]) -> dict[str, int]:
    """Wins of each system on one criterion."""
    found = [winner_of(line, line["verdict"]["by_criterion"][criterion]) for line in lines]
    return {name: found.count(name) for name in (*systems, TIE)}


def share_by_item(lines: Sequence[Line], winners: Sequence[str], name: str) -> Estimate:
    """Share of comparisons that a system wins, a tie counting a third, drawn by prompt or person."""
    worth = np.array([1.0 if winner == name else 1 / 3 if winner == TIE else 0.0 for winner in winners])
    return bootstrap([line["id"] for line in lines], lambda index: float(worth[index].mean()), **SEEDED)


def pairwise(lines: Sequence[Line], winners: Sequence[str]) -> dict[tuple[str, str], float]:
    """A win beats both others; a tie is half a win between each two."""
    wins: dict[tuple[str, str], float] = defaultdict(float)
    for line, winner in zip(lines, winners, strict=True):
        for one in line["systems"]:
            for other in line["systems"]:
                if one != other and winner in (one, TIE):
                    wins[one, other] += 0.5 if winner == TIE else 1.0
    return dict(wins)


def criterion_pairs(read: Any, judge_rater: str) -> dict[str, list[Pair]]:
    """MentalAlign's pairs for each criterion that has an attribute there. `read(rater, attribute)` reads them."""
    return {criterion: read(judge_rater, attribute) for criterion, attribute in ATTRIBUTE_OF_CRITERION.items()}
