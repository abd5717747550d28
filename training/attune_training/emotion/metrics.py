"""Scores of a five-class softmax: pure numpy, weighted by row. Called by `train`, `calibrate` and `evaluate`."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_BINS = 15


def softmax(logits: NDArray[np.float32] | Floats, temperature: float) -> Floats:
    """Probabilities (rows × classes) at a temperature above 0."""
    scaled = logits.astype(np.float64) / temperature
    exponents = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))


def accuracy(predicted: Ints, labels: Ints, weights: Floats) -> float:
    """The weighted share of right answers, 0 to 1."""
    return float(np.average(predicted == labels, weights=weights))


def confusion(predicted: Ints, labels: Ints, classes: int) -> Ints:
    """Counts, rows are the true class and columns the predicted one."""
    table = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(table, (labels, predicted), 1)
    return table


def per_class(predicted: Ints, labels: Ints, weights: Floats, classes: int) -> list[tuple[float, float, float]]:
    """(precision, recall, F1) of each class under the row weights; 0 where nothing was predicted."""
    scores = []
    for index in range(classes):
        hit = float(weights[(predicted == index) & (labels == index)].sum())
        said, true = float(weights[predicted == index].sum()), float(weights[labels == index].sum())
        precision, recall = hit / said if said else 0.0, hit / true if true else 0.0
        scores.append((precision, recall, 2 * precision * recall / (precision + recall) if hit else 0.0))
    return scores


def macro_f1(predicted: Ints, labels: Ints, weights: Floats, classes: int) -> float:
    """The mean F1 over the classes that occur."""
    present = [index for index in range(classes) if (labels == index).any()]
    scores = per_class(predicted, labels, weights, classes)
    return float(np.mean([scores[index][2] for index in present]))


def calibration_error(probabilities: Floats, labels: Ints, weights: Floats) -> float:
    """Expected calibration error of the top label over 15 equal-width bins (Guo et al. 2017), weighted."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for index in range(_BINS):
        inside = bins == index
        mass = float(weights[inside].sum())
        if mass:
            shortfall = np.average(right[inside] - confidence[inside], weights=weights[inside])
            total += mass * abs(float(shortfall))
    return total / float(weights.sum())


def at_coverage(probabilities: Floats, labels: Ints, weights: Floats, coverage: float) -> tuple[float, float]:
    """(accuracy, lowest confidence) of the most confident rows that make up `coverage` of the weight."""
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    mass = np.cumsum(weights[order]) / weights.sum()
    kept = order[: max(1, int(np.searchsorted(mass, coverage, side="right")))]
    right = probabilities[kept].argmax(axis=1) == labels[kept]
    return float(np.average(right, weights=weights[kept])), float(confidence[kept].min())


def log_loss(probabilities: Floats, labels: Ints, weights: Floats) -> float:
    """Weighted mean negative log-likelihood in nats."""
    chosen = np.clip(probabilities[np.arange(len(labels)), labels], 1e-12, 1.0)
    return float(np.average(-np.log(chosen), weights=weights))
