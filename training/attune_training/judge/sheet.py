"""A sheet on which people rate replies: CSV out without the systems' names, CSV in, agreement with others and a judge.

Raters fill the four criteria with 1 to 5; an empty cell is no rating.
"""

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import Any

from attune_training.candidates.generate import Conversation, read
from attune_training.errors import DataError
from attune_training.judge.calibration import read_score
from attune_training.judge.statistics import kappa
from attune_training.judge.tasks import CRITERIA, render
from attune_training.sft.examples import share_of

COLUMNS = ("item", "conversation", "reply", *CRITERIA, "note")
COUNT_MIN, COUNT_MAX = 50, 100
Ratings = Mapping[str, Mapping[str, int]]


def write(files: Sequence[Path], count: int, path: Path) -> int:
    """Draws replies of all systems in a mixed order. Returns how many. Raises DataError for too few or too many."""
    if not COUNT_MIN <= count <= COUNT_MAX:
        raise DataError(f"--count must lie between {COUNT_MIN} and {COUNT_MAX}")
    talks = sorted(chain.from_iterable(read(file) for file in files), key=lambda talk: share_of(item_of(talk)))[:count]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS, restval="")
        rows.writeheader()
        for talk in talks:
            said = {"conversation": render(talk.messages[:-1]), "reply": talk.messages[-1].content}
            rows.writerow({"item": item_of(talk), **said})
    key = {item_of(talk): {"id": talk.id, "system": talk.system} for talk in talks}
    key_path(path).write_text(json.dumps(key, indent=1), encoding="utf-8")
    return len(talks)


def item_of(talk: Conversation) -> str:
    """A name that tells a rater nothing."""
    return hashlib.sha256(f"{talk.system}\0{talk.id}".encode()).hexdigest()[:10]


def key_path(path: Path) -> Path:
    """Where the sheet's key lies."""
    return path.with_suffix(".key.json")


def read_sheet(path: Path) -> dict[str, dict[str, int]]:
    """Ratings by item and criterion. Raises DataError, naming the row, for anything but 1 to 5 or nothing."""
    found: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            given = {name: (row.get(name) or "").strip() for name in CRITERIA}
            ratings = {name: read_score(text) for name, text in given.items() if text}
            wrong = [name for name, score in ratings.items() if score is None]
            if wrong or not row.get("item"):
                raise DataError(f"{path}:{number}: {', '.join(wrong) or 'item'} must be a whole number from 1 to 5")
            found[row["item"]] = {name: score for name, score in ratings.items() if score is not None}
    return found


def agreement(sheets: Sequence[Path], journal: Path | None, key: Path) -> dict[str, Any]:
    """Cohen's and quadratic kappa for each two raters; the judge counts as one when its journal is given."""
    raters: dict[str, Ratings] = {path.stem: read_sheet(path) for path in sheets}
    if journal is not None:
        raters["judge"] = of_judge(journal, key)
    found: dict[str, Any] = {}
    for one, other in combinations(raters, 2):
        found[f"{one} and {other}"] = {name: of_two(raters[one], raters[other], name) for name in CRITERIA}
    return found


def of_two(one: Ratings, other: Ratings, criterion: str) -> dict[str, Any]:
    """Agreement of two raters on one criterion, over what both rated."""
    shared = [item for item in one if criterion in one[item] and criterion in other.get(item, {})]
    if not shared:
        return {"items": 0}
    first, second = ([ratings[item][criterion] for item in shared] for ratings in (one, other))
    return {"items": len(shared), "kappa": kappa(first, second), "quadratic": kappa(first, second, quadratic=True)}


def of_judge(journal: Path, key: Path) -> Ratings:
    """A judge's scores under the sheet's names. Raises DataError without the sheet's key."""
    if not key.exists():
        raise DataError(f"{key} is not there: `judge sheet` wrote it beside the sheet")
    names = {(row["id"], row["system"]): item for item, row in json.loads(key.read_text(encoding="utf-8")).items()}
    lines = (json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines())
    scored = (line for line in lines if "verdict" in line and (line["id"], line["system"]) in names)
    return {names[line["id"], line["system"]]: line["verdict"]["scores"] for line in scored}
