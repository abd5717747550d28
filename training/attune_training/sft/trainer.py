"""transformers' Trainer with the loss on assistant tokens, length buckets, a plateau stop and a NaN stop."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import Dataset, Sampler
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState

from attune_training.errors import Diverged
from attune_training.run_folder import RunFolder
from attune_training.sft.examples import IGNORED, Example, buckets
from attune_training.sft.stopping import Evaluation, plateaued


class Examples(Dataset[dict[str, list[int]]]):
    """A list of examples as the Trainer wants it."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        return self.examples[index]._asdict()


class BucketSampler(Sampler[int]):
    """Length buckets in an order that depends on (seed, epoch) alone, so that a resumed run sees the same batches."""

    def __init__(self, lengths: Sequence[int], batch: int, seed: int) -> None:
        self.lengths, self.batch, self.seed, self.epoch = lengths, batch, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the Trainer before each epoch."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 1_000 + self.epoch)
        order = torch.randperm(len(self.lengths), generator=generator).tolist()
        return iter(buckets(self.lengths, self.batch, order))

    def __len__(self) -> int:
        return len(self.lengths)


def collate(rows: Sequence[dict[str, list[int]]], pad_token_id: int) -> dict[str, torch.Tensor]:
    """Pads to the longest row, on the right. All tensors are (batch, length)."""
    length = max(len(row["input_ids"]) for row in rows)

    def padded(key: str, filler: int) -> torch.Tensor:
        return torch.tensor([row[key] + [filler] * (length - len(row[key])) for row in rows])

    mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (length - len(row["input_ids"])) for row in rows])
    return {"input_ids": padded("input_ids", pad_token_id), "labels": padded("labels", IGNORED), "attention_mask": mask}


def assistant_loss(causal_lm: Any, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, int]:
    """Summed cross-entropy in nats over the labelled tokens, and their number.

    Logits are computed at labelled positions only. They are the largest tensors of a step (49k to 152k numbers a
    token), and two thirds of our tokens are prompt.
    """
    hidden = causal_lm.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    targets = batch["labels"][:, 1:]
    labelled = targets != IGNORED
    logits = causal_lm.lm_head(hidden[:, :-1][labelled])
    return cross_entropy(logits.float(), targets[labelled], reduction="sum"), int(labelled.sum())


class AssistantTrainer(Trainer):
    """Trainer whose loss is `assistant_loss` and whose batches are length buckets."""

    def compute_loss(
        self, model: Any, inputs: dict[str, torch.Tensor], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Mean nats a labelled token, over the whole accumulated batch. Raises Diverged."""
        with self.half_precision():
            total, count = assistant_loss(model.get_base_model(), inputs)
        loss = total / (num_items_in_batch if num_items_in_batch is not None else max(count, 1))
        # With fp16 the GradScaler deals with overflowing gradients; a loss that is no number is past help.
        if not torch.isfinite(loss):
            raise Diverged(self.state.global_step)
        return (loss, {"loss": loss}) if return_outputs else loss

    def half_precision(self) -> AbstractContextManager[Any]:
        """fp16 autocast when asked for. The loss goes past `model.forward`, where the Trainer would have set it."""
        return torch.autocast("cuda", torch.float16) if self.args.fp16 else nullcontext()

    def _get_train_sampler(self, train_dataset: Any = None) -> BucketSampler:
        examples = (train_dataset or self.train_dataset).examples
        lengths = [len(example.input_ids) for example in examples]
        return BucketSampler(lengths, self.args.per_device_train_batch_size, self.args.seed)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Mean nats an assistant token over the whole validation set: averaged over tokens, not over batches."""
        self.model.eval()
        total, tokens = 0.0, 0
        with torch.no_grad(), self.half_precision():
            for batch in self.get_eval_dataloader():
                loss, count = assistant_loss(self.model.get_base_model(), batch)
                total, tokens = total + float(loss), tokens + count
        self.model.train()
        metrics = {"eval_loss": total / tokens}
        self.log(metrics)
        self.control: TrainerControl = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class Recorder(TrainerCallback):
    """Writes metrics.jsonl, and stops on a plateau."""

    def __init__(self, run: RunFolder, plateau_steps: int) -> None:
        self.run, self.plateau_steps = run, plateau_steps
        self.started_s = time.monotonic()

    def on_log(self, args: Any, state: TrainerState, control: TrainerControl, **facts: Any) -> None:
        """One row: step, and loss or eval_loss. The Trainer's own summary at the end is left out."""
        logs = {
            key: facts["logs"][key]
            for key in ("loss", "eval_loss", "learning_rate", "grad_norm")
            if key in facts["logs"]
        }
        if "loss" in logs or "eval_loss" in logs:
            elapsed_s = round(time.monotonic() - self.started_s, 1)
            self.run.append_metrics({"step": state.global_step, **logs, "elapsed_s": elapsed_s})

    def on_evaluate(self, args: Any, state: TrainerState, control: TrainerControl, **facts: Any) -> None:
        """Asks for a stop when the paper's plateau rule holds."""
        if plateaued(evaluations(state), self.plateau_steps):
            control.should_training_stop = True


def evaluations(state: TrainerState) -> list[Evaluation]:
    """The validation losses so far; they survive a resume inside the Trainer's state."""
    return [Evaluation(row["step"], row["eval_loss"]) for row in state.log_history if "eval_loss" in row]
