"""One trial of a sweep: trains one grid point and tells the engine the validation loss after each evaluation."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from transformers import TrainerCallback, TrainerControl, TrainerState

from attune_training.errors import Diverged
from attune_training.run_folder import RunFolder
from attune_training.sft.config import load_sft_config
from attune_training.sft.run import train
from attune_training.sweep.grid import Result, SweepConfig, examples_to_converge

# Gets (evaluation number from 1, loss) and says whether to stop this trial.
Report = Callable[[int, float], bool]


class Reporter(TrainerCallback):
    """Passes each validation loss on, and stops the trial when told."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.evaluations: list[tuple[int, float]] = []
        self.pruned = False

    def on_evaluate(self, args: Any, state: TrainerState, control: TrainerControl, **facts: Any) -> None:
        """Called by the Trainer after each evaluation."""
        self.evaluations.append((state.global_step, facts["metrics"]["eval_loss"]))
        if self.report(len(self.evaluations), facts["metrics"]["eval_loss"]):
            self.pruned = control.should_training_stop = True


def run_trial(
    sweep: SweepConfig, number: int, overrides: dict[str, Any], *, folder: Path, root: Path, report: Report
) -> Result:
    """Trains. A diverged run is a result, not an error."""
    config = load_sft_config(sweep.base, {**sweep.overrides, **overrides, "name": f"trial-{number:03d}"})
    reporter, started_s = Reporter(report), time.monotonic()
    status: Literal["finished", "pruned", "diverged"] = "finished"
    run = RunFolder(folder / f"trial-{number:03d}")
    try:
        train(config, run, root, resume=run.path.exists(), callbacks=(reporter,))
    except Diverged:
        status = "diverged"
    if reporter.pruned:
        status = "pruned"
    batch = config.arguments.per_device_train_batch_size * config.arguments.gradient_accumulation_steps
    return Result(
        number=number,
        overrides=overrides,
        status=status,
        loss=min((loss for _, loss in reporter.evaluations), default=None),
        examples_to_converge=examples_to_converge(reporter.evaluations, batch),
        seconds=round(time.monotonic() - started_s, 1),
    )
