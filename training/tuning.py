"""Optuna studies over a platform's parameters: `tune_platform` searches, keeps what it finds and recommends.

A study looks at nothing that the gate judges by: its rolling cut-offs end where the gate's slice begins. It lives in a storage
that several processes share (a journal under home, or the database of `CREATORLENS_TUNING_STORAGE`, then on several machines), and
survives being killed: finished trials stay, and those that were running are queued once more. What it recommends is a
candidate (`training.tuned`) until the gate accepts a model trained with it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training.parameters import CONFIGS, Parameters
from training.search_space import SearchSpace, read_search
from training.tuned import Tuned, candidate_path, parameters_in_use, write_tuned
from training.tuning_objective import before
from training.tuning_storage import open_storage, requeue_killed
from training.tuning_worker import Limits, finished, work

DEFAULT_TRIALS = 40
_MOST_JOBS = 64
Progress = Callable[[str], None]


@dataclass(frozen=True)
class TuneReport:
    """`value` and `base_value`: see `Tuned`. `candidate`: the file with better parameters, None where today's were best.
    `changed`: path → [today's, recommended]."""

    platform: str
    study: str
    trials: int
    completed: int
    pruned: int
    failed: int
    requeued: int
    value: float | None
    base_value: float | None
    changed: dict[str, list[Any]]
    candidate: str | None
    until: str
    seconds: float


def tune_platform(
    settings: Settings,
    platform: Platform,
    *,
    trials: int = DEFAULT_TRIALS,
    hours: float | None = None,
    jobs: int = 1,
    resume: bool = False,
    progress: Progress = lambda _: None,
    rows: pd.DataFrame | None = None,
    configs: Path = CONFIGS,
) -> TuneReport:
    """`trials`: in the study altogether, those before a kill included; `hours`: no trial starts later than that; `rows`:
    labelled rows, by default all known ones; `configs`: the folder of `<platform>.yaml`. Kill it at any time and go on with `resume`.

    Raises InputError for a search space or an option that cannot be, NotReadyError where too little was known.
    """
    _check(trials, hours, jobs)
    space = read_search(platform, parameters_in_use(settings, platform, configs), configs)
    from training.hashes import data_hash
    from training.train import gate_start, known_rows

    known = known_rows(settings, platform, None) if rows is None else rows
    until = gate_start(known)
    early, started = before(known, until), time.monotonic()
    key = data_hash(early)
    with _lock(settings, platform):
        storage = open_storage(settings)
        study = _study(storage, space, key, resume)
        requeued = requeue_killed(study)
        if requeued:
            progress(f"{platform.value}: {requeued} trials that were killed are queued once more")
        if not study.trials:
            # The first to be tried is what is used today, so that a recommendation is one against it.
            study.enqueue_trial(space.base_values(), user_attrs={"base": True})
        progress(f"{platform.value}: study {study.study_name}, {finished(study)} of {trials} trials done")
        limits = Limits(trials, None if hours is None else time.time() + hours * 3600)
        _run(settings, study, space, early, limits, jobs, progress)
        report, tuned = _report(settings, study, space, key, until, requeued, time.monotonic() - started)
        if tuned is not None:
            write_tuned(candidate_path(settings, platform), tuned)
        _log(settings, platform, study, report)
    return report


def _check(trials: int, hours: float | None, jobs: int) -> None:
    if trials < 1:
        raise InputError(f"{trials} trials are none.", field="--trials", hint="Give 1 or more.")
    if hours is not None and not hours > 0:
        raise InputError(f"{hours} hours are none.", field="--hours", hint="Give a number above 0.")
    if not 1 <= jobs <= _MOST_JOBS:
        raise InputError(f"{jobs} processes cannot be.", field="--jobs", hint=f"Give 1 to {_MOST_JOBS}.")


@contextmanager
def _lock(settings: Settings, platform: Platform) -> Iterator[None]:
    """One `tune` per platform and home: who holds it knows that other trials of this machine were killed."""
    import fcntl

    folder = settings.home / "tuning"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{platform.value}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotReadyError(
                f"{platform.value} is being tuned already; --jobs starts more processes of one study."
            ) from None
        yield


def study_key(space: SearchSpace, data_hash: str) -> str:
    """Trials compare only where rows, space and the code that trains are the same."""
    from training.hashes import code_hash

    told = json.dumps([data_hash, space.described(), code_hash([Path(__file__).parent])], sort_keys=True)
    return f"{space.platform.value}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def _study(storage: Any, space: SearchSpace, data_hash: str, resume: bool) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    key = study_key(space, data_hash)
    names = optuna.get_all_study_names(storage)
    number = max((int(name[len(key) + 1 :]) for name in names if name.startswith(f"{key}-")), default=0)
    if resume and number == 0:
        raise InputError(
            f"no study of these rows, this search space and this code is kept for {space.platform.value}.",
            field="--resume",
            hint="Start one without --resume.",
        )
    return optuna.create_study(
        storage=storage, study_name=f"{key}-{number if resume else number + 1}", load_if_exists=True
    )


def _run(
    settings: Settings,
    study: Any,
    space: SearchSpace,
    rows: pd.DataFrame,
    limits: Limits,
    jobs: int,
    progress: Progress,
) -> None:
    if jobs == 1:
        work(settings, study.study_name, space, rows, limits, progress=progress)
        return
    from multiprocessing import get_context

    context = get_context("spawn")
    workers = [
        context.Process(
            target=work, args=(settings, study.study_name, space, rows, limits, number), daemon=True
        )
        for number in range(jobs)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    lost = [worker.exitcode for worker in workers if worker.exitcode]
    if len(lost) == len(workers):
        raise NotReadyError(
            f"all {jobs} processes of the study ended (exit codes {lost}); finished trials are kept: go on with --resume."
        )
    if lost:
        progress(
            f"{len(lost)} of {jobs} processes ended early (exit codes {lost}); the others finished the study"
        )


def _report(
    settings: Settings,
    study: Any,
    space: SearchSpace,
    data_hash: str,
    until: pd.Timestamp,
    requeued: int,
    seconds: float,
) -> tuple[TuneReport, Tuned | None]:
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False)
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    base = next((trial for trial in complete if trial.user_attrs.get("base")), None)
    # Of equally good ones the earliest, so that today's stay where nothing is better.
    best = min(complete, key=lambda trial: (trial.value, trial.number), default=None)
    tuned, changed = None, {}
    if best is not None and base is not None and best.value < base.value:
        tuned = Tuned(
            parameters=space.of_trial(best.params),
            study=study.study_name,
            value=best.value,
            base_value=base.value,
            trials=len(complete),
            data_hash=data_hash,
            until=until.isoformat(),
        )
        changed = _changed(space, tuned.parameters)
    count = {state: sum(trial.state == state for trial in trials) for state in TrialState}
    return TuneReport(
        platform=space.platform.value,
        study=study.study_name,
        trials=count[TrialState.COMPLETE] + count[TrialState.PRUNED],
        completed=count[TrialState.COMPLETE],
        pruned=count[TrialState.PRUNED],
        failed=count[TrialState.FAIL],
        requeued=requeued,
        value=None if best is None else round(best.value, 6),
        base_value=None if base is None else round(base.value, 6),
        changed=changed,
        candidate=None if tuned is None else str(candidate_path(settings, space.platform)),
        until=until.isoformat(),
        seconds=round(seconds, 1),
    ), tuned


def _changed(space: SearchSpace, found: Parameters) -> dict[str, list[Any]]:
    from training.search_space import value_at

    both = {name: [value_at(space.base, name), value_at(found, name)] for name in space.dimensions}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def _log(settings: Settings, platform: Platform, study: Any, report: TuneReport) -> None:
    """A run of the platform's experiment: what was tried as a table, what is recommended, and the figures."""
    from dataclasses import asdict

    from training import tracking

    client = tracking.connect(settings)
    import mlflow

    tried = [
        {"number": t.number, "state": t.state.name, "value": t.value, "params": t.params, **t.user_attrs}
        for t in study.get_trials(deepcopy=False)
    ]
    tags = {"kind": "tuning", "study": report.study, tracking.HOME_TAG: str(settings.home)}
    with mlflow.start_run(
        experiment_id=tracking.experiment(client, settings, platform),
        run_name=f"tune {report.study}",
        tags=tags,
    ):
        figures = {"value": report.value, "base_value": report.base_value, "trials": report.trials}
        mlflow.log_metrics({f"tuning_{name}": float(v) for name, v in figures.items() if v is not None})
        mlflow.log_params({name: str(pair[1]) for name, pair in report.changed.items()})
        mlflow.log_dict({"trials": tried}, "trials.json")
        mlflow.log_dict(asdict(report), "tuning.json")
