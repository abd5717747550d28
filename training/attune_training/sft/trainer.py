"""transformers' Trainer with the loss on assistant tokens, length buckets, a plateau stop and a NaN stop."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset, Sampler
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState

from attune_training.errors import Diverged
from attune_training.run_folder import RunFolder
from attune_training.sft.examples import IGNORED, Example, buckets
from attune_training.sft.stopping import Evaluation, plateaued
from attune_training.sft.trunk import without_layers


class Examples(Dataset[dict[str, Any]]):
    """A list of examples as the Trainer wants it; `states` are their hidden states where those are kept."""

    def __init__(self, examples: Sequence[Example], states: Sequence[torch.Tensor] | None = None) -> None:
        self.examples, self.states = examples, states

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        states = {"states": self.states[index]} if self.states else {}
        return {**self.examples[index]._asdict(), **states}


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


def collate(rows: Sequence[dict[str, Any]], pad_token_id: int) -> dict[str, torch.Tensor]:
    """Pads to the longest row, on the right. Tensors are (batch, length), `states` (batch, length, hidden)."""
    length = max(len(row["input_ids"]) for row in rows)

    def padded(key: str, filler: int) -> torch.Tensor:
        return torch.tensor([row[key] + [filler] * (length - len(row[key])) for row in rows])

    mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (length - len(row["input_ids"])) for row in rows])
    batch = {
        "input_ids": padded("input_ids", pad_token_id),
        "labels": padded("labels", IGNORED),
        "attention_mask": mask,
    }
    if "states" in rows[0]:
        batch["states"] = pad_sequence([row["states"] for row in rows], batch_first=True)
    return batch


def assistant_loss(causal_lm: Any, batch: dict[str, torch.Tensor], first_layer: int = 0) -> tuple[torch.Tensor, int]:
    """Summed cross-entropy in nats over the labelled tokens, and their number.

    With kept `states` in the batch, only the layers from `first_layer` on are run.

    Logits are computed at labelled positions only. They are the largest tensors of a step (49k to 152k numbers a
    token), and two thirds of our tokens are prompt.
    """
    if "states" in batch:
        above = without_layers(causal_lm.model, slice(first_layer, None), norm=True)
        output = above(inputs_embeds=batch["states"], attention_mask=batch["attention_mask"])
    else:
        output = causal_lm.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
    hidden = output.last_hidden_state
    targets = batch["labels"][:, 1:]
    labelled = targets != IGNORED
    logits = causal_lm.lm_head(hidden[:, :-1][labelled])
    return cross_entropy(logits.float(), targets[labelled], reduction="sum"), int(labelled.sum())


class AssistantTrainer(Trainer):
    """Trainer whose loss is `assistant_loss` and whose batches are length buckets."""

    first_layer = 0

    def compute_loss(
        self, model: Any, inputs: dict[str, torch.Tensor], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Mean nats a labelled token, over the whole accumulated batch. Raises Diverged."""
        with self.half_precision():
            total, count = assistant_loss(model.get_base_model(), inputs, self.first_layer)
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
                loss, count = assistant_loss(self.model.get_base_model(), batch, self.first_layer)
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
