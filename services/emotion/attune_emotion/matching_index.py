"""Finds the nearest situations and authored exchanges, and scores replies. Pure; used by matching_api.

The files of `matching/` are written by `attune_training fit` from the situations of the dialogue service and the
authored exchanges: vectors and names, no texts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2s, sha256
from pathlib import Path
from typing import Any

import numpy as np
from attune_contracts.matching import Match, Matches
from numpy.typing import NDArray

from attune_emotion.model_files import ModelRefused
from attune_emotion.ports import Floats
from attune_emotion.sentences import unit

FOLDER = Path(__file__).parent / "matching"
MANIFEST, INDEX, HEAD = "manifest.json", "index.npz", "head.npz"
NEAREST_MAX = 3
EXCHANGES_MAX = 2
# A situation is near when the middle of its examples is, and a little more when one of them is nearly the message.
# Leaving examples out by fifths, the middle alone finds 59 % of situations, the nearest example alone 42 %.
MIDDLE_SHARE, NEAREST_SHARE = 0.7, 0.3
SCALE = 127.0
KINDS = ("situations", "situations_arabic", "exchanges")


class Examples:
    """Vectors of examples (int8, scaled by 127) and the name that each stands for."""

    def __init__(self, vectors: NDArray[np.int8], names: tuple[str, ...]) -> None:
        self._vectors = unit(vectors.astype(np.float32))
        self._names = tuple(dict.fromkeys(names))
        self._owners = np.array([self._names.index(name) for name in names])
        sums = np.zeros((len(self._names), vectors.shape[1]), dtype=np.float32)
        np.add.at(sums, self._owners, self._vectors)
        self._middles = unit(sums)

    def scores(self, vector: Floats) -> dict[str, float]:
        """The nearness of every name."""
        nearest = np.full(len(self._names), -1.0, dtype=np.float32)
        np.maximum.at(nearest, self._owners, self._vectors @ vector)
        nearness = MIDDLE_SHARE * (self._middles @ vector) + NEAREST_SHARE * nearest
        return {name: float(value) for name, value in zip(self._names, nearness, strict=True)}


@dataclass(frozen=True, slots=True)
class FitHead:
    """A linear map (384 × 384) under which a message lies near replies written to it, and a logistic on the cosine."""

    matrix: Floats
    scale: float
    bias: float

    def cosines(self, message: Floats, replies: Floats) -> Floats:
        """The mapped cosine of each reply."""
        mapped = unit(np.concatenate([message[None], replies]) @ self.matrix)
        return np.asarray(mapped[1:] @ mapped[0])

    def scores(self, message: Floats, replies: Floats) -> tuple[float, ...]:
        """For each reply the probability that it was written to this message."""
        logits = self.scale * self.cosines(message, replies) + self.bias
        return tuple(round(float(value), 4) for value in 1 / (1 + np.exp(-logits)))


@dataclass(frozen=True, slots=True)
class Index:
    """All examples by kind, and the head."""

    situations: Examples
    situations_arabic: Examples
    exchanges: Examples
    head: FitHead
    replies: Mapping[str, Floats]

    def vector(self, text: str) -> Floats | None:
        """The vector of an authored reply that was made before; None for any other text."""
        return self.replies.get(reply_digest(text))

    def matches(self, vector: Floats, *, arabic: bool) -> Matches:
        """The nearest situations and exchanges of one text."""
        situations = self.situations_arabic if arabic else self.situations
        exchanges = {} if arabic else self.exchanges.scores(vector)
        return Matches(
            situations=best(situations.scores(vector), NEAREST_MAX), exchanges=best(exchanges, EXCHANGES_MAX)
        )


def reply_digest(text: str) -> str:
    """How the index knows an authored reply."""
    return blake2s(text.encode(), digest_size=8).hexdigest()


def best(scores: dict[str, float], count: int) -> tuple[Match, ...]:
    """The highest scores, best first."""
    names = sorted(scores, key=lambda name: scores[name], reverse=True)[:count]
    return tuple(Match(name=name, score=round(scores[name], 4)) for name in names)


def load_index(folder: Path = FOLDER) -> Index:
    """Raises ModelRefused when a file is not the one its manifest names."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for name, expected in manifest["files"].items():
        if sha256((folder / name).read_bytes()).hexdigest() != expected:
            raise ModelRefused(f"{name} is not the file that {MANIFEST} names; run `attune_training fit`")
    with np.load(folder / INDEX, allow_pickle=False) as stored:
        parts = {name: stored[name] for name in stored.files}
    with np.load(folder / HEAD, allow_pickle=False) as stored:
        head = FitHead(stored["matrix"].astype(np.float32), float(stored["scale"]), float(stored["bias"]))
    situations, arabic, exchanges = (
        Examples(parts[kind], tuple(str(name) for name in parts[f"{kind}_names"])) for kind in KINDS
    )
    vectors = unit(parts["replies"].astype(np.float32))
    replies = {str(digest): vector for digest, vector in zip(parts["replies_digests"], vectors, strict=True)}
    return Index(situations, arabic, exchanges, head, replies)
