"""Fits the head: one hidden layer on standardised vectors, the standardisation folded into its weights. For `study`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attune_training.risk.features import Floats

HIDDEN = 48
EPOCHS = 60
LEARNING_RATE = 4e-3
WEIGHT_DECAY = 2e-2
DROPOUT = 0.3
SMOOTHING = 0.02


@dataclass(frozen=True, slots=True)
class Head:
    """Affine layers with ReLU between them, on raw vectors vectors; one logit at the end."""

    layers: tuple[tuple[Floats, Floats], ...]

    def logits(self, vectors: Floats) -> NDArray[np.float64]:
        """One logit a row."""
        values = vectors
        for index, (weights, bias) in enumerate(self.layers):
            values = values @ weights + bias
            if index + 1 < len(self.layers):
                values = np.maximum(values, 0.0)
        return values[:, 0].astype(np.float64)

    def save(self, file: Path) -> None:
        """As the emotion service reads it: w0, b0, w1, b1 in float32."""
        arrays: dict[str, Any] = {}
        for index, (weights, bias) in enumerate(self.layers):
            arrays |= {f"w{index}": weights, f"b{index}": bias}
        np.savez(file, **arrays)


def fit(vectors: Floats, risky: NDArray[np.bool_], weights: NDArray[np.float64], seed: int) -> Head:
    """Full-batch AdamW on weighted cross-entropy. `weights` are relative, one a row."""
    torch.manual_seed(seed)
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    inputs = torch.from_numpy((vectors - mean) / deviation)
    targets = torch.from_numpy(np.where(risky, 1 - SMOOTHING, SMOOTHING).astype(np.float32))
    shares = torch.from_numpy((weights / weights.sum()).astype(np.float32))
    model = torch.nn.Sequential(
        torch.nn.Linear(vectors.shape[1], HIDDEN),
        torch.nn.ReLU(),
        torch.nn.Dropout(DROPOUT),
        torch.nn.Linear(HIDDEN, 1),
    )
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    loss_of = torch.nn.BCEWithLogitsLoss(reduction="none")
    for _ in range(EPOCHS):
        optimiser.zero_grad()
        loss = (loss_of(model(inputs)[:, 0], targets) * shares).sum()
        loss.backward()
        optimiser.step()
        schedule.step()
    first, last = model[0], model[3]
    # (x - m) / s @ W + b  =  x @ (W / s) + (b - m / s @ W)
    folded = first.weight.detach().numpy().T / deviation[:, None]
    shifted = first.bias.detach().numpy() - mean @ folded
    layers = ((folded, shifted), (last.weight.detach().numpy().T, last.bias.detach().numpy()))
    return Head(tuple((weights_.astype(np.float32), bias.astype(np.float32)) for weights_, bias in layers))


def probability(logit: float, temperature: float) -> float:
    """The sigmoid that the service applies."""
    return float(1.0 / (1.0 + np.exp(-np.clip(logit / temperature, -60, 60))))
