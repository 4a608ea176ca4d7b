"""Where studies are kept, and what becomes of trials whose process was killed."""

from __future__ import annotations

import os
import socket
from typing import Any

from creatorlens.errors import InputError
from creatorlens.settings import Settings

_BEAT_S = 60
_RETRIES = 3


def open_storage(settings: Settings) -> Any:
    """A journal under home, which any number of this machine's processes may share; with a URL, that database, where processes
    of several machines find each other and notice by a missing heartbeat who was killed.

    Raises InputError where the URL leads nowhere.
    """
    from optuna import storages

    if settings.tuning_storage is None:
        from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

        folder = settings.home / "tuning"
        folder.mkdir(parents=True, exist_ok=True)
        path = str(folder / "studies.journal")
        return storages.JournalStorage(JournalFileBackend(path, JournalFileOpenLock(path)))
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return storages.RDBStorage(
            settings.tuning_storage.get_secret_value(),
            heartbeat_interval=_BEAT_S,
            heartbeat_stale_trial_callback=storages.RetryHeartbeatStaleTrialCallback(max_retry=_RETRIES),
        )
    except (SQLAlchemyError, ImportError, ValueError) as error:
        told = str(error).splitlines()[0]
        raise InputError(
            f"the studies' database cannot be opened: {told}",
            field="CREATORLENS_TUNING_STORAGE",
            hint="A SQLAlchemy URL such as postgresql+psycopg://user@host/name, or leave it away.",
        ) from None


def here() -> dict[str, Any]:
    """What a trial remembers of the process that runs it."""
    return {"host": socket.gethostname(), "pid": os.getpid()}


def requeue_killed(study: Any) -> int:
    """Trials of this machine that claim to run while their process is gone are queued again, then closed as failed; told how
    many. Call it while nobody else of this home may run trials of the study."""
    from optuna.trial import TrialState

    found = 0
    queued = {trial.user_attrs.get("retry_of") for trial in study.get_trials(deepcopy=False)}
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        told = trial.user_attrs
        if told.get("host", socket.gethostname()) != socket.gethostname() or _lives(told.get("pid")):
            continue
        # Killed before it drew its parameters, a trial has those it was queued with, or none worth repeating.
        parameters = trial.params or trial.system_attrs.get("fixed_params", {})
        if parameters and trial.number not in queued:
            # Queued first: killed between the two, the next start finds it queued and closes the old one. Optuna's own
            # `skip_if_exists` would take the killed trial itself for one that exists.
            kept = {"base": True} if told.get("base") else {}
            study.enqueue_trial(parameters, user_attrs={**kept, "retry_of": trial.number})
        study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
        found += 1
    return found


def _lives(pid: Any) -> bool:
    """A process number used again counts as alive; such a trial stays open and costs nothing but its repetition."""
    if not isinstance(pid, int) or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
