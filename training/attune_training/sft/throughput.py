"""Trainer against a bare PEFT loop: tokens a second on the same batches, in turns, so that a busy machine hits both."""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch
from transformers import TrainerCallback

from attune_training.run_folder import RunFolder
from attune_training.sft.config import SftConfig
from attune_training.sft.examples import Example
from attune_training.sft.run import Prepared, build_model, build_trainer, prepare_examples
from attune_training.sft.trainer import collate


class Clock(TrainerCallback):
    """Process seconds of each step."""

    def __init__(self) -> None:
        self.steps_s: list[float] = []
        self.begun_s = 0.0

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """Notes the start."""
        self.begun_s = time.process_time()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Notes the length."""
        self.steps_s.append(time.process_time() - self.begun_s)


def bare_steps(config: SftConfig, batches: list[list[Example]], pad_token_id: int) -> list[float]:
    """CPU seconds a step of the plainest loop: the model's own loss, AdamW, nothing else."""
    model = build_model(config)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=config.arguments.learning_rate)
    model.train()
    seconds = []
    for rows in batches:
        batch = collate([row._asdict() for row in rows], pad_token_id)
        started_s = time.process_time()
        model(**batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.arguments.max_grad_norm)
        optimiser.step()
        optimiser.zero_grad()
        seconds.append(time.process_time() - started_s)
    return seconds


def trainer_steps(config: SftConfig, data: Prepared) -> tuple[list[float], float]:
    """CPU seconds a step of our trainer, and what it spent before the first step on frozen layers."""
    clock, started_s = Clock(), time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        run = RunFolder(Path(scratch))
        trainer = build_trainer(config, run, data, (clock,))
        before_s = time.process_time() - started_s
        trainer.train()
    return clock.steps_s, before_s


def shortened(row: Example, length: int) -> Example:
    """The opening half and the end of a row, `length` tokens in all: the system text and the reply both stay."""
    opening = length // 2
    ids, labels = row.input_ids, row.labels
    return Example(ids[:opening] + ids[opening - length :], labels[:opening] + labels[opening - length :])


def measure(config: SftConfig, root: Path, steps: int) -> dict[str, float]:
    """Median tokens a CPU-second of both. Processor time, not the wall's: the figure survives a busy machine."""
    size = config.arguments.per_device_train_batch_size
    data = prepare_examples(config, root)
    middle = sorted(data.train, key=lambda row: len(row.input_ids))[len(data.train) // 2 :]
    # One length for all, so that both see equal batches whatever order the sampler draws.
    length = len(middle[0].input_ids)
    rows = [shortened(row, length) for row in middle[: size * steps]]
    batches = [rows[start : start + size] for start in range(0, size * steps, size)]
    bare = bare_steps(config, batches, data.tokenizer.pad_token_id)
    ours, before_s = trainer_steps(config, data._replace(train=rows, validation=rows[:size]))
    tokens = size * length
    return {
        "tokens_a_step": tokens,
        "bare_tokens_per_cpu_s": round(tokens / median(bare), 1),
        "trainer_tokens_per_cpu_s": round(tokens / median(ours), 1),
        "trainer_over_bare": round(median(bare) / median(ours), 3),
        "frozen_layers_once_cpu_s": round(before_s, 1),
    }
