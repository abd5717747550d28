"""Commands `prepare` and `spelling-check`."""

import argparse
import json
import os
import resource
import time
from pathlib import Path


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands."""
    prepare = subparsers.add_parser("prepare", help="raw conversations to a sampled, split, audited set")
    prepare.add_argument("config", type=Path, help="a file of training/configs/prepare")
    prepare.add_argument("--data-root", type=Path, required=True, help="folder with the registered data sets")
    prepare.add_argument("--out", type=Path, help="work folder (default: training/runs/prepare/NAME)")
    prepare.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    prepare.add_argument("--resume", action="store_true", help="keep the shards that are whole")
    prepare.add_argument("--dry-run", action="store_true", help="print the resolved configuration")
    prepare.set_defaults(run=run_prepare)
    check = subparsers.add_parser("spelling-check", help="measure the spelling step on JFLEG (GLEU, four references)")
    check.add_argument("--data-root", type=Path, required=True)
    check.set_defaults(run=run_spelling_check)


def run_prepare(arguments: argparse.Namespace) -> None:
    """Runs all stages and prints where the audit lies."""
    from attune_training.data.config import load_prepare_config  # noqa: PLC0415 - keeps `--help` quick

    config = load_prepare_config(arguments.config)
    if arguments.dry_run:
        print(config.model_dump_json(indent=2))
        return
    from tqdm import tqdm  # noqa: PLC0415

    from attune_training.data.audit import write  # noqa: PLC0415
    from attune_training.data.pipeline import prepare  # noqa: PLC0415

    folder, started_s = arguments.out or Path("training/runs/prepare") / config.name, time.monotonic()
    with tqdm(unit="row", unit_scale=True, desc="clean") as bar:
        found = prepare(
            config,
            arguments.data_root,
            folder,
            workers=arguments.workers,
            resume=arguments.resume,
            progress=lambda rows: bar.update(rows) and None,
        )
    print(write(found, config.name, config.imbalance_ratio_max, folder))
    seconds = time.monotonic() - started_s
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(used.ru_utime + used.ru_stime for used in usage)
    figures = {
        "rows_in": found.rows_in,
        "seconds": round(seconds, 1),
        "rows_per_s": round(found.rows_in / seconds),
        # Survives a busy machine: times the number of cores it is what an idle one would do.
        "rows_per_cpu_s": round(found.rows_in / cpu_s),
        "peak_mib_parent": usage[0].ru_maxrss // 1024,
        "peak_mib_largest_worker": usage[1].ru_maxrss // 1024,
    }
    print(json.dumps(figures))


def run_spelling_check(arguments: argparse.Namespace) -> None:
    """Prints GLEU of the source as it is and after the step, and the changes counted."""
    from attune_training.data.jfleg import measure  # noqa: PLC0415 - loads a dictionary

    print(json.dumps(measure(arguments.data_root / "jfleg_dev"), indent=2))
