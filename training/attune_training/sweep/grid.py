"""The paper's grid (81 points: learning rate, batch, accumulation, rank), results, and the choice of a winner. Pure."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError

from attune_training.errors import ConfigError

# Losses this close count as equal, and the faster run wins: the spread of one configuration over seeds is larger.
LOSS_TIE = 0.005
# A run has converged when its validation loss is within this share of its own best.
CONVERGED_WITHIN = 0.01


class Grid(BaseModel):
    """Values to try, each list in the order of the paper."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    learning_rate: tuple[float, ...]
    per_device_train_batch_size: tuple[PositiveInt, ...]
    gradient_accumulation_steps: tuple[PositiveInt, ...]
    rank: tuple[PositiveInt, ...]


class SweepConfig(BaseModel):
    """A sweep. `base` is a fine-tuning configuration; `overrides` apply to every trial."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    base: Path
    pruning: Literal["halving", "none"]
    reduction_factor: PositiveInt
    evaluations_min: PositiveInt
    overrides: dict[str, Any] = {}
    grid: Grid


class Result(BaseModel):
    """One trial. `loss` is the best validation loss in nats a token; None when it diverged before an evaluation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    overrides: dict[str, Any]
    status: Literal["finished", "pruned", "diverged"]
    loss: float | None
    examples_to_converge: int | None
    seconds: float


def load_sweep_config(path: Path) -> SweepConfig:
    """Reads a TOML file. Raises ConfigError."""
    try:
        return SweepConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{path}: {error}") from error


def space(grid: Grid) -> dict[str, list[Any]]:
    """Dotted keys of the fine-tuning configuration with the values to try."""
    values = grid.model_dump()
    rank = values.pop("rank")
    return {**{f"arguments.{name}": list(tried) for name, tried in values.items()}, "lora.rank": list(rank)}


def points(grid: Grid) -> Iterator[dict[str, Any]]:
    """Every combination, as overrides. Alpha follows the rank (twice), as in the base configurations."""
    keys = space(grid)
    for values in product(*keys.values()):
        yield with_alpha(dict(zip(keys, values, strict=True)))


def with_alpha(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Adds lora.alpha = 2 x rank."""
    return {**overrides, "lora.alpha": 2 * overrides["lora.rank"]}


def examples_to_converge(evaluations: Iterable[tuple[int, float]], examples_a_step: int) -> int | None:
    """Training examples seen until the loss first came within CONVERGED_WITHIN of its own best.

    Examples, not steps: a step of 32 examples costs sixteen times one of 2.
    """
    seen = list(evaluations)
    if not seen:
        return None
    target = min(loss for _, loss in seen) * (1 + CONVERGED_WITHIN)
    return next(step for step, loss in seen if loss <= target) * examples_a_step


def winner(results: Iterable[Result]) -> Result | None:
    """The lowest validation loss; among those within LOSS_TIE of it the one that converged on the fewest examples."""
    finished = [
        r for r in results if r.status == "finished" and r.loss is not None and r.examples_to_converge is not None
    ]
    if not finished:
        return None
    lowest = min(r.loss for r in finished if r.loss is not None)
    tied = [r for r in finished if r.loss is not None and r.loss <= lowest * (1 + LOSS_TIE)]
    return min(tied, key=lambda r: (r.examples_to_converge or 0, r.loss or 0.0, r.number))
