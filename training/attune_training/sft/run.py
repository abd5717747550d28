"""One fine-tuning run from a configuration: data, model, training, records. Called by the CLI and by the sweep."""

import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import TrainerCallback, TrainingArguments, set_seed

from attune_training.bases import load_model, load_tokenizer
from attune_training.errors import DataError, Diverged, MissingTool
from attune_training.run_folder import RunFolder
from attune_training.sft.config import LoraSection, SftConfig
from attune_training.sft.examples import Example, Renderer, Split, data_sha256, examples_of, read_rows, split_rows
from attune_training.sft.fit import require_fit
from attune_training.sft.stopping import best
from attune_training.sft.trainer import AssistantTrainer, Examples, Recorder, collate, evaluations
from attune_training.sft.trunk import trunk_states


class Outcome(NamedTuple):
    """What a run came to. Losses are mean nats an assistant token; `tokens` counts padding-free training tokens."""

    best_step: int
    best_loss: float
    steps: int
    tokens: int
    seconds: float
    stopped_early: bool


class Prepared(NamedTuple):
    """Data of a run, ready for the trainer. `too_long` counts rows left out."""

    split: Split
    train: list[Example]
    validation: list[Example]
    too_long: int
    sha256: str
    tokenizer: Any


def prepare_examples(config: SftConfig, root: Path) -> Prepared:
    """Reads, splits, renders and tokenises. Raises DataError when nothing is left."""
    tokenizer = load_tokenizer(config.model.base, config.model.revision)
    split = split_rows(read_rows(config.data.files, root, config.data.languages), config.data.validation_share)
    renderer = Renderer(tokenizer, config.data.template, config.data.loss_on)
    train, too_long = examples_of(split.train, renderer, config.data.length_max)
    validation, too_long_too = examples_of(split.validation, renderer, config.data.length_max)
    if not train or not validation:
        raise DataError(f"no row fits data.length_max = {config.data.length_max}")
    return Prepared(split, train, validation, too_long + too_long_too, data_sha256(split.train), tokenizer)


def lora_config(section: LoraSection, layers: int) -> LoraConfig:
    """Only what a vLLM server can load: no DoRA, no bias, no PiSSA."""
    chosen = list(range(layers - section.last_layers, layers)) if section.last_layers else None
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=section.rank,
        lora_alpha=section.alpha,
        lora_dropout=section.dropout,
        target_modules=list(section.target_modules),
        layers_to_transform=chosen,
        bias="none",
    )


def build_model(config: SftConfig) -> PeftModel:
    """The base with a fresh adapter. Trainable weights are fp32 always: the fp16 GradScaler refuses others."""
    if config.model.quantisation == "nf4" and config.arguments.fp16 and not torch.cuda.is_available():
        raise MissingTool(f"{config.name}: fp16 training of NF4 weights needs a CUDA card, and there is none")
    model = load_model(
        config.model.base,
        config.model.revision,
        dtype=config.model.dtype,
        quantisation=config.model.quantisation,
        attention=config.model.attention,
        seed=config.arguments.seed,
    )
    model.config.use_cache = False
    if config.arguments.activation_checkpointing:
        # Without a gradient at the inputs a checkpointed block of frozen weights has nothing to pass back.
        model.enable_input_require_grads()
    peft_model = get_peft_model(model, lora_config(config.lora, model.config.num_hidden_layers))
    for parameter in peft_model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return peft_model


