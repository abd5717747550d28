"""Command `study`: annotate messages, and Table III from the study's files."""

import argparse
import json
from pathlib import Path


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command with its steps."""
    words = "the user study: annotation by two raters, and Table III"
    parser = subparsers.add_parser("study", help=words, description=f"{words}. Consent: training/study/consent.md")
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    annotate = steps.add_parser("annotate", help="name the emotion of messages, one by one; goes on where it stopped")
    annotate.add_argument("items", type=Path, help="JSONL of item, text, predicted (500 in the paper)")
    annotate.add_argument("--rater", choices=("1", "2"), required=True)
    annotate.set_defaults(run=run_annotate)
    table = steps.add_parser(
        "table", help="Table III from ratings.csv, events.jsonl, items.jsonl and two raters' files"
    )
    table.add_argument("folder", type=Path)
    table.set_defaults(run=run_table)


def run_annotate(arguments: argparse.Namespace) -> None:
    """Asks on the terminal."""
    from attune_training.study import annotations  # noqa: PLC0415 - keeps --help instant

    path = arguments.items.with_name(f"rater-{arguments.rater}.csv")
    given = annotations.annotate(annotations.read_items(arguments.items), path, input, print)
    print(f"{given} answers added to {path}")


def run_table(arguments: argparse.Namespace) -> None:
    """Prints and writes table-3.json."""
    from attune_training.study import tables  # noqa: PLC0415 - likewise

    text = json.dumps(tables.table(arguments.folder), indent=2, allow_nan=False)
    (arguments.folder / "table-3.json").write_text(text + "\n", encoding="utf-8")
    print(text)
