"""`python -m tests.safety_report --data-root DIR`: writes training/results/safety.md and prints it."""

import argparse
from pathlib import Path

from tests.safety_report import gaps, report
from tests.safety_report.readers import second_reader

NOTE = Path("training/results/safety.md")


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(prog="tests.safety_report", description=__doc__)
    parser.add_argument("--data-root", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--note", type=Path, default=NOTE, help="Markdown file to write")
    parser.add_argument("--gaps", type=Path, help="only list missed tune cases, into this file")
    arguments = parser.parse_args()
    reader = second_reader()
    if arguments.gaps:
        arguments.gaps.write_text(gaps.write(reader), encoding="utf-8")
        return
    text = report.write(arguments.data_root, reader)
    arguments.note.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
