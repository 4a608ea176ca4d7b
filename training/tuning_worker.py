"""One process of a study: takes trials until enough are done or the time is over."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from creatorlens.settings import Settings
from training.search_space import SearchSpace
from training.tuning_objective import Loss, measure, rolling
from training.tuning_storage import here, open_storage

_STARTUP_TRIALS = 8


@dataclass(frozen=True)
class Limits:
    """`trials`: in the study altogether; `deadline`: seconds since 1970 after which no trial starts."""

    trials: int
    deadline: float | None = None


def work(
    settings: Settings,
    study_name: str,
    space: SearchSpace,
    rows: pd.DataFrame,
    limits: Limits,
    number: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """rows: those before the gate's slice; `number` of the process, for its seed."""
    # GNU OpenMP spins where cores are shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = open_storage(settings)
    folds = rolling(rows, space.folds)
    # Another seed after a resumption: the same would draw again what was tried.
    tried = len(optuna.load_study(storage=storage, study_name=study_name).trials)
    study = optuna.load_study(
        storage=storage,
        study_name=study_name,
        sampler=optuna.samplers.TPESampler(seed=1000 * number + tried, n_startup_trials=_STARTUP_TRIALS),
        pruner=_pruner(space),
    )
    parent = os.getppid()

    def objective(trial: Any) -> float:
        for name, value in here().items():
            trial.set_user_attr(name, value)
        parameters = space.suggest(trial)

        def step(fold: int, so_far: Loss) -> None:
            trial.report(so_far.value, fold)
            # Today's parameters are what the others are compared with: they run to the end.
            if not trial.user_attrs.get("base") and fold + 1 < len(folds) and trial.should_prune():
                raise optuna.TrialPruned

        found = measure(folds, space.platform, parameters, step)
        for name, value in vars(found).items():
            trial.set_user_attr(name, value)
        return found.value

    while not _enough(study, limits) and os.getppid() == parent:
        study.optimize(objective, n_trials=1)
        last = max(
            (t for t in study.get_trials(deepcopy=False) if t.user_attrs.get("pid") == os.getpid()),
            key=lambda t: t.number,
        )
        value = "pruned" if last.state == optuna.trial.TrialState.PRUNED else f"{last.value:.5f}"
        progress(
            f"{space.platform.value}: trial {last.number}: {value}; {finished(study)} of {limits.trials} done"
        )


def finished(study: Any, *, running: bool = False) -> int:
    """Trials that ran to their end or were pruned; with `running` those under way too."""
    from optuna.trial import TrialState

    states = (TrialState.COMPLETE, TrialState.PRUNED, *((TrialState.RUNNING,) if running else ()))
    return len(study.get_trials(deepcopy=False, states=states))


def _enough(study: Any, limits: Limits) -> bool:
    late = limits.deadline is not None and time.time() >= limits.deadline
    return late or finished(study, running=True) >= limits.trials


def _pruner(space: SearchSpace) -> Any:
    import optuna

    if space.pruner == "hyperband":
        return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=space.folds, reduction_factor=2)
    return optuna.pruners.MedianPruner(n_startup_trials=_STARTUP_TRIALS // 2)
