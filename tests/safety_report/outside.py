"""Reads the public sets for the report. Only figures leave this program: no text of theirs is kept or printed."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

GOEMOTIONS_LINES_MAX = 5000
XED_LINES_MAX = 2500
_BRIGHTER = {"arq": "ar", "ary": "ar", "esp": "es", "hin": "hi"}
_XED = {"ar": "ar-projections.tsv", "es": "es-projections.tsv", "fr": "fr-projections.train.tsv"}


@dataclass(frozen=True, slots=True)
class OutsideSet:
    """Texts of one set. Those sets were not written for risk: a few lines in them are truly risky."""

    name: str
    language: str
    texts: tuple[str, ...]


def weak_posts(root: Path) -> tuple[OutsideSet, OutsideSet]:
    """SDCNL: posts of a suicide forum and of a depression forum. The label is the forum, so it is weak."""
    at_risk: list[str] = []
    others: list[str] = []
    with (root / "sdcnl" / "train.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            body = "" if row["selftext"] == "emptypost" else row["selftext"]
            (at_risk if row["is_suicide"] == "1" else others).append(f"{row['title']}. {body}")
    return OutsideSet("sdcnl suicide forum", "en", tuple(at_risk)), OutsideSet(
        "sdcnl depression forum", "en", tuple(others)
    )


def ordinary(root: Path) -> Iterator[OutsideSet]:
    """Sets in which hardly a line is about danger: whatever is raised there is mostly a false alarm."""
    lines = (root / "goemotions" / "dev.tsv").read_text(encoding="utf-8").splitlines()
    yield OutsideSet("goemotions dev", "en", tuple(line.split("\t")[0] for line in lines[:GOEMOTIONS_LINES_MAX]))
    yield OutsideSet("esconv seeker turns (valid)", "en", tuple(_seeker_turns(root / "esconv" / "valid.txt")))
    for stem, language in _BRIGHTER.items():
        with (root / "brighter" / "dev" / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
            yield OutsideSet(f"brighter dev {stem}", language, tuple(row["text"] for row in csv.DictReader(file)))
    for language, name in _XED.items():
        lines = (root / "xed" / name).read_text(encoding="utf-8").splitlines()
        texts = [text for line in lines if (text := line.rpartition("\t")[0])]
        # Chosen by hash, so that the sample is the same each time and follows no order of the file.
        texts.sort(key=lambda text: sha256(text.encode()).digest())
        yield OutsideSet(f"xed {language}", language, tuple(texts[:XED_LINES_MAX]))


def _seeker_turns(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            for turn in json.loads(line)["dialog"]:
                if turn["speaker"] == "usr" and turn["text"].strip():
                    yield turn["text"]
