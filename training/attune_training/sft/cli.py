"""Commands `sft` and `compare`."""

import argparse
import json
from pathlib import Path

from attune_training.run_folder import RunFolder
from attune_training.sft.config import load_sft_config, parse_override
from attune_training.sft.fit import require_fit


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands."""
    sft = subparsers.add_parser("sft", help="fine-tune a base model with LoRA", description=__doc__)
    sft.add_argument("config", type=Path, help="a file of training/configs/sft")
    sft.add_argument("--run", dest="folder", type=Path, help="folder of the run (default: training/runs/NAME)")
    sft.add_argument("--root", type=Path, default=Path(), help="folder that data.files are relative to")
    sft.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="override one value")
    sft.add_argument("--resume", action="store_true", help="go on with the run from its newest checkpoint")
    sft.add_argument("--dry-run", action="store_true", help="print the resolved configuration and the fit, then leave")
    sft.set_defaults(run=run_sft)


def run_sft(arguments: argparse.Namespace) -> None:
    """Trains one configuration."""
    config = load_sft_config(arguments.config, dict(parse_override(text) for text in arguments.set))
    fit = require_fit(config)
    if arguments.dry_run:
        print(json.dumps(config.model_dump(mode="json"), indent=2))
        print(fit.table() if fit else f"no estimate: the shape of {config.model.base} is not known")
        return
    from attune_training.sft.curves import write_report  # noqa: PLC0415 - heavy
    from attune_training.sft.run import train  # noqa: PLC0415

    folder = RunFolder(arguments.folder or Path("training/runs") / config.name)
    outcome = train(config, folder, arguments.root, resume=arguments.resume)
    print(json.dumps(outcome._asdict(), indent=2))
    print(write_report(folder, config.name))
