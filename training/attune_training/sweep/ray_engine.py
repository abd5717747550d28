"""The sweep on several machines: Ray Tune with ASHA. `nodes` > 1 starts that many local nodes to prove the path."""

import os
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.cluster_utils import Cluster
from ray.tune.schedulers import ASHAScheduler, FIFOScheduler

from attune_training.sweep.grid import Result, SweepConfig, points
from attune_training.sweep.trial import run_trial


def run_sweep(
    sweep: SweepConfig, folder: Path, root: Path, trials: int | None, *, nodes: int, address: str | None
) -> list[Result]:
    """Runs the grid (its first `trials` points) on the cluster at `address`, or on `nodes` local ones."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    cluster = None if address else local_cluster(nodes)
    ray.init(address=address or (cluster.address if cluster else None), log_to_driver=False)
    folder, root = folder.resolve(), root.resolve()
    chosen = list(enumerate(points(sweep.grid)))[:trials]

    def trainable(parameters: dict[str, Any]) -> None:
        number, overrides = parameters["point"]

        def report(evaluation: int, loss: float) -> bool:
            tune.report({"loss": loss, "evaluation": evaluation})
            return False  # Ray ends a trial itself

        os.chdir(root)
        result = run_trial(sweep, number, overrides, folder=folder, root=root, report=report)
        tune.report(
            {
                "loss": result.loss,
                "evaluation": -1,
                "result": result.model_dump_json(),
                "node": ray.get_runtime_context().get_node_id(),
            }
        )

    halving = ASHAScheduler(time_attr="evaluation", metric="loss", mode="min", grace_period=sweep.evaluations_min,
                            reduction_factor=max(2, sweep.reduction_factor))  # fmt: skip
    tuner = tune.Tuner(
        tune.with_resources(trainable, {"cpu": 1}),
        param_space={"point": tune.grid_search(chosen)},
        tune_config=tune.TuneConfig(scheduler=halving if sweep.pruning == "halving" else FIFOScheduler()),
        run_config=tune.RunConfig(name=sweep.name, storage_path=str(folder / "ray"), verbose=0),
    )
    try:
        grid = tuner.fit()
        rows = [row.metrics or {} for row in grid]
    finally:
        ray.shutdown()
        if cluster:
            cluster.shutdown()
    return sorted((result_of(row) for row in rows if row), key=lambda result: result.number)


def local_cluster(nodes: int) -> Cluster:
    """A head and workers on this machine, one CPU each."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    for _ in range(nodes - 1):
        cluster.add_node(num_cpus=1)
    return cluster


def result_of(row: dict[str, Any]) -> Result:
    """A finished trial's own result, or what ASHA left of one that it stopped."""
    if "result" in row:
        return Result.model_validate_json(row["result"])
    number, overrides = row["config"]["point"]
    seconds = round(row["time_total_s"], 1)
    return Result(
        number=number,
        overrides=overrides,
        status="pruned",
        loss=row["loss"],
        examples_to_converge=None,
        seconds=seconds,
    )
