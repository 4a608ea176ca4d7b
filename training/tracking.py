"""MLflow: one experiment per platform, runs that tell themselves apart, and the registry's names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from creatorlens.platforms import Platform
from creatorlens.settings import Settings

HOME_TAG = "creatorlens.home"
CHAMPION = "champion"
FLOOR = "floor"
CHALLENGER = "challenger"


def model_name(platform: Platform) -> str:
    return f"creatorlens-{platform.value}"


def connect(settings: Settings) -> Any:
    """The client of the settings' tracking server and registry; mlflow's own defaults point there too."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # A bar per copied file would stand between what a command says.
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow

    uri = settings.mlflow_uri
    if uri.startswith("sqlite:"):
        Path(str(make_url(uri).database)).parent.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)


def experiment(client: Any, settings: Settings, platform: Platform) -> str:
    """Its id; made when missing, with artifacts under home where tracking is local."""
    name = model_name(platform)
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    folder = None
    if settings.tracking_uri is None:
        settings.mlflow_artifacts.mkdir(parents=True, exist_ok=True)
        folder = (settings.mlflow_artifacts / name).as_uri()
    return str(client.create_experiment(name, artifact_location=folder))


@contextmanager
def training_lock(settings: Settings, platform: Platform) -> Iterator[None]:
    """One training per platform and home at a time; the kernel lets go of it when we are killed."""
    with _lock(settings, f"{platform.value}.lock"):
        yield


@contextmanager
def promotion_lock(settings: Settings, platform: Platform) -> Iterator[None]:
    """The same for decisions on the platform's versions; training goes on meanwhile."""
    with _lock(settings, f"{platform.value}.promotion.lock"):
        yield


@contextmanager
def _lock(settings: Settings, name: str) -> Iterator[None]:
    import fcntl

    folder = settings.home / "training"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def close_killed_runs(client: Any, settings: Settings, experiment_id: str) -> int:
    """Runs of this home that still claim to run, while nobody holds the lock, were killed: say so."""
    claim = f"attributes.status = 'RUNNING' and tags.`{HOME_TAG}` = '{settings.home}'"
    left = client.search_runs([experiment_id], filter_string=claim)
    for run in left:
        client.set_terminated(run.info.run_id, status="KILLED")
    return len(left)


def versions(client: Any, platform: Platform) -> list[Any]:
    """Versions of the platform's model, newest first; tags included."""
    found = client.search_model_versions(f"name = '{model_name(platform)}'")
    return sorted(found, key=lambda version: -int(version.version))


def by_alias(client: Any, platform: Platform, alias: str) -> Any:
    """The version an alias of the platform's model names, with its tags; None where there is none."""
    from mlflow.exceptions import MlflowException

    try:
        named = client.get_registered_model(model_name(platform)).aliases.get(alias)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    return None if named is None else client.get_model_version(model_name(platform), str(named))
