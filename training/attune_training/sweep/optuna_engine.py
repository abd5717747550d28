"""The sweep on one machine: Optuna's grid sampler with successive halving, its study in SQLite, so that it resumes."""

from pathlib import Path
from typing import Any

import optuna

from attune_training.sweep.grid import Result, SweepConfig, space, with_alpha
from attune_training.sweep.trial import run_trial

ATTRIBUTE = "result"


def open_study(sweep: SweepConfig, folder: Path) -> optuna.Study:
    """The study in `folder`/study.db, made if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    halving = optuna.pruners.SuccessiveHalvingPruner(
        min_resource=sweep.evaluations_min, reduction_factor=sweep.reduction_factor
    )
    return optuna.create_study(
        study_name=sweep.name,
        storage=f"sqlite:///{folder / 'study.db'}",
        load_if_exists=True,
        direction="minimize",
        sampler=optuna.samplers.GridSampler(space(sweep.grid), seed=0),
        pruner=halving if sweep.pruning == "halving" else optuna.pruners.NopPruner(),
    )


def run_sweep(sweep: SweepConfig, folder: Path, root: Path, trials: int | None) -> list[Result]:
    """Runs what is left of the grid, at most `trials` points, and returns all results so far."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study, keys = open_study(sweep, folder), space(sweep.grid)

    def objective(trial: optuna.Trial) -> float:
        overrides = with_alpha({key: trial.suggest_categorical(key, values) for key, values in keys.items()})

        def report(evaluation: int, loss: float) -> bool:
            trial.report(loss, evaluation)
            return bool(trial.should_prune())

        result = run_trial(sweep, trial.number, overrides, folder=folder, root=root, report=report)
        trial.set_user_attr(ATTRIBUTE, result.model_dump(mode="json"))
        if result.status == "pruned":
            raise optuna.TrialPruned
        # A diverged run has no loss; infinity keeps it in the study, last of all.
        return result.loss if result.status == "finished" and result.loss is not None else float("inf")

    study.optimize(objective, n_trials=trials, gc_after_trial=True)
    return results_of(study)


def results_of(study: optuna.Study) -> list[Result]:
    """All recorded results, by number. A trial that a kill cut short has none and is left out."""
    found: list[Any] = [trial.user_attrs.get(ATTRIBUTE) for trial in study.get_trials(deepcopy=False)]
    return [Result.model_validate(one) for one in found if one]