def training_arguments(config: SftConfig, run: RunFolder) -> TrainingArguments:
    """The configuration's own names, plus what every run here needs."""
    stated = config.arguments.model_dump()
    return TrainingArguments(
        output_dir=str(run.checkpoints),
        **stated,
        save_strategy="steps",
        use_cpu=not torch.cuda.is_available(),
        activation_checkpointing_kwargs={"use_reentrant": False},
        # The filter would hide a NaN by averaging it away.
        logging_nan_inf_filter=False,
        restore_callback_states_from_checkpoint=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def train(
    config: SftConfig, run: RunFolder, root: Path, *, resume: bool = False, callbacks: tuple[TrainerCallback, ...] = ()
) -> Outcome:
    """Trains, keeps the best adapter in `run.adapter` and the records beside it.

    Raises DoesNotFit, RunExists, DataError, MissingTool before anything is computed, and Diverged after it is recorded.
    """
    require_fit(config)
    data = prepare_examples(config, root)
    run.create(config.model_dump(mode="json"), data.sha256, config.arguments.seed, resume=resume)
    set_seed(config.arguments.seed)
    trainer = build_trainer(config, run, data, callbacks)
    checkpoint = newest_checkpoint(run.checkpoints) if resume else None
    run.forget_metrics_after(step_of(checkpoint) if checkpoint else -1)
    run.record(rows=describe(data), trainable=trainable_parameters(trainer.model), resumed_from=str(checkpoint or ""))
    try:
        with numbered_threads():
            result = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except Diverged as error:
        run.record(status="diverged", diverged_at_step=error.step)
        raise
    return finish(trainer, run, data, result.metrics["train_runtime"])


def build_trainer(
    config: SftConfig, run: RunFolder, data: Prepared, callbacks: tuple[TrainerCallback, ...]
) -> AssistantTrainer:
    """The trainer, with the hidden states of the frozen layers where the adapter leaves some."""
    model = build_model(config)
    train, validation, first = Examples(data.train), Examples(data.validation), 0
    if config.lora.last_layers and not torch.cuda.is_available():
        first = model.config.num_hidden_layers - config.lora.last_layers
        train.states = trunk_states(model.get_base_model(), first, data.train)
        validation.states = trunk_states(model.get_base_model(), first, data.validation)
    trainer = AssistantTrainer(
        model=model,
        args=training_arguments(config, run),
        train_dataset=train,
        eval_dataset=validation,
        data_collator=partial(collate, pad_token_id=data.tokenizer.pad_token_id),
        callbacks=[Recorder(run, config.stop.plateau_steps), *callbacks],
    )
    trainer.first_layer = first
    return trainer


def finish(trainer: AssistantTrainer, run: RunFolder, data: Prepared, seconds: float) -> Outcome:
    """Saves the adapter that the Trainer has loaded back as the best, and the figures."""
    trainer.model.save_pretrained(run.adapter)
    data.tokenizer.save_pretrained(run.path / "tokenizer")
    lowest = best(evaluations(trainer.state))
    if lowest is None:
        raise DataError("the run ended before its first evaluation: lower arguments.eval_steps")
    steps = trainer.state.global_step
    outcome = Outcome(
        lowest.step,
        lowest.loss,
        steps,
        sum(len(example.input_ids) for example in data.train) * math.ceil(trainer.state.epoch or 1),
        round(seconds, 1),
        steps < trainer.state.max_steps,
    )
    run.record(status="finished", outcome=outcome._asdict())
    return outcome


def newest_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint; one that a kill cut short is removed."""
    found = sorted(folder.glob("checkpoint-*"), key=step_of, reverse=True)
    for checkpoint in found:
        # The Trainer writes this file last.
        if (checkpoint / "trainer_state.json").exists() and (checkpoint / "rng_state.pth").exists():
            return checkpoint
        shutil.rmtree(checkpoint)
    return None


def step_of(checkpoint: Path) -> int:
    """`checkpoint-300` → 300."""
    return int(checkpoint.name.rpartition("-")[2])


def trainable_parameters(model: Any) -> int:
    """Number of trained weights."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def describe(data: Prepared) -> dict[str, int]:
    """Counts for run.json."""
    labelled = sum(sum(label >= 0 for label in example.labels) for example in data.train)
    return {
        "train": len(data.train),
        "validation": len(data.validation),
        "held_back": len(data.split.held_back),
        "too_long": data.too_long,
        "train_tokens": sum(len(example.input_ids) for example in data.train),
        "train_tokens_with_loss": labelled,
    }


@contextmanager
def numbered_threads() -> Iterator[None]:
    """As many threads as the machine lends: OMP_NUM_THREADS if set, else all cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    try:
        yield
    finally:
        torch.set_num_threads(before)
