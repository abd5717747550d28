"""The calibration on ratings with a known inflation: no row of real data is needed."""

import csv
import random
from pathlib import Path

import pytest
from attune_training.errors import DataError
from attune_training.judge.calibration import (
    Pair,
    cross_validate,
    expected_with_interval,
    figures,
    fit,
    of_models,
    of_share,
    read_pairs,
    share_of_high,
)


def inflated(count: int = 3000, seed: int = 5) -> list[Pair]:
    """Experts give 4 or more to 60 %; the judge adds a point to most replies."""
    rng = random.Random(seed)
    pairs = []
    for number in range(count):
        expert = rng.choices([1, 2, 3, 4, 5], [5, 10, 25, 35, 25])[0]
        judge = min(5, expert + (rng.random() < 0.8))
        pairs.append(Pair(str(number % 300), f"system-{number % 6}", judge, expert))
    return pairs


def test_the_expected_share_lies_far_nearer_than_the_raw_one() -> None:
    pairs = inflated()
    for by in ("conversation", "responder"):
        result = cross_validate(pairs, by=by, folds=5, seed=1)
        assert result.raw_error > 0.15
        assert result.ratio < 1 / 3


def test_the_interval_holds_the_truth() -> None:
    pairs, fresh = inflated(seed=5), inflated(600, seed=6)
    estimate = expected_with_interval(pairs, [pair.judge for pair in fresh], draws=100)
    assert estimate.low <= share_of_high([pair.expert for pair in fresh]) <= estimate.high
    assert estimate.low < estimate.value < estimate.high


def test_a_score_that_was_never_seen_stays_vague() -> None:
    calibration = fit([Pair("1", "a", 5, 5)])
    assert calibration.expert_share[0] == pytest.approx(0.5)


def test_reading_keeps_pairs_and_skips_gaps(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["conversation", "responder", "rater", "empathy"])
        writer.writerows([["1", "a", "expert", "4"], ["1", "a", "judge", "5.0"], ["2", "a", "judge", "5"]])
        writer.writerows([["3", "a", "expert", ""], ["3", "a", "judge", "5"], ["4", "a", "expert", "9"]])
    assert read_pairs(path, "judge", "empathy") == [Pair("1", "a", 5, 4)]
    with pytest.raises(DataError, match="no reply that both"):
        read_pairs(path, "other", "empathy")
    with pytest.raises(DataError, match="is none of"):
        read_pairs(path, "judge", "flow")


def test_a_published_share_is_read_without_its_single_scores() -> None:
    known = of_share(inflated())
    assert known["if_high"] > known["if_low"]
    judge_share = share_of_high([pair.judge for pair in inflated()])
    expected = judge_share * known["if_high"] + (1 - judge_share) * known["if_low"]
    assert expected == pytest.approx(share_of_high([pair.expert for pair in inflated()]), abs=0.01)
    assert known["new_responder_error"] < 0.05, "all systems are inflated alike here"


def test_answers_written_by_people_are_left_out_where_models_are_read() -> None:
    unlike = [Pair(str(number), "original", 5, 1) for number in range(1000)]
    mixed = inflated() + unlike
    assert of_models(mixed) == inflated()
    assert of_share(mixed)["new_responder_error"] > 2 * of_share(of_models(mixed))["new_responder_error"]


def test_the_figures_hold_both_ways_of_leaving_out() -> None:
    found = figures(inflated())
    assert found["pairs"] == 3000
    assert found["by_conversation"]["calibrated_error"] < found["by_conversation"]["raw_error"] / 3
    assert found["by_responder"]["ratio"] < 1 / 3
