"""Fits the fit head: one linear map of all vectors, under which a message lies near replies written to it.

Contrastive, from the identity: each true reply against those of its batch and one that fits the topic and not the
feeling. It stops early, because the bare cosine is already good and 625 exchanges are few. Called by `cli`.
"""

import random
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from attune_emotion.matching_index import FitHead
from attune_emotion.ports import Floats
from numpy.typing import NDArray

from attune_training.fit.pairs import ExchangeRow, Pair, wrong_feeling

EPOCHS = 10
BATCH = 156
LEARNING_RATE = 3e-4
SHARPNESS = 20.0
PULL_TO_IDENTITY = 1e-3
CALIBRATION_STEPS = 2000


def fit(vectors: Mapping[str, Floats], exchanges: Sequence[ExchangeRow], pairs: Sequence[Pair], seed: int) -> FitHead:
    """The map from the train split's exchanges, then a probability from all `pairs`."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    rows = [row for row in exchanges if not row.held_back]
    identity = torch.eye(len(vectors[rows[0].user]))
    matrix = identity.clone().requires_grad_()
    optimiser = torch.optim.Adam([matrix], lr=LEARNING_RATE)
    for _ in range(EPOCHS):
        chance.shuffle(rows)
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            others = [wrong_feeling(row, rows, chance).reply for row in batch]
            loss = contrast(matrix, vectors, batch, others) + PULL_TO_IDENTITY * (matrix - identity).pow(2).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    mapped = matrix.detach().numpy().astype(np.float16).astype(np.float32)
    return calibrated(FitHead(mapped, 1.0, 0.0), vectors, pairs)


def contrast(
    matrix: torch.Tensor, vectors: Mapping[str, Floats], batch: Sequence[ExchangeRow], others: Sequence[str]
) -> torch.Tensor:
    """The loss of a batch, from the message to its reply and back."""

    def mapped(texts: Sequence[str]) -> torch.Tensor:
        rows = torch.from_numpy(np.stack([vectors[text] for text in texts]))
        return torch.nn.functional.normalize(rows @ matrix, dim=1)

    messages, replies = mapped([row.user for row in batch]), mapped([row.reply for row in batch])
    near = SHARPNESS * messages @ replies.T
    unlike = SHARPNESS * (messages * mapped(others)).sum(dim=1, keepdim=True)
    own = torch.arange(len(batch))
    forth = torch.nn.functional.cross_entropy(torch.cat([near, unlike], dim=1), own)
    return forth + torch.nn.functional.cross_entropy(near.T, own)


def calibrated(head: FitHead, vectors: Mapping[str, Floats], pairs: Sequence[Pair]) -> FitHead:
    """Scale and bias of a logistic regression on the mapped cosine; true pairs weigh as much as all wrong ones."""
    cosines = np.concatenate([head.cosines(vectors[pair.message], vectors[pair.reply][None]) for pair in pairs])
    true = np.array([pair.kind == "true" for pair in pairs])
    shares = np.where(true, 0.5 / true.sum(), 0.5 / (~true).sum())
    scale, bias = 10.0, -3.0
    for _ in range(CALIBRATION_STEPS):
        errors: NDArray[np.float64] = shares * (1 / (1 + np.exp(-(scale * cosines + bias))) - true)
        scale -= 60.0 * float(errors @ cosines)
        bias -= 6.0 * float(errors.sum())
    return FitHead(head.matrix, scale, bias)
