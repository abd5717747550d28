"""When to stop: the plateau rule of the paper, counted in steps, as a pure function of the evaluations so far."""

from collections.abc import Iterable
from typing import NamedTuple


class Evaluation(NamedTuple):
    """A validation loss and the step it was measured at."""

    step: int
    loss: float


def best(evaluations: Iterable[Evaluation]) -> Evaluation | None:
    """The lowest loss; of equal ones the earliest."""
    return min(evaluations, key=lambda evaluation: (evaluation.loss, evaluation.step), default=None)


def plateaued(evaluations: Iterable[Evaluation], plateau_steps: int) -> bool:
    """True when the newest evaluation lies `plateau_steps` or more steps behind the best one."""
    seen = list(evaluations)
    lowest = best(seen)
    return lowest is not None and seen[-1].step - lowest.step >= plateau_steps
