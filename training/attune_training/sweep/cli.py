"""Command `sweep`."""

import argparse
import json
from pathlib import Path


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    sweep = subparsers.add_parser("sweep", help="grid search with successive halving (Optuna, or Ray on several nodes)")
    sweep.add_argument("config", type=Path, help="a file of training/configs/sweep")
    sweep.add_argument("--folder", type=Path, help="study, trials and report (default: training/runs/sweep/NAME)")
    sweep.add_argument("--root", type=Path, default=Path(), help="folder that data.files are relative to")
    sweep.add_argument("--trials", type=int, help="run at most so many more points")
    sweep.add_argument("--engine", choices=["optuna", "ray"], default="optuna")
    sweep.add_argument("--nodes", type=int, default=2, help="local nodes of a Ray cluster started for this sweep")
    sweep.add_argument("--address", help="a running Ray cluster")
    sweep.add_argument("--full-grid", action="store_true", help="no pruning")
    sweep.add_argument("--dry-run", action="store_true", help="list the points")
    sweep.set_defaults(run=run_sweep)


def run_sweep(arguments: argparse.Namespace) -> None:
    """Runs or resumes a sweep and writes its report."""
    from attune_training.sweep.grid import load_sweep_config, points  # noqa: PLC0415 - keeps `--help` quick

    sweep = load_sweep_config(arguments.config)
    if arguments.full_grid:
        sweep = sweep.model_copy(update={"pruning": "none"})
    if arguments.dry_run:
        print("\n".join(json.dumps(point) for point in points(sweep.grid)))
        return
    folder = arguments.folder or Path("training/runs/sweep") / sweep.name
    if arguments.engine == "ray":
        from attune_training.sweep import ray_engine  # noqa: PLC0415 - heavy

        found = ray_engine.run_sweep(
            sweep, folder, arguments.root, arguments.trials, nodes=arguments.nodes, address=arguments.address
        )
    else:
        from attune_training.sweep import optuna_engine  # noqa: PLC0415 - heavy

        found = optuna_engine.run_sweep(sweep, folder, arguments.root, arguments.trials)
    from attune_training.sweep.report import write  # noqa: PLC0415

    print(write(sweep, found, folder))
