"""Command `train-smoke`."""

import argparse
import json
from pathlib import Path


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    smoke = subparsers.add_parser("train-smoke", help="the whole chain at small scale, for CI")
    smoke.add_argument("--out", type=Path, required=True, help="an empty or absent folder")
    smoke.add_argument("--dry-run", action="store_true", help="list the stages")
    smoke.set_defaults(run=run_smoke)


def run_smoke(arguments: argparse.Namespace) -> None:
    """Runs the stages and prints what each came to."""
    from attune_training.smoke.chain import STAGES, run_chain  # noqa: PLC0415 - heavy

    if arguments.dry_run:
        print("\n".join(STAGES))
        return
    for stage, found in run_chain(Path(), arguments.out):
        print(json.dumps({"stage": stage, **found}), flush=True)
