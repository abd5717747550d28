"""Turns logits into probabilities that mean what they say, with the manifest's temperature. Used by `classify`."""

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float64]


def calibrated_softmax(logits: NDArray[np.float32], temperature: float) -> Probabilities:
    """Softmax over the last axis after division by the temperature; every row sums to 1."""
    scaled = logits.astype(np.float64) / temperature
    exponents = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True))


def sigmoid(logit: float, temperature: float) -> float:
    """The probability of a single logit, without overflow at either end."""
    scaled = logit / temperature
    if scaled >= 0:
        return float(1.0 / (1.0 + np.exp(-scaled)))
    grown = float(np.exp(scaled))
    return grown / (1.0 + grown)
