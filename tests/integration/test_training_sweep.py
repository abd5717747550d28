"""The sweep through its two real engines on the random Qwen2: resume, a diverged trial, two Ray nodes. Needs torch."""

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the training environment is not installed")
pytest.importorskip("optuna")

from attune_training.sweep.grid import Grid, SweepConfig, winner
from attune_training.sweep.optuna_engine import run_sweep
from attune_training.sweep.report import write

pytestmark = [pytest.mark.training, pytest.mark.timeout(600), pytest.mark.filterwarnings("default")]


@pytest.fixture
def sweep(tmp_path):
    """Three learning rates, the last of which cannot but diverge."""
    rows = tmp_path / "rows.jsonl"
    with rows.open("w") as file:
        for index in range(40):
            row = {"id": f"s-{index}", "move": "reflect", "emotion": "sad", "history": [], "language": "en"}
            file.write(json.dumps({**row, "user": f"it is about thing {index}", "reply": "That weighs on you."}) + "\n")
    return SweepConfig(
        name="test",
        base=Path("training/configs/sft/qwen2-smoke.toml"),
        pruning="none",
        reduction_factor=3,
        evaluations_min=1,
        overrides={"data.files": [str(rows)], "arguments.max_steps": 4, "arguments.warmup_steps": 0},
        grid=Grid(
            learning_rate=(1e-5, 2e-3, 1e30),
            per_device_train_batch_size=(2,),
            gradient_accumulation_steps=(1,),
            rank=(8,),
        ),
    )


def test_optuna_resumes_its_study_and_records_the_diverged_trial(sweep, tmp_path):
    first = run_sweep(sweep, tmp_path / "sweep", Path(), trials=1)
    assert len(first) == 1
    results = run_sweep(sweep, tmp_path / "sweep", Path(), trials=None)
    assert len(results) == 3
    assert results[0] == first[0]
    statuses = {result.overrides["arguments.learning_rate"]: result.status for result in results}
    assert statuses == {1e-5: "finished", 2e-3: "finished", 1e30: "diverged"}
    assert winner(results).overrides["arguments.learning_rate"] == 2e-3
    page = write(sweep, results, tmp_path / "sweep").read_text()
    assert "3 trials: 2 finished, 0 pruned, 1 diverged." in page


def test_ray_runs_the_grid_on_two_nodes(sweep, tmp_path):
    pytest.importorskip("ray.tune")
    from attune_training.sweep import ray_engine

    results = ray_engine.run_sweep(sweep, tmp_path / "sweep", Path(), None, nodes=2, address=None)
    assert [result.number for result in results] == [0, 1, 2]
    assert sorted(result.status for result in results) == ["diverged", "finished", "finished"]
