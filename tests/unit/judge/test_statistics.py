"""Statistics against values worked out elsewhere."""

import math
import random

import pytest
from attune_training.judge.statistics import (
    binomial_p,
    bootstrap,
    bradley_terry,
    first_slot_bias,
    kappa,
    order_consistency,
    rank_correlation,
    wilson,
)


def test_wilson_as_published() -> None:
    # 43 of 50, Wilson score interval (Newcombe 1998, method 3): 0.738 to 0.930.
    estimate = wilson(43, 50)
    assert estimate.value == pytest.approx(0.86)
    assert (estimate.low, estimate.high) == (pytest.approx(0.738, abs=5e-4), pytest.approx(0.930, abs=5e-4))
    assert wilson(0, 10).low == 0.0
    assert wilson(10, 10).high == pytest.approx(1.0)
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)


def test_kappa_of_a_textbook_table() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.70, expected 0.50, kappa 0.40.
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert kappa(first, second) == pytest.approx(0.4)
    assert kappa(first, first) == pytest.approx(1.0)
    assert kappa([1, 1], [1, 1]) is None


def test_quadratic_kappa_forgives_neighbours() -> None:
    first, near, far = [1, 2, 3, 4, 5], [2, 1, 3, 5, 4], [5, 1, 3, 2, 4]
    better, worse = (kappa(first, other, quadratic=True) for other in (near, far))
    assert better is not None
    assert worse is not None
    assert better > worse


def test_bradley_terry_recovers_the_order_and_the_odds() -> None:
    wins = {
        ("a", "b"): 600.0,
        ("b", "a"): 200.0,
        ("b", "c"): 600.0,
        ("c", "b"): 200.0,
        ("a", "c"): 900.0,
        ("c", "a"): 100.0,
    }
    strength = bradley_terry(wins)
    assert strength["a"] > strength["b"] > strength["c"]
    assert strength["a"] / strength["b"] == pytest.approx(3.0, rel=0.05)
    assert bradley_terry({("a", "b"): 10.0})["a"] < math.inf


def test_binomial_and_position_bias() -> None:
    assert binomial_p(5, 10, 0.5) == pytest.approx(1.0)
    assert binomial_p(10, 10, 0.5) == pytest.approx(2 / 1024)
    share, p = first_slot_bias([0] * 60 + [1] * 20 + [2] * 20, 3)
    assert share.value == pytest.approx(0.6)
    assert p < 0.001


def test_consistency_over_orders() -> None:
    assert order_consistency({"x": ["a", "a"], "y": ["a", "b"]}) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="no item"):
        order_consistency({})


def test_rank_correlation_with_ties() -> None:
    assert rank_correlation([1, 2, 3], [10, 20, 30]) == pytest.approx(1.0)
    assert rank_correlation([1, 2, 2, 3], [1, 2, 2, 3]) == pytest.approx(1.0)
    assert rank_correlation([1, 1], [1, 2]) is None


def test_the_bootstrap_draws_whole_conversations() -> None:
    rng = random.Random(3)
    groups = [index // 20 for index in range(400)]
    values = [float(rng.random() < 0.3 + 0.4 * (group % 2)) for group in groups]
    alone = bootstrap(list(range(400)), lambda rows: sum(values[row] for row in rows) / len(rows), draws=300, seed=1)
    grouped = bootstrap(groups, lambda rows: sum(values[row] for row in rows) / len(rows), draws=300, seed=1)
    assert grouped.low <= grouped.value <= grouped.high
    assert grouped.high - grouped.low > alone.high - alone.low, "rows of a conversation are not independent"
