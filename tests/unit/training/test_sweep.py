"""The grid, convergence and the choice of a winner."""

from pathlib import Path

import pytest
from attune_training.errors import ConfigError
from attune_training.sft.config import load_sft_config
from attune_training.sweep.grid import Result, examples_to_converge, load_sweep_config, points, space, winner
from attune_training.sweep.report import report

CONFIGS = sorted(Path("training/configs/sweep").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_point_of_a_committed_sweep_is_a_valid_configuration(path):
    sweep = load_sweep_config(path)
    found = list(points(sweep.grid))
    assert len(found) == 81 == len({tuple(sorted(point.items())) for point in found})
    for point in found:
        config = load_sft_config(sweep.base, {**sweep.overrides, **point})
        assert config.lora.alpha == 2 * config.lora.rank


def test_the_papers_grid_and_choice():
    grid = load_sweep_config(Path("training/configs/sweep/paper.toml")).grid
    assert space(grid) == {
        "arguments.learning_rate": [1e-5, 2e-4, 5e-4],
        "arguments.per_device_train_batch_size": [1, 2, 4],
        "arguments.gradient_accumulation_steps": [2, 4, 8],
        "lora.rank": [8, 16, 32],
    }


def test_a_typo_is_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text(CONFIGS[0].read_text().replace("rank", "ranks"))
    with pytest.raises(ConfigError):
        load_sweep_config(path)


def test_convergence_is_counted_in_examples():
    curve = [(300, 0.97), (600, 0.905), (900, 0.90), (1200, 0.91)]
    assert examples_to_converge(curve, 8) == 600 * 8
    assert examples_to_converge([], 8) is None


def result(number, status="finished", loss=1.0, examples=100):
    overrides = {
        "arguments.learning_rate": 2e-4, "arguments.per_device_train_batch_size": 2,
        "arguments.gradient_accumulation_steps": 4, "lora.rank": 16, "lora.alpha": 32,
    }  # fmt: skip
    return Result(
        number=number, overrides=overrides, status=status, loss=loss, examples_to_converge=examples, seconds=1.0
    )


@pytest.mark.parametrize(
    ("results", "number"),
    [
        ([result(0, loss=0.9), result(1, loss=0.8)], 1),
        ([result(0, loss=0.800, examples=900), result(1, loss=0.802, examples=300)], 1),  # a tie: the faster one
        ([result(0, loss=0.80, examples=900), result(1, loss=0.85, examples=300)], 0),  # no tie
        ([result(0, loss=0.9), result(1, status="pruned", loss=0.7), result(2, status="diverged", loss=None)], 0),
    ],
)
def test_the_winner(results, number):
    assert winner(results).number == number


def test_without_a_finished_trial_there_is_no_winner():
    assert winner([result(0, status="diverged", loss=None)]) is None


def test_the_report_lists_every_trial_also_the_diverged():
    sweep = load_sweep_config(CONFIGS[0])
    page = report(sweep, [result(3), result(7, status="diverged", loss=None)])
    assert "2 trials: 1 finished, 0 pruned, 1 diverged." in page
    assert "Winner: trial 3" in page
    assert "| 7 | 0.0002 | 2 | 4 | 16 | diverged | – |" in page
