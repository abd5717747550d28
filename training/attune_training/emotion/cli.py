"""Command `emotion`: train, package and evaluate the emotion model. Also run by `python -m attune_training.emotion`."""

import argparse
import json
from pathlib import Path

from attune_training.emotion.settings import load_config, load_head_config

DATA_DIR = Path("../shared/data")
AUTHORED_DIR = Path("training/data/authored")
FIRST_CONFIG = Path("training/configs/emotion/multilingual-first.toml")
CONFIG = Path("training/configs/emotion/multilingual.toml")
MODEL_DIR = Path("services/emotion/attune_emotion/model")
REPORT = Path("training/results/emotion.md")


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the training CLI."""
    words = "train, package and evaluate the emotion model"
    add_commands(subparsers.add_parser("emotion", help=words, description=__doc__))


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Adds the three steps to a parser."""
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    train = steps.add_parser("train", help="fine-tune the encoder into a run folder")
    train.add_argument("--dry-run", action="store_true", help="print the configuration and the rows, then leave")
    train.set_defaults(run=run_train)
    package = steps.add_parser("package", help="write the int8 ONNX, tokenizer and manifest of a run")
    package.add_argument("--out", type=Path, default=MODEL_DIR, help="model folder to write")
    package.set_defaults(run=run_package)
    evaluate = steps.add_parser("evaluate", help="score a model folder on the named test sets")
    evaluate.add_argument("--model", type=Path, default=MODEL_DIR, help="model folder to score")
    evaluate.add_argument("--note", type=Path, default=REPORT, help="Markdown file to write")
    evaluate.set_defaults(run=run_evaluate)
    head = steps.add_parser("head", help="the paper's head: LoRA and a softmax on a causal language model")
    head.add_argument("config", type=Path, help="a file of training/configs/emotion-head")
    head.add_argument("--run", dest="folder", type=Path, help="run folder (default: training/runs/NAME)")
    head.add_argument("--note", type=Path, help="Markdown file to which a section with the scores is added")
    head.set_defaults(run=run_head)
    everything = steps.add_parser("all", help="both stages, the package and the report: about an hour on two cores")
    everything.add_argument("--runs", type=Path, default=Path("training/runs"), help="folder of the run folders")
    everything.add_argument("--out", type=Path, default=MODEL_DIR, help="model folder to write")
    everything.add_argument("--note", type=Path, default=REPORT, help="Markdown file to write")
    everything.set_defaults(run=run_all)
    for step in (train, package):
        step.add_argument("--config", type=Path, default=CONFIG, help="a file of training/configs/emotion")
        step.add_argument("--run", dest="folder", type=Path, help="run folder (default: training/runs/emotion-NAME)")
    for step in (train, package, evaluate, head, everything):
        step.add_argument("--data", type=Path, default=DATA_DIR, help="folder of the public sets")
        step.add_argument("--authored", type=Path, default=AUTHORED_DIR, help="folder of our own messages")


def run_train(arguments: argparse.Namespace) -> None:
    """Trains one configuration."""
    from attune_training.emotion import mixture  # noqa: PLC0415 - keeps --help instant

    config = load_config(arguments.config)
    tests = tuple(mixture.test_rows(arguments.data, arguments.authored))
    data = mixture.build(mixture.training_rows(arguments.data, arguments.authored), tests, config.data)
    print(f"{len(data.train)} rows to train on, {len(data.held_out)} held out, {len(tests)} test rows")
    if arguments.dry_run:
        print(json.dumps(config.model_dump(mode="json"), indent=2))
        print(json.dumps(mixture.counts(data.train), indent=2))
        return
    from attune_training.emotion import train_run  # noqa: PLC0415 - imports torch

    train_run.start(_folder(arguments), data, config)


def run_package(arguments: argparse.Namespace) -> None:
    """Writes the model folder and prints the manifest's scores."""
    from attune_training.emotion import mixture, package  # noqa: PLC0415 - imports torch

    config = load_config(arguments.config)
    tests = tuple(mixture.test_rows(arguments.data, arguments.authored))
    data = mixture.build(mixture.training_rows(arguments.data, arguments.authored), tests, config.data)
    manifest = package.build(_folder(arguments), arguments.out, data, tests, config)
    print(json.dumps(manifest.scores, indent=2))


def run_evaluate(arguments: argparse.Namespace) -> None:
    """Writes the report."""
    from attune_training.emotion import mixture, report  # noqa: PLC0415 - imports onnxruntime

    rows = tuple(mixture.test_rows(arguments.data, arguments.authored))
    text = report.write(arguments.model, rows)
    arguments.note.parent.mkdir(parents=True, exist_ok=True)
    arguments.note.write_text(text, encoding="utf-8")
    print(text)


def run_head(arguments: argparse.Namespace) -> None:
    """Trains the head on a causal model and prints its accuracy on the mix."""
    from attune_training.emotion import causal_head, mixture, report  # noqa: PLC0415 - imports torch

    config = load_head_config(arguments.config)
    tests = tuple(mixture.test_rows(arguments.data, arguments.authored))
    data = mixture.build(mixture.training_rows(arguments.data, arguments.authored), tests, config.data)
    folder = arguments.folder or Path("training/runs") / config.name
    scores = causal_head.run(folder, config, data, tests)
    figure = scores.accuracy
    print(f"{scores.name}: accuracy {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]")
    if arguments.note is not None:
        with arguments.note.open("a", encoding="utf-8") as note:
            note.write("\n" + report.write_head(config, scores))


def run_all(arguments: argparse.Namespace) -> None:
    """From the public sets and our messages to the files that ship and their report."""
    for config in (FIRST_CONFIG, CONFIG):
        folder = arguments.runs / f"emotion-{load_config(config).name}"
        steps = argparse.Namespace(**vars(arguments), config=config, folder=folder, dry_run=False)
        run_train(steps)
    run_package(steps)
    run_evaluate(argparse.Namespace(**vars(arguments), model=arguments.out))


def _folder(arguments: argparse.Namespace) -> Path:
    return arguments.folder or Path("training/runs") / f"emotion-{load_config(arguments.config).name}"
