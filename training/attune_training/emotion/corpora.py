"""Reads the ship-able sets into rows of (text, emotion, source, language). Called by `mixture`."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from attune_contracts.emotion import Emotion

from attune_training.emotion import labels

# GoEmotions masks names; a person writes them. A hash of the text picks one, so that a row never changes.
_NAMES = ("Alex", "Sam", "Maria", "Omar", "Nina", "David", "Layla", "Tom", "Priya", "Lucas")
_MASKS = {"[NAME]": _NAMES, "[RELIGION]": ("Christian", "Muslim", "Buddhist")}
# XED separates punctuation by spaces, as its subtitles were tokenised.
_LOOSE = re.compile(r"\s+([.,!?;:…])")
BRIGHTER_LANGUAGES = {
    "eng": "en", "esp": "es", "hin": "hi", "arq": "ar", "ary": "ar", "deu": "de", "ptbr": "pt", "rus": "ru"
}  # fmt: skip
XED_LANGUAGES = {"es": "es-projections.tsv", "fr": "fr-projections.train.tsv", "ar": "ar-projections.tsv",
                 "pt": "pt-projections.tsv", "de": "de-projections.tsv"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text. `source` is the set's name with its language, as reports print it (`brighter-en`)."""

    text: str
    emotion: Emotion
    source: str
    language: str

    @property
    def key(self) -> str:
        """Hash of the text's letters and digits: equal for near-identical rows, stable between runs."""
        letters = "".join(char for char in self.text.casefold() if char.isalnum())
        return sha256((letters or self.text).encode()).hexdigest()


def goemotions(folder: Path, split: str) -> Iterator[Row]:
    """Rows of `train.tsv` or `dev.tsv` whose labels all map to one emotion."""
    names = (folder / "labels.txt").read_text().split()
    with (folder / f"{split}.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            text, ids, _ = line.rstrip("\n").split("\t")
            emotion = labels.agreed(labels.GOEMOTIONS.get(names[int(index)]) for index in ids.split(","))
            if emotion is not None:
                yield Row(_unmask(text), emotion, "goemotions", "en")


def brighter(folder: Path, split: str, file_stem: str) -> Iterator[Row]:
    """Rows with at most one of the six emotions set; a row with none is neutral."""
    language = BRIGHTER_LANGUAGES[file_stem]
    with (folder / split / f"{file_stem}.csv").open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            marked = [emotion for name, emotion in labels.BRIGHTER.items() if record.get(name) == "1"]
            emotion = labels.agreed(marked) if marked else Emotion.NEUTRAL
            if emotion is not None:
                yield Row(record["text"], emotion, f"brighter-{language}", language)


def xed(file: Path, language: str) -> Iterator[Row]:
    """Subtitle lines that carry exactly one label that fits."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            text, _, ids = line.rstrip("\n").rpartition("\t")
            # A few projected lines lack the tab and so have words where the labels stand.
            emotion = labels.XED.get(int(ids)) if ids.strip().isdigit() else None
            if emotion is not None and _has_words(text):
                yield Row(_tighten(text), emotion, f"xed-{language}", language)


def xed_neutral(file: Path) -> Iterator[Row]:
    """English subtitle lines marked neutral (label 9, before the text)."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            _, _, text = line.rstrip("\n").partition("\t")
            if _has_words(text):
                yield Row(_tighten(text), Emotion.NEUTRAL, "xed-en", "en")


def authored(folder: Path, split: str) -> Iterator[Row]:
    """Our own first-person messages, every `emotions*.jsonl`; `split` is "train" or "frozen"."""
    for file in sorted(folder.glob("emotions*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            language = record.get("language", "en")
            if record["split"] == split:
                yield Row(record["text"], Emotion(record["label"]), f"authored-{language}", language)


def exchanges(folder: Path, split: str) -> Iterator[Row]:
    """First messages of our own exchanges, `exchanges*.jsonl`; `split` is "train" or "held_back".

    Later messages are left out: their emotion is often plain from the history only.
    """
    for file in sorted(folder.glob("exchanges*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if record["split"] == split and not record["history"]:
                language = record["language"]
                yield Row(record["user"], Emotion(record["emotion"]), f"exchanges-{language}", language)


def _has_words(text: str) -> bool:
    return sum(char.isalpha() for char in text) >= 3


def _tighten(text: str) -> str:
    return _LOOSE.sub(r"\1", text)


def _unmask(text: str) -> str:
    for mask, choices in _MASKS.items():
        while mask in text:
            pick = int(sha256(text.encode()).hexdigest(), 16) % len(choices)
            text = text.replace(mask, choices[pick], 1)
    return text
