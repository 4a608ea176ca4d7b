"""Champions that belong to no platform: models of headlines and of pictures, learned from randomised tests."""

from __future__ import annotations

from typing import Any

import structlog

from creatorlens.settings import Settings
from services.advice.kept import Kept
from services.insights.loading import load_version
from services.insights.versions import registry_client

log = structlog.get_logger(__name__)


def champion_of(settings: Settings, name: str) -> str | None:
    """The version that the registry's alias `champion` names; None where there is none."""
    client = registry_client(settings)
    if client is None:
        return None
    from mlflow.exceptions import MlflowException

    try:
        return str(client.get_model_version_by_alias(name, "champion").version)
    except MlflowException as error:
        # An alias never set is INVALID_PARAMETER_VALUE in the SQL store, RESOURCE_DOES_NOT_EXIST over REST.
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


def load(name: str, version: str) -> Any:
    return load_version(f"models:/{name}/{version}")


def loaded(kept: Kept, name: str, version: str) -> Any | None:
    """The model, once per process and version. One that cannot be loaded is logged and None: advice does without it."""

    def once() -> Any | None:
        try:
            return load(name, version)
        except Exception as error:
            log.error("model refused", model=name, version=version, exc_info=error)
            return None

    return kept.get((name, version), once)
