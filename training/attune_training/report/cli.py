"""Command `report`."""

import argparse
from pathlib import Path


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    report = subparsers.add_parser(
        "report", help="Tables I, II and III as report.md and one self-contained report.html"
    )
    report.add_argument(
        "--judged", type=Path, default=Path("training/runs/judge"), help="folder of the judge's results"
    )
    report.add_argument("--run", dest="runs", action="append", default=[], metavar="NAME=FOLDER", help="a training run")
    report.add_argument("--study", type=Path, help="folder with table-3.json")
    report.add_argument("--to", type=Path, default=Path("training/results"), help="where report.md and report.html go")
    report.set_defaults(run=run_report)


def run_report(arguments: argparse.Namespace) -> None:
    """Reads, renders, writes."""
    from attune_training.report import page, sources  # noqa: PLC0415 - draws with matplotlib

    found = page.parts(sources.gather(arguments.judged, arguments.runs, arguments.study))
    arguments.to.mkdir(parents=True, exist_ok=True)
    (arguments.to / "report.md").write_text(page.markdown(found), encoding="utf-8")
    (arguments.to / "report.html").write_text(page.page(found), encoding="utf-8")
    print(f"{arguments.to}/report.md and report.html")
