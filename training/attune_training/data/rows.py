"""One conversation as the pipeline passes it on, and the file formats it is read from. Nothing is read whole."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from attune_training.errors import DataError, MissingTool

BATCH_ROWS = 2_000
FIELD_CHARS_MAX = 1_000_000


class Turn(NamedTuple):
    """One message. `role` is user or assistant."""

    role: str
    text: str


class Dialogue(NamedTuple):
    """One conversation. `group` is a demographic group where a source knows one."""

    key: str
    source: str
    turns: tuple[Turn, ...]
    emotion: str | None = None
    group: str | None = None
    language: str = "en"

    def text(self) -> str:
        """All turns joined, for hashing."""
        return "\n".join(turn.text for turn in self.turns)


def read_records(path: str) -> Iterator[dict[str, Any]]:
    """Records of a JSONL, CSV, TSV or Parquet file by its suffix, or of a hub data set (`hub:owner/name`)."""
    if path.startswith("hub:"):
        return read_hub(path.removeprefix("hub:"))
    suffix = Path(path).suffix.lower()
    readers = {
        ".jsonl": read_jsonl,
        ".json": read_jsonl,
        ".txt": read_jsonl,
        ".csv": read_delimited,
        ".tsv": read_delimited,
        ".parquet": read_parquet,
    }
    if suffix not in readers:
        raise DataError(f"{path}: cannot read {suffix!r} files; known are {', '.join(readers)} and hub:owner/name")
    if not Path(path).is_file():
        raise DataError(f"{path}: no such file")
    return readers[suffix](path)


def read_jsonl(path: str) -> Iterator[dict[str, Any]]:
    """One object a line. Raises DataError with the line's number."""
    with Path(path).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise DataError(f"{path}:{number}: not JSON: {error.msg}") from error


def read_delimited(path: str) -> Iterator[dict[str, Any]]:
    """CSV or TSV with a header line."""
    csv.field_size_limit(min(FIELD_CHARS_MAX, sys.maxsize))
    with Path(path).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t" if path.endswith(".tsv") else ",")


def read_parquet(path: str) -> Iterator[dict[str, Any]]:
    """Row groups in batches of BATCH_ROWS."""
    try:
        from pyarrow import parquet  # noqa: PLC0415 - only for this format
    except ImportError as error:
        raise MissingTool("Parquet needs `pip install pyarrow`") from error
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS):
            yield from batch.to_pylist()


def read_hub(name: str) -> Iterator[dict[str, Any]]:
    """A data set of the hub, streamed: `owner/name`, or `owner/name:split`."""
    try:
        import datasets  # noqa: PLC0415 - only for this source
    except ImportError as error:
        raise MissingTool("hub data sets need `pip install datasets`") from error
    dataset, _, split = name.partition(":")
    yield from datasets.load_dataset(dataset, split=split or "train", streaming=True)


def dialogue_of(record: Mapping[str, Any], columns: Mapping[str, str], source: str, number: int) -> Dialogue:
    """A record as a conversation, through a column map.

    `columns` names the record's columns for: `user` and `assistant` (one exchange), or `messages` (a list of
    {role, content}); and optionally `key`, `emotion`, `group`, `language`. Raises DataError for a missing column.
    """
    try:
        if "messages" in columns:
            turns = tuple(Turn(turn["role"], turn["content"]) for turn in record[columns["messages"]])
        else:
            turns = (Turn("user", record[columns["user"]] or ""), Turn("assistant", record[columns["assistant"]] or ""))
        optional = {name: record[columns[name]] for name in ("emotion", "group") if name in columns}
        key = str(record[columns["key"]]) if "key" in columns else str(number)
        language = str(record[columns["language"]]) if "language" in columns else "en"
    except KeyError as error:
        raise DataError(f"{source}, record {number}: no column {error}; it has {', '.join(record)}") from error
    return Dialogue(f"{source}:{key}", source, turns, language=language, **optional)
