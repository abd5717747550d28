"""`python -m attune_training COMMAND`: prepare data, train, sweep, export, judge, report.

Every subpackage with a `cli` module takes part: its `register(subparsers)` adds its commands, each with a
`run` default that takes the parsed arguments. A `cli` module imports nothing heavy, so that `--help` is instant.
"""

import argparse
import logging
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import attune_training
from attune_training.errors import TrainingError


def build_parser() -> argparse.ArgumentParser:
    """The parser with the commands of all subpackages."""
    parser = argparse.ArgumentParser(prog="attune_training", description=__doc__.split("\n\n")[0])
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for package in sorted(info.name for info in pkgutil.iter_modules(attune_training.__path__) if info.ispkg):
        module = f"attune_training.{package}.cli"
        if find_spec(module):
            import_module(module).register(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns the exit code: 0, or that of the TrainingError, which is printed as one line."""
    arguments = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        arguments.run(arguments)
    except TrainingError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
