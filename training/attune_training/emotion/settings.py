"""The training configuration: one frozen model, read from configs/emotion/*.toml. Called by the CLI."""

import tomllib
from pathlib import Path

from attune_contracts.emotion import Emotion
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attune_training.errors import ConfigError


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


def load_config(file: Path) -> EmotionConfig:
    """The configuration in a TOML file. Raises ConfigError, which names the field."""
    try:
        return EmotionConfig.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{file}: {error}") from error
