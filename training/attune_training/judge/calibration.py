"""From a judge's share to the share that experts would be expected to give, learnt from MentalAlign's paired ratings.

A judge's score s says how often experts give 4 or 5 when the judge says s. Averaging that over a judge's scores gives
the expected expert share. Used by the report beside every raw figure; scores only, no text, are read.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attune_training.errors import DataError
from attune_training.judge.statistics import Estimate, bootstrap

# MentalAlign has no "advice" and no "flow"; guidance is the nearest to advice, and nothing stands for flow.
ATTRIBUTE_OF_CRITERION = {"empathy": "empathy", "understanding": "understanding", "advice": "guidance"}
ATTRIBUTES = ("empathy", "understanding", "guidance", "helpfulness", "safety", "relevance", "informativeness")
HIGH = 4
# The answers that people had written. Experts gave far fewer of them a 4 or 5 than of any model's, the judge hardly.
WRITTEN_BY_PEOPLE = "original"
# Half an observation at one half for each score: a score that was never seen together with an expert stays vague.
PRIOR_HIGH, PRIOR_TOTAL = 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Pair:
    """One reply rated by the judge and by an expert, on one attribute, both from 1 to 5."""

    conversation: str
    responder: str
    judge: int
    expert: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Share of experts giving 4 or 5, for each score of the judge."""

    expert_share: tuple[float, float, float, float, float]

    def expected_share(self, judge_scores: Sequence[int]) -> float:
        """The expert share to expect for replies that the judge scored so."""
        return float(np.mean([self.expert_share[score - 1] for score in judge_scores]))


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Mean absolute error of the expected share and of the raw share, over held-out groups."""

    held_out: str
    groups: int
    calibrated_error: float
    raw_error: float

    @property
    def ratio(self) -> float:
        """Calibrated error as a share of the raw error."""
        return self.calibrated_error / self.raw_error if self.raw_error else float("inf")


def read_pairs(path: Path, judge: str, attribute: str) -> list[Pair]:
    """Pairs of one judge with the experts. Rows with a missing score are left out. Raises DataError."""
    if attribute not in ATTRIBUTES:
        raise DataError(f"{attribute!r} is none of {', '.join(ATTRIBUTES)}")
    scores: dict[tuple[str, str], dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["rater"] in {judge, "expert"} and (score := read_score(row[attribute])) is not None:
                scores.setdefault((row["conversation"], row["responder"]), {})[row["rater"]] = score
    pairs = [
        Pair(conversation, responder, found[judge], found["expert"])
        for (conversation, responder), found in scores.items()
        if len(found) == 2
    ]
    if not pairs:
        raise DataError(f"{path} holds no reply that both {judge!r} and an expert rated")
    return pairs


def of_models(pairs: Iterable[Pair]) -> list[Pair]:
    """Pairs on a model's replies: what a share of another model's replies is read by."""
    return [pair for pair in pairs if pair.responder != WRITTEN_BY_PEOPLE]


def read_score(text: str | None) -> int | None:
    """1 to 5, or None for a missing or impossible score."""
    try:
        score = int(float(text or ""))
    except ValueError:
        return None
    return score if 1 <= score <= 5 else None


def fit(pairs: Iterable[Pair]) -> Calibration:
    """Counts, for each judge score, how often experts gave 4 or 5."""
    high, total = np.full(5, PRIOR_HIGH), np.full(5, PRIOR_TOTAL)
    for pair in pairs:
        total[pair.judge - 1] += 1
        high[pair.judge - 1] += pair.expert >= HIGH
    one, two, three, four, five = (high / total).tolist()
    return Calibration((one, two, three, four, five))


def share_of_high(scores: Sequence[int]) -> float:
    """Share of 4 and 5."""
    return float(np.mean([score >= HIGH for score in scores]))


def cross_validate(pairs: Sequence[Pair], *, by: str, folds: int, seed: int) -> CrossValidation:
    """Error on groups that the calibration did not see: folds of conversations, or one responder at a time.

    Args:
        by: "conversation" (random folds) or "responder" (each left out in turn, `folds` is not used).
    """
    names = sorted({getattr(pair, by) for pair in pairs})
    if by == "conversation":
        np.random.default_rng(seed).shuffle(names)
        groups = [set(names[start::folds]) for start in range(folds)]
    else:
        groups = [{name} for name in names]
    calibrated, raw = [], []
    for group in groups:
        inside = [pair for pair in pairs if getattr(pair, by) in group]
        calibration = fit(pair for pair in pairs if getattr(pair, by) not in group)
        truth = share_of_high([pair.expert for pair in inside])
        judged = [pair.judge for pair in inside]
        calibrated.append(abs(calibration.expected_share(judged) - truth))
        raw.append(abs(share_of_high(judged) - truth))
    return CrossValidation(by, len(groups), float(np.mean(calibrated)), float(np.mean(raw)))


def expected_with_interval(
    pairs: Sequence[Pair], judge_scores: Sequence[int], *, draws: int = 500, seed: int = 0
) -> Estimate:
    """Expected expert share for a new set of judge scores, with a 95 % interval.

    The interval covers what is not known about a responder that MentalAlign never saw: the calibration is refitted on
    bootstrapped responders, which dominates the noise of conversations (leaving a responder out errs ten times more).
    """
    counts = np.bincount(judge_scores, minlength=6)[1:] / len(judge_scores)

    def expected(rows: NDArray[np.intp]) -> float:
        return float(counts @ np.asarray(fit(pairs[row] for row in rows).expert_share))

    inner = bootstrap([pair.responder for pair in pairs], expected, draws=draws, seed=seed)
    spread = 1.96 * leave_one_out_spread(pairs)
    return Estimate(inner.value, max(0.0, min(inner.low, inner.value - spread)), min(1.0, inner.value + spread))


def figures(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Shares of both, what each score means, and the raw and calibrated error on groups that were held out."""
    checks = [cross_validate(pairs, by=by, folds=10, seed=0) for by in ("conversation", "responder")]
    return {
        "pairs": len(pairs),
        "judge_share": share_of_high([pair.judge for pair in pairs]),
        "expert_share": share_of_high([pair.expert for pair in pairs]),
        "expert_share_by_score": fit(pairs).expert_share,
        "of_share": of_share(pairs),
        **{
            f"by_{check.held_out}": {
                "raw_error": check.raw_error,
                "calibrated_error": check.calibrated_error,
                "ratio": check.ratio,
            }
            for check in checks
        },
    }


def of_share(pairs: Sequence[Pair]) -> dict[str, float]:
    """What is needed to read a share of 4 and 5 whose single scores nobody published, as the paper's.

    Experts' share where the judge gave 4 or 5, where it gave less, and the error on a responder that was left out.
    """
    collapsed = [replace(pair, judge=5 if pair.judge >= HIGH else 1) for pair in pairs]
    low, *_, high = fit(collapsed).expert_share
    return {"if_high": high, "if_low": low, "new_responder_error": leave_one_out_spread(collapsed)}


def leave_one_out_spread(pairs: Sequence[Pair]) -> float:
    """Root mean square error of the expected share over responders that were left out, each in turn."""
    errors = []
    for responder in sorted({pair.responder for pair in pairs}):
        inside = [pair for pair in pairs if pair.responder == responder]
        calibration = fit(pair for pair in pairs if pair.responder != responder)
        expected = calibration.expected_share([pair.judge for pair in inside])
        errors.append(expected - share_of_high([pair.expert for pair in inside]))
    return float(np.sqrt(np.mean(np.square(errors))))
