"""`python -m attune_training.emotion STEP`: the emotion command alone."""

import argparse
import sys

from attune_training.emotion.cli import add_commands
from attune_training.errors import TrainingError


def main() -> int:
    """Runs one step; an expected failure is one line and its exit code."""
    parser = argparse.ArgumentParser(prog="attune_training.emotion", description="The emotion model.")
    add_commands(parser)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except TrainingError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
