"""A version of a model by its number, not by its alias: for replays and for challengers. Versions never change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import make_url

from creatorlens.errors import NotFoundError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights.loading import load_version
from services.insights.made_with import folder_hash, made_with
from services.insights.registry import Forecasts, model_name
from services.insights.version_process import forecast_apart


@dataclass(frozen=True)
class StoredVersion:
    """`folder`: the logged model on this machine, with the code it was trained with below `code/`."""

    platform: Platform
    name: str
    version: str
    registered_at: datetime
    run_id: str | None
    folder: Path
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def artifact_hash(self) -> str | None:
        """Of the files as they lie there now; None for a model without artifacts."""
        folder = self.folder / "artifacts" / "forecaster"
        return folder_hash(folder) if folder.is_dir() else None

    def model(self) -> Forecasts:
        return _loaded(str(self.folder))


@dataclass(frozen=True)
class Recomputed:
    """`answers`: as `Forecasts.forecast` gives them; `made_with`: code, packages and machine that gave them."""

    answers: pd.DataFrame
    made_with: Mapping[str, str]


def stored_version(settings: Settings, platform: Platform, version: str) -> StoredVersion:
    """Raises NotFoundError where the registry does not have it."""
    name = model_name(platform)
    client = registry_client(settings)
    if client is None:
        raise NotFoundError(f"no version {version} of {name}: nothing was trained here yet.", field="version")
    from mlflow.exceptions import MlflowException

    import mlflow

    try:
        found = client.get_model_version(name, version)
        folder = Path(mlflow.artifacts.download_artifacts(f"models:/{name}/{version}"))
    except MlflowException as error:
        raise NotFoundError(
            f"no version {version} of {name} in the registry: {error.message[:200]}",
            field="version",
            hint="GET /v1/promotions and MLflow list the versions there are.",
        ) from error
    return StoredVersion(
        platform=platform,
        name=name,
        version=str(found.version),
        registered_at=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
        run_id=found.run_id or None,
        folder=folder,
        tags=dict(found.tags),
    )


def registry_client(settings: Settings) -> Any | None:
    """MLflow's client, with its defaults pointing there too; None where no registry was ever made (asking would)."""
    uri = settings.mlflow_uri
    url = make_url(uri) if "://" in uri else None
    if url is not None and url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return None
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)


def recompute(
    stored: StoredVersion, rows: pd.DataFrame, *, drivers: bool, floor_only: bool, revise: bool = False
) -> Recomputed:
    """Forecast rows (with horizon_h; with `seen` where revised) by the version, with the code it came with: in this process
    where that is the code that runs here anyway, else in one of its own."""
    model = stored.model()
    here = made_with(model)
    if stored.tags.get("code_hash", here["code"]) != here["code"] and (stored.folder / "code").is_dir():
        answers, code = forecast_apart(
            stored.folder, rows, drivers=drivers, floor_only=floor_only, revise=revise
        )
        return Recomputed(answers, {**here, "code": code})
    if revise:
        return Recomputed(model.revise(rows), here)
    return Recomputed(model.forecast(rows, drivers=drivers, floor_only=floor_only), here)


@lru_cache(maxsize=2)
def _loaded(folder: str) -> Any:
    return load_version(folder)
