"""Fits the temperature and the abstention threshold on held-out rows, never on a test set. Called by the CLI."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attune_training.emotion import metrics
from attune_training.emotion.corpora import Row
from attune_training.emotion.labels import EMOTIONS
from attune_training.emotion.metrics import Floats

# The held-out rows weigh by source as the balanced mix does; subtitles (XED) are noisy and take no part.
SOURCE_SHARES = {"goemotions": 0.50, "brighter-en": 0.10, "authored-en": 0.20, "exchanges-en": 0.05,
                 "brighter-es": 0.05, "brighter-ar": 0.05, "brighter-hi": 0.05}  # fmt: skip
COVERAGE_TARGET = 0.80
_TEMPERATURES = np.geomspace(0.3, 3.0, 161)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What goes into the manifest, with the held-out error and accuracy that it gave."""

    temperature: float
    threshold: float
    calibration_error: float
    kept_accuracy: float


def weights(rows: tuple[Row, ...]) -> Floats:
    """One weight a row: sources in their shares, emotions equal inside a source; 0 for sources that take no part."""
    counts = Counter((row.source, row.emotion) for row in rows)
    emotions = Counter(source for source, _ in counts)
    values = [
        SOURCE_SHARES.get(row.source, 0.0) / (emotions[row.source] * counts[row.source, row.emotion]) for row in rows
    ]
    return np.array(values) / sum(values)


def fit(logits: NDArray[np.float32], rows: tuple[Row, ...]) -> Calibration:
    """The temperature of the lowest log loss, and the threshold that keeps COVERAGE_TARGET of the weight."""
    labels = np.array([EMOTIONS.index(row.emotion) for row in rows])
    mass = weights(rows)
    losses = [metrics.log_loss(metrics.softmax(logits, float(value)), labels, mass) for value in _TEMPERATURES]
    temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    probabilities = metrics.softmax(logits, temperature)
    accuracy, threshold = metrics.at_coverage(probabilities, labels, mass, COVERAGE_TARGET)
    return Calibration(
        temperature=round(temperature, 4),
        threshold=round(threshold, 4),
        calibration_error=metrics.calibration_error(probabilities, labels, mass),
        kept_accuracy=accuracy,
    )
