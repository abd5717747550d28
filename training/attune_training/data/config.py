"""Configuration of `prepare`: sources, steps in order, sampling, split."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from attune_training.errors import ConfigError


class Section(BaseModel):
    """Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Section):
    """A registered corpus, or a file or hub data set with a column map. `repeat` enlarges it for measurements."""

    corpus: str | None = None
    path: str | None = None
    columns: dict[str, str] = {}
    repeat: PositiveInt = 1

    @model_validator(mode="after")
    def _one_of_two(self) -> "Source":
        if (self.corpus is None) == (self.path is None):
            raise ValueError("name either a corpus or a path")
        if self.path is not None and not (
            {"messages"} <= set(self.columns) or {"user", "assistant"} <= set(self.columns)
        ):
            raise ValueError("columns must map either messages, or user and assistant")
        return self


class PrepareConfig(Section):
    """One preparation. `steps` names those of steps.py, in order; `spelling` may stand among them."""

    name: str
    sources: tuple[Source, ...] = Field(min_length=1)
    steps: tuple[str, ...]
    near_duplicates: bool
    sample_rows: PositiveInt | None
    validation_share: float = Field(gt=0, lt=0.5)
    imbalance_ratio_max: float = Field(gt=1)
    balance: Literal["proportional"] = "proportional"


def load_prepare_config(path: Path) -> PrepareConfig:
    """Reads a TOML file. Raises ConfigError, also for a step that does not exist."""
    from attune_training.data.steps import STEPS  # noqa: PLC0415 - keeps `--help` quick

    try:
        config = PrepareConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{path}: {error}") from error
    unknown = [step for step in config.steps if step not in {*STEPS, "spelling"}]
    if unknown:
        raise ConfigError(f"{path}: no step {', '.join(unknown)}; known are {', '.join(STEPS)} and spelling")
    return config
