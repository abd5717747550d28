"""Command `risk`: fit the risk head on the shipped encoder, choose its thresholds, write it beside the model."""

import argparse
from pathlib import Path

DATA_DIR = Path("../shared/data")
AUTHORED_DIR = Path("training/data/authored")
MODEL_DIR = Path("services/emotion/attune_emotion/model")
CASES_DIR = Path("tests/support/safety_cases")
REPLIES_DIR = Path("services/dialogue/attune_dialogue/replies")
CACHE = Path("training/runs/risk-vectors.npz")
REPORT = Path("training/results/risk.md")


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the training CLI."""
    risk = subparsers.add_parser("risk", help="fit and measure the semantic risk head", description=__doc__)
    steps = risk.add_subparsers(title="steps", metavar="STEP", required=True)
    train = steps.add_parser("train", help="fit, measure, and write the head into the model folder")
    train.set_defaults(run=run_train)
    evaluate = steps.add_parser("evaluate", help="the same without touching the model folder")
    evaluate.set_defaults(run=run_evaluate)
    for step in (train, evaluate):
        step.add_argument("--data", type=Path, default=DATA_DIR, help="folder of the public sets")
        step.add_argument("--authored", type=Path, default=AUTHORED_DIR, help="folder of our own messages")
        step.add_argument("--model", type=Path, default=MODEL_DIR, help="model folder with the encoder")
        step.add_argument("--cases", type=Path, default=CASES_DIR, help="folder of the screen's cases")
        step.add_argument("--replies", type=Path, default=REPLIES_DIR, help="folder of the dialogue service's replies")
        step.add_argument("--note", type=Path, default=REPORT, help="Markdown file to write")
        step.add_argument("--cache", type=Path, default=CACHE, help="file that keeps the vectors between runs")
        step.add_argument("--threads", type=int, default=2)


def run_train(arguments: argparse.Namespace) -> None:
    """Fits and ships."""
    _run(arguments, ship=True)


def run_evaluate(arguments: argparse.Namespace) -> None:
    """Measures alone."""
    _run(arguments, ship=False)


def _run(arguments: argparse.Namespace, *, ship: bool) -> None:
    # Imported here: they load torch and onnxruntime, and --help should be instant.
    from attune_training.risk import messages, package, report, study  # noqa: PLC0415
    from attune_training.risk.features import Encoder  # noqa: PLC0415

    encoder = Encoder(arguments.model, arguments.threads, arguments.cache)
    material = study.gather(encoder, arguments.data, arguments.authored, arguments.cases, arguments.replies)
    encoder.keep()
    result = study.run(material)
    figures = report.scores(result)
    note = report.write(result, encoder, messages.cases(arguments.cases))
    arguments.note.parent.mkdir(parents=True, exist_ok=True)
    arguments.note.write_text(note, encoding="utf-8")
    if ship:
        package.write(arguments.model, result, figures)
    print(note)
