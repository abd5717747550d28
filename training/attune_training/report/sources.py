"""Reads what the report is made of. What is not there stays None and is shown as not run, never filled in."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attune_training.errors import DataError
from attune_training.run_folder import RunFolder

EMOTION_REPORT = Path("training/results/emotion.md")
MIX_ROW = re.compile(r"^\| balanced mix \| (?P<cells>[\d.]+ \[.*)\|$", re.MULTILINE)
COVERAGES = (100, 90, 80, 70, 60, 50)


@dataclass(frozen=True, slots=True)
class Run:
    """One training run's curve. `note` says what it is, so that nobody takes it for a 7B model."""

    name: str
    metrics: Sequence[dict[str, Any]]
    note: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that the report shows."""

    runs: tuple[Run, ...]
    pointwise: dict[str, Any] | None
    three_way: dict[str, Any] | None
    calibration: dict[str, Any] | None
    agreement: dict[str, Any] | None
    study: dict[str, Any] | None
    coverage: tuple[tuple[int, float], ...]


def gather(judged: Path, runs: Sequence[str], study: Path | None, emotion: Path = EMOTION_REPORT) -> Sources:
    """`runs` are NAME=FOLDER. Raises DataError for a run that has no metrics."""
    return Sources(
        runs=tuple(read_run(text) for text in runs),
        pointwise=read_json(judged / "results.pointwise.json"),
        three_way=read_json(judged / "results.three-way.json"),
        calibration=read_json(judged / "calibration.json"),
        agreement=read_json(judged / "agreement.json"),
        study=read_json(study / "table-3.json") if study else None,
        coverage=coverage_of(emotion),
    )


def read_run(text: str) -> Run:
    """NAME=FOLDER, with the facts of the run folder."""
    name, _, path = text.partition("=")
    folder = RunFolder(Path(path))
    if not path or not folder.metrics.exists():
        raise DataError(f"--run {text}: give NAME=FOLDER of a run with metrics.jsonl")
    config = json.loads((folder.path / "config.json").read_text(encoding="utf-8"))
    facts = folder.facts()
    base = config["model"]["base"]
    return Run(name, folder.read_metrics(), f"base {base}, {facts['rows']} rows, seed {facts['seed']}")


def read_json(path: Path) -> dict[str, Any] | None:
    """A results file, or None."""
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def coverage_of(path: Path) -> tuple[tuple[int, float], ...]:
    """Accuracy at each coverage, from the balanced mix's row of the emotion report; empty when it is not there."""
    if not path.exists():
        return ()
    rows = [match["cells"].split(" | ") for match in MIX_ROW.finditer(path.read_text(encoding="utf-8"))]
    row = next((cells for cells in rows if len(cells) == len(COVERAGES)), None)
    if row is None:
        return ()
    return tuple((share, float(cell.split()[0])) for share, cell in zip(COVERAGES, row, strict=True))
