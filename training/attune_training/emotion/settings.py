"""The training configuration: one frozen model, read from configs/emotion/*.toml. Called by the CLI."""

import tomllib
from pathlib import Path
from typing import TypeVar

from attune_contracts.emotion import Emotion
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attune_training.errors import ConfigError

Config = TypeVar("Config", bound=BaseModel)


class Frozen(BaseModel):
    """Refuses unknown keys, so that a typo in a config is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(Frozen):
    """How often a source's rows are drawn, relative to 1, and the most rows kept of one emotion."""

    weight: float = Field(gt=0)
    rows_per_emotion_max: int = Field(gt=0)


class DataSettings(Frozen):
    """Which rows are trained on. `shares` are the emotions' parts of every epoch and sum to 1."""

    sources: dict[str, SourceSettings]
    shares: dict[Emotion, float]
    held_out_share: float = Field(gt=0, lt=0.5)


class SurfaceSettings(Frozen):
    """What the tokenizer keeps beside plain words."""

    emoji_max: int = Field(ge=0, le=900)
    shout: bool
    tokens_max: int = Field(ge=16, le=512)


class EncoderSettings(Frozen):
    """The encoder that is fine-tuned: `minilm` (English) or `e5` (multilingual), cut to `layers`.

    A second stage names the first one in `start_from` (its run folder's name) and may keep the embeddings and the
    lowest layers as they are, which makes a step a third cheaper.
    """

    base: str = Field(pattern="^(minilm|e5)$")
    layers: tuple[int, ...]
    dropout: float = Field(ge=0, lt=1)
    vocabulary_max: int | None = None
    start_from: str | None = None
    frozen_layers: int | None = None


class OptimiserSettings(Frozen):
    """AdamW with linear warm-up and decay; the average of the weights over time is what is kept.

    `stop_after_epochs` leaves the schedule early, for a first stage that a second one goes on from.
    """

    epochs: int = Field(ge=1)
    rows_per_epoch: int = Field(ge=8)
    batch_rows: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    head_learning_rate: float = Field(gt=0)
    warmup_share: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    label_smoothing: float = Field(ge=0, lt=1)
    average_decay: float = Field(ge=0, lt=1)
    seed: int
    threads: int = Field(ge=1)
    stop_after_epochs: int | None = None


class EmotionConfig(Frozen):
    """One training run."""

    name: str
    data: DataSettings
    surface: SurfaceSettings
    encoder: EncoderSettings
    optimiser: OptimiserSettings


class HeadModel(Frozen):
    """The causal language model under the head: a base that `attune_training.bases` knows, at a revision."""

    base: str
    revision: str


class HeadLora(Frozen):
    """LoRA's size and the layers it is put on."""

    rank: int = Field(gt=0)
    alpha: int = Field(gt=0)
    dropout: float = Field(ge=0, lt=1)
    target_modules: tuple[str, ...]


class HeadConfig(Frozen):
    """One training run of the paper's head on a causal language model."""

    name: str
    tokens_max: int = Field(ge=16, le=1024)
    test_rows_max: int = Field(gt=0)
    model: HeadModel
    lora: HeadLora
    data: DataSettings
    optimiser: OptimiserSettings


def load_config(file: Path) -> EmotionConfig:
    """An encoder's configuration. Raises ConfigError, which names the field."""
    return _load(file, EmotionConfig)


def load_head_config(file: Path) -> HeadConfig:
    """A head's configuration. Raises ConfigError, which names the field."""
    return _load(file, HeadConfig)


def _load(file: Path, kind: type[Config]) -> Config:
    try:
        return kind.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{file}: {error}") from error
