"""Command `fit`: make the vectors of situations and authored exchanges, fit the fit head, measure it, write both."""

import argparse
from pathlib import Path

AUTHORED_DIR = Path("training/data/authored")
REPLIES_DIR = Path("services/dialogue/attune_dialogue/replies")
TEMPLATES = Path("services/dialogue/attune_dialogue/templates/en.yaml")
WORDING = Path("services/dialogue/attune_dialogue/wording/en.yaml")
MATCHING_DIR = Path("services/emotion/attune_emotion/matching")
REPORT = Path("training/results/fit.md")


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the training CLI."""
    fit = subparsers.add_parser("fit", help="make the reply index and fit its scorer", description=__doc__)
    fit.add_argument("--authored", type=Path, default=AUTHORED_DIR, help="folder of the authored exchanges")
    fit.add_argument("--replies", type=Path, default=REPLIES_DIR, help="folder of the dialogue service's replies")
    fit.add_argument("--templates", type=Path, default=TEMPLATES, help="replies that fit every message a little")
    fit.add_argument("--wording", type=Path, default=WORDING, help="the questions that may follow those")
    fit.add_argument("--out", type=Path, default=MATCHING_DIR, help="folder in the emotion service")
    fit.add_argument("--note", type=Path, default=REPORT, help="Markdown file to write")
    fit.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Reads, fits, measures, writes."""
    # Imported here: they load onnxruntime, and --help should be instant.
    from attune_emotion.sentences import SentenceEncoder  # noqa: PLC0415

    from attune_training.fit import head, package, pairs, report  # noqa: PLC0415

    encoder = SentenceEncoder(threads=2)
    exchanges = pairs.read_exchanges(arguments.authored / "exchanges.en.jsonl")
    situations = pairs.read_situations(arguments.replies)
    general = pairs.read_general(arguments.templates, arguments.wording)
    vectors = pairs.vectors_of(encoder, [*exchanges, *situations.lines("en")], general)
    data = pairs.training_pairs(exchanges, situations, seed=7)
    fitted = head.fit(vectors, exchanges, data, seed=7)
    note = report.write(fitted, vectors, exchanges, situations, data)
    arguments.note.write_text(note, encoding="utf-8")
    package.write(arguments.out, fitted, vectors, exchanges, situations, general)
    package.write_exchanges(arguments.replies / "exchanges.jsonl", exchanges)
    print(note)
