"""Adapters for the data sets of this project, each addressed below one data root. Licence says what may be shipped."""

import csv
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from attune_training.data.rows import Dialogue, Turn, read_delimited, read_jsonl
from attune_training.errors import DataError


class Corpus(NamedTuple):
    """A data set: where it lies, what may be done with weights trained on it, and how it is read."""

    folder: str
    licence: str
    use: Literal["ship", "study"]
    read: Callable[[Path], Iterator[Dialogue]]


def esconv(folder: Path) -> Iterator[Dialogue]:
    """Emotional support dialogues; the seeker is the user, neighbouring turns of one speaker are joined."""
    for name in ("train.txt", "valid.txt"):
        for number, record in enumerate(read_jsonl(str(folder / name))):
            said = [("user" if turn["speaker"] == "usr" else "assistant", turn["text"]) for turn in record["dialog"]]
            yield Dialogue(f"esconv:{name}:{number}", "esconv", joined(said), record["emotion_type"])


def empathetic_dialogues(folder: Path) -> Iterator[Dialogue]:
    """One file an emotion; rows of a dialogue follow one another, its situation is left out."""
    for path in sorted(folder.glob("*.csv")):
        records = (record for record in read_delimited(str(path)) if record["Type"] == "utterance")
        for key, group in groupby(records, key=lambda record: record["Dialog_ID"]):
            said = [("user" if turn["Actor"] == "speaker" else "assistant", turn["Text"]) for turn in group]
            yield Dialogue(f"ed:{path.stem}:{key}", "empathetic_dialogues", joined(said), path.stem)


def annomi(folder: Path) -> Iterator[Dialogue]:
    """Motivational interviewing sessions of high quality, in windows of at most eight joined turns.

    All windows carry the session's key, so that a session stays on one side of the split.
    """
    with (folder / "AnnoMI-simple.csv").open(encoding="utf-8", newline="") as lines:
        records = (record for record in csv.DictReader(lines) if record["mi_quality"] == "high")
        for key, group in groupby(records, key=lambda record: record["transcript_id"]):
            said = [
                ("user" if row["interlocutor"] == "client" else "assistant", row["utterance_text"]) for row in group
            ]
            turns = joined(said)
            for start in range(0, len(turns), 8):
                yield Dialogue(f"annomi:{key}", "annomi", turns[start : start + 8])


def counselchat(folder: Path) -> Iterator[Dialogue]:
    """Questions with counsellors' answers. The key is the question's, so that its answers stay on one side."""
    for record in read_delimited(str(folder / "20200325_counsel_chat.csv")):
        question = record["questionText"] or record["questionTitle"] or ""
        turns = (Turn("user", question), Turn("assistant", record["answerText"] or ""))
        yield Dialogue(f"counselchat:{record['questionID']}", "counselchat", turns, group=None)


def epitome(folder: Path) -> Iterator[Dialogue]:
    """Posts and peers' responses with some emotional reaction (level 1 or 2)."""
    for record in read_delimited(str(folder / "emotional-reactions-reddit.csv")):
        if record["level"] != "0":
            turns = (Turn("user", record["seeker_post"]), Turn("assistant", record["response_post"]))
            yield Dialogue(f"epitome:{record['sp_id']}", "epitome", turns)


def joined(said: list[tuple[str, str]]) -> tuple[Turn, ...]:
    """Neighbouring turns of one role as one; leading turns of the assistant are dropped."""
    turns = [
        Turn(role, " ".join(text.strip() for _, text in group))
        for role, group in groupby(said, key=lambda turn: turn[0])
    ]
    return tuple(turns[1:] if turns and turns[0].role == "assistant" else turns)


CORPORA = {
    "esconv": Corpus("esconv", "CC BY-NC 4.0", "study", esconv),
    "empathetic_dialogues": Corpus("empathetic_dialogues", "CC BY-NC 4.0", "study", empathetic_dialogues),
    "annomi": Corpus("annomi", "none stated", "study", annomi),
    "counselchat": Corpus("counselchat", "MIT", "ship", counselchat),
    "epitome": Corpus("epitome", "none stated", "study", epitome),
}


def read_corpus(name: str, data_root: Path) -> Iterator[Dialogue]:
    """The dialogues of a registered set. Raises DataError for an unknown name or an absent folder."""
    if name not in CORPORA:
        raise DataError(f"no corpus {name!r}; known are {', '.join(CORPORA)}")
    folder = data_root / CORPORA[name].folder
    if not folder.is_dir():
        raise DataError(f"{folder} is not there: pass --data-root")
    return CORPORA[name].read(folder)


def five_class(emotion: str | None) -> str | None:
    """A source's emotion word as one of the five classes; None where none fits, which is never forced."""
    return FIVE.get((emotion or "").lower())


FIVE = {
    **dict.fromkeys(["joyful", "excited", "content", "grateful", "proud", "hopeful", "happy", "joy"], "happy"),
    **dict.fromkeys(
        ["sad", "sadness", "devastated", "lonely", "disappointed", "depression", "grief", "loneliness"], "sad"
    ),
    **dict.fromkeys(
        ["anxious", "anxiety", "afraid", "fear", "apprehensive", "terrified", "stress", "nervousness"], "anxious"
    ),
    **dict.fromkeys(["angry", "anger", "annoyed", "furious"], "angry"),
    "neutral": "neutral",
}
