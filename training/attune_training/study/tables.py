"""Table III from the study's files. Counts stand beside every share, so that nobody reports 85 % of 50 people."""

import csv
from pathlib import Path
from statistics import mean, median
from typing import Any

from attune_training.errors import DataError
from attune_training.judge.calibration import HIGH, read_score
from attune_training.judge.statistics import wilson
from attune_training.study import annotations, events

PAPER = {
    "participants": 50,
    "satisfied_share": 0.85,
    "accuracy": 0.90,
    "precision": 0.88,
    "recall": 0.89,
    "kappa": 0.82,
    "minutes": 9,
    "interactions": 12,
}


def table(folder: Path) -> dict[str, Any]:
    """Reads ratings.csv, events.jsonl, items.jsonl, rater-1.csv and rater-2.csv, as far as they are there."""
    found: dict[str, Any] = {}
    if (folder / "ratings.csv").exists():
        found["satisfaction"] = satisfaction(folder / "ratings.csv")
    if (folder / "events.jsonl").exists():
        sessions = events.read_sessions(folder / "events.jsonl")
        found["sessions"] = len(sessions)
        for name in ("minutes", "interactions"):
            values = [getattr(session, name) for session in sessions]
            found[name] = {"mean": mean(values), "median": median(values)}
    raters = [folder / f"rater-{number}.csv" for number in (1, 2)]
    if (folder / "items.jsonl").exists() and all(path.exists() for path in raters):
        labels = [annotations.read_labels(path) for path in raters]
        found["emotion"] = annotations.score(annotations.read_items(folder / "items.jsonl"), *labels)
    if not found:
        raise DataError(
            f"{folder} holds none of ratings.csv, events.jsonl, items.jsonl with rater-1.csv and rater-2.csv"
        )
    return found


def satisfaction(path: Path) -> dict[str, Any]:
    """Share of 4 and 5 with its Wilson interval. Raises DataError for anything but 1 to 5, or a person twice."""
    scores: dict[str, int] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            score = read_score(row.get("satisfaction"))
            if score is None or not row.get("participant") or row["participant"] in scores:
                raise DataError(f"{path}:{number}: needs a participant, once, and satisfaction from 1 to 5")
            scores[row["participant"]] = score
    high = sum(score >= HIGH for score in scores.values())
    return {"participants": len(scores), "satisfied": high, "share": wilson(high, len(scores))._asdict()}


def possible_counts(share: float, people: int) -> tuple[float, bool]:
    """How many people a share is, and whether that is a whole number."""
    count = share * people
    return count, abs(count - round(count)) < 1e-9
