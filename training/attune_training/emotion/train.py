"""Fine-tunes the encoder: weighted draws, length-sorted batches, averaged weights. Called by the CLI."""

import json
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from attune_training.emotion import mixture
from attune_training.emotion.corpora import Row
from attune_training.emotion.encoder import Classifier
from attune_training.emotion.labels import EMOTIONS
from attune_training.emotion.metrics import accuracy
from attune_training.emotion.mixture import Mixture
from attune_training.emotion.settings import DataSettings, OptimiserSettings
from attune_training.errors import Diverged
from attune_training.run_folder import RunFolder

# Batches are sorted by length inside windows of this many, which halves the padding and keeps the order random.
_WINDOW_BATCHES = 50
_CLIP_NORM = 1.0
# The accuracy after each epoch is a sign of life; these many held-out rows are enough for it.
_WATCHED_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Trainee:
    """A model with the tokenizer that fits it."""

    model: Classifier
    tokenizer: Tokenizer
    pad_id: int


@dataclass(frozen=True, slots=True)
class Example:
    """One tokenised row."""

    ids: tuple[int, ...]
    label: int
    weight: float


def tokenise(rows: tuple[Row, ...], tokenizer: Tokenizer, weights: list[float]) -> list[Example]:
    """The rows as token ids with their class index and drawing weight."""
    encodings = tokenizer.encode_batch([row.text for row in rows])
    return [
        Example(tuple(encoding.ids), EMOTIONS.index(row.emotion), weight)
        for encoding, row, weight in zip(encodings, rows, weights, strict=True)
    ]


def pad(batch: list[Example], pad_id: int) -> tuple[Tensor, Tensor, Tensor]:
    """Token ids, mask and labels of one batch, padded to its longest row."""
    width = max(len(example.ids) for example in batch)
    ids = torch.full((len(batch), width), pad_id, dtype=torch.long)
    mask = torch.zeros((len(batch), width), dtype=torch.long)
    for index, example in enumerate(batch):
        ids[index, : len(example.ids)] = torch.tensor(example.ids)
        mask[index, : len(example.ids)] = 1
    return ids, mask, torch.tensor([example.label for example in batch])


def epoch_batches(examples: list[Example], settings: OptimiserSettings, epoch: int) -> Iterator[list[Example]]:
    """One epoch: rows drawn by weight, sorted by length inside windows, the batches shuffled."""
    order = random.Random(settings.seed * 1000 + epoch)
    drawn = order.choices(examples, [example.weight for example in examples], k=settings.rows_per_epoch)
    size, batches = settings.batch_rows, []
    for start in range(0, len(drawn), size * _WINDOW_BATCHES):
        window = sorted(drawn[start : start + size * _WINDOW_BATCHES], key=lambda example: len(example.ids))
        batches += [window[index : index + size] for index in range(0, len(window), size)]
    order.shuffle(batches)
    yield from batches


def fit(trainee: Trainee, data: Mixture, drawing: DataSettings, settings: OptimiserSettings, run: RunFolder) -> None:
    """Trains; after each epoch writes the averaged weights (model.pt) and one row of metrics into the run folder."""
    torch.manual_seed(settings.seed)
    examples = tokenise(data.train, trainee.tokenizer, mixture.draw_weights(data.train, drawing))
    watched = data.held_out[:: max(1, len(data.held_out) // _WATCHED_ROWS)]
    held_out = tokenise(watched, trainee.tokenizer, mixture.class_weights(watched))
    descent = _Descent(trainee, settings)
    started = time.monotonic()
    with tqdm(total=descent.steps, unit="step", mininterval=5, miniters=1) as bar:
        for epoch in range(settings.stop_after_epochs or settings.epochs):
            losses = []
            trainee.model.train()
            for batch in epoch_batches(examples, settings, epoch):
                losses.append(descent.step(pad(batch, trainee.pad_id)))
                bar.update()
            averaged = descent.average.module
            record = {
                "epoch": epoch + 1,
                "step": descent.taken,
                "train_loss": float(np.mean(losses)),
                "held_out_accuracy": _held_out_accuracy(averaged, held_out, trainee.pad_id),
                "elapsed_s": round(time.monotonic() - started, 1),
            }
            run.append_metrics(record)
            tqdm.write(json.dumps(record))
            torch.save(averaged.kept_state(), run.path / "model.pt")
    trainee.model.load_state_dict(descent.average.module.state_dict())


class _Descent:
    """The optimiser, its schedule and the running average of the weights."""

    def __init__(self, trainee: Trainee, settings: OptimiserSettings) -> None:
        self.model = trainee.model
        self.steps = settings.epochs * math.ceil(settings.rows_per_epoch / settings.batch_rows)
        self.taken = 0
        self.average = AveragedModel(self.model, multi_avg_fn=get_ema_multi_avg_fn(settings.average_decay))
        self._optimiser = _optimiser(self.model, settings)
        self._schedule = LambdaLR(self._optimiser, _triangle(self.steps, settings.warmup_share))
        self._loss = nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing)

    def step(self, batch: tuple[Tensor, Tensor, Tensor]) -> float:
        """One batch; returns its loss. Raises Diverged when that is not a finite number."""
        ids, mask, labels = batch
        self.taken += 1
        loss = self._loss(self.model(ids, mask)[0], labels)
        if not torch.isfinite(loss):
            raise Diverged(self.taken)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP_NORM)
        self._optimiser.step()
        self._schedule.step()
        self.average.update_parameters(self.model)
        return float(loss.item())


def logits_of(model: Classifier, examples: list[Example], pad_id: int, batch_rows: int = 64) -> NDArray[np.float32]:
    """The model's logits (rows × 5) in the order of the examples."""
    model.eval()
    order = sorted(range(len(examples)), key=lambda index: len(examples[index].ids))
    logits = np.zeros((len(examples), len(EMOTIONS)), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), batch_rows):
            chosen = order[start : start + batch_rows]
            ids, mask, _ = pad([examples[index] for index in chosen], pad_id)
            logits[chosen] = model(ids, mask)[0].numpy()
    return logits


def _held_out_accuracy(model: Classifier, held_out: list[Example], pad_id: int) -> float:
    logits = logits_of(model, held_out, pad_id)
    labels = np.array([example.label for example in held_out])
    return accuracy(logits.argmax(axis=1), labels, np.array([example.weight for example in held_out]))


def _optimiser(model: Classifier, settings: OptimiserSettings) -> AdamW:
    return AdamW(
        [
            {
                "params": [part for part in model.encoder.parameters() if part.requires_grad],
                "lr": settings.learning_rate,
            },
            {"params": list(model.head.parameters()), "lr": settings.head_learning_rate},
        ],
        weight_decay=settings.weight_decay,
        fused=True,
    )


def _triangle(steps: int, warmup_share: float) -> Callable[[int], float]:
    warm = max(1, int(steps * warmup_share))

    def factor(step: int) -> float:
        return min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))

    return factor
