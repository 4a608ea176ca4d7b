"""Model cards, as training left them with the run of a version."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from creatorlens.api_operations import ModelCard
from creatorlens.errors import NotFoundError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights.registry import ChampionSource, model_name
from services.insights.versions import registry_client

FACTS, TEXT = "card/card.json", "card/card.md"


def model_card(settings: Settings, platform: Platform, version: str | None = None) -> ModelCard:
    """Of a version, by default of the one that serves. Raises NotReadyError where the platform has no model,
    NotFoundError for a version that is not there or was trained before cards were made."""
    client, name = registry_client(settings), model_name(platform)
    standing = ChampionSource(settings).standing(platform)
    if client is None or (version is None and standing is None):
        raise NotReadyError(
            f"no model for {platform.value} yet: run creatorlens train --platform {platform.value}"
        )
    number = version or (standing.version if standing else "")
    facts, text = _artifacts(client, name, number, _run_of(client, name, number))
    return ModelCard(
        platform=platform, model_name=name, model_version=number, markdown=text, facts=json.loads(facts)
    )


def _run_of(client: Any, name: str, version: str) -> str | None:
    from mlflow.exceptions import MlflowException

    try:
        run_id: str | None = client.get_model_version(name, version).run_id
    except MlflowException:
        raise NotFoundError(f"no version {version!r} of {name}.", field="version") from None
    return run_id


def _artifacts(client: Any, name: str, version: str, run_id: str | None) -> tuple[str, str]:
    from mlflow.exceptions import MlflowException

    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with tempfile.TemporaryDirectory() as folder:
        try:
            if run_id and client.list_artifacts(run_id, FACTS.partition("/")[0]):
                paths = [Path(client.download_artifacts(run_id, path, folder)) for path in (FACTS, TEXT)]
                return paths[0].read_text(), paths[1].read_text()
        except MlflowException:
            pass
    raise NotFoundError(
        f"version {version} of {name} has no card.",
        field="version",
        hint="It was trained before cards were made: train again.",
    )
