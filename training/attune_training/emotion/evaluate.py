"""Scores a shipped model folder (int8 ONNX, tokenizer, manifest) on named test sets. Called by the CLI and `report`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from attune_contracts.emotion_manifest import EmotionManifest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attune_training.emotion import export, metrics, mixture
from attune_training.emotion.corpora import Row
from attune_training.emotion.labels import EMOTIONS
from attune_training.emotion.metrics import Floats, Ints
from attune_training.emotion.surface import is_emoji, strip_emoji

COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
_BOOTSTRAP_DRAWS = 1000
_LATENCY_TEXTS = 200


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SetScores:
    """The scores on one named test set; every emotion present weighs the same."""

    name: str
    rows: int
    accuracy: Interval
    macro_f1: Interval
    calibration_error: Interval
    raw_accuracy: float
    kept_share: float
    kept_accuracy: float
    by_coverage: tuple[tuple[float, Interval], ...]
    per_class: tuple[tuple[float, float, float], ...]
    confusion: Ints


@dataclass(frozen=True, slots=True)
class Shipped:
    """A model folder opened for scoring."""

    manifest: EmotionManifest
    tokenizer: Tokenizer
    predict: Callable[[list[str]], Floats]
    bytes_by_file: dict[str, int]


def open_model(folder: Path, threads: int = 1) -> Shipped:
    """Opens a model folder; predictions are made text by text, as a lone request is."""
    manifest = EmotionManifest.model_validate_json((folder / "manifest.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    loaded = export.session(folder / "model.onnx", threads)

    def predict(texts: list[str]) -> Floats:
        logits, _ = export.run(loaded, tokenizer, manifest.pad_id, texts)
        probabilities = metrics.softmax(logits, manifest.temperature)
        # As the service does: a script that the model does not know says nothing.
        probabilities[[not manifest.can_read(text) for text in texts]] = 1 / len(EMOTIONS)
        return probabilities

    sizes = {file.name: file.stat().st_size for file in sorted(folder.iterdir()) if file.is_file()}
    return Shipped(manifest, tokenizer, predict, sizes)


def score(name: str, rows: tuple[Row, ...], probabilities: Floats, threshold: float) -> SetScores:
    """All scores of one set from its probabilities (rows × 5)."""
    labels = np.array([EMOTIONS.index(row.emotion) for row in rows])
    weights = np.array(mixture.class_weights(rows))
    predicted = probabilities.argmax(axis=1)
    draws = _draws(labels)

    def interval(figure: Callable[[NDArray[np.int64]], float]) -> Interval:
        values = [figure(draw) for draw in draws]
        low, high = np.quantile(values, [0.025, 0.975])
        return Interval(figure(np.arange(len(labels))), float(low), float(high))

    kept = probabilities.max(axis=1) >= threshold
    kept_right = np.average((predicted == labels)[kept], weights=weights[kept]) if kept.any() else 0.0
    classes = len(EMOTIONS)
    return SetScores(
        name=name,
        rows=len(rows),
        accuracy=interval(lambda draw: metrics.accuracy(predicted[draw], labels[draw], weights[draw])),
        macro_f1=interval(lambda draw: metrics.macro_f1(predicted[draw], labels[draw], weights[draw], classes)),
        calibration_error=interval(
            lambda draw: metrics.calibration_error(probabilities[draw], labels[draw], weights[draw])
        ),
        raw_accuracy=float((predicted == labels).mean()),
        kept_share=float(weights[kept].sum()),
        kept_accuracy=float(kept_right),
        by_coverage=tuple(
            (part, interval(lambda draw, part=part: metrics.at_coverage(  # type: ignore[misc]
                probabilities[draw], labels[draw], weights[draw], part)[0]))
            for part in COVERAGES
        ),
        per_class=tuple(metrics.per_class(predicted, labels, weights, classes)),
        confusion=metrics.confusion(predicted, labels, classes),
    )  # fmt: skip


def by_source(rows: tuple[Row, ...]) -> dict[str, tuple[Row, ...]]:
    """The rows of each source, in the order of their names."""
    names = sorted({row.source for row in rows})
    return {name: tuple(row for row in rows if row.source == name) for name in names}


def ablations(rows: tuple[Row, ...]) -> dict[str, tuple[tuple[Row, ...], Callable[[str], str]]]:
    """Named subsets with the change of their text: what emoji and capitals are worth to this model."""
    with_emoji = tuple(row for row in rows if any(is_emoji(char) for char in row.text))
    shouted = tuple(row for row in rows if any(len(word) > 2 and word.isupper() for word in row.text.split()))
    return {
        "rows with emoji, as written": (with_emoji, str),
        "rows with emoji, emoji removed": (with_emoji, strip_emoji),
        "rows with shouted words, as written": (shouted, str),
        "rows with shouted words, lower case": (shouted, str.lower),
        "all rows, lower case": (rows, str.lower),
        "all rows, emoji removed": (rows, strip_emoji),
    }


def latency_ms(shipped: Shipped, rows: tuple[Row, ...]) -> tuple[float, float]:
    """(p50, p95) in milliseconds of tokenising and reading one text on one thread."""
    texts = [row.text for row in rows[:: max(1, len(rows) // _LATENCY_TEXTS)]][:_LATENCY_TEXTS]
    shipped.predict(texts[:20])
    times = []
    for text in texts:
        started = time.perf_counter()
        shipped.predict([text])
        times.append((time.perf_counter() - started) * 1000)
    return float(np.quantile(times, 0.5)), float(np.quantile(times, 0.95))


def _draws(labels: Ints) -> list[NDArray[np.int64]]:
    """Row numbers drawn with replacement inside each emotion, so that no draw loses a class."""
    random = np.random.default_rng(11)
    groups = [np.flatnonzero(labels == index) for index in np.unique(labels)]
    return [np.concatenate([random.choice(group, len(group)) for group in groups]) for _ in range(_BOOTSTRAP_DRAWS)]
