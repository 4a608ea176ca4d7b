"""Which model serves a platform now: the registry's `champion`, else the newest `floor`; and its challenger on trial.

A new champion is picked up without a restart; one that cannot be loaded leaves the old one serving.
"""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pandas as pd
import structlog
from sqlalchemy import make_url

from creatorlens.errors import CreatorLensError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights.loading import load_version
from services.insights.trials import Trial, trial_of

if TYPE_CHECKING:
    from features.absent import Absent
    from features.encoder import ReadsText

POLL_S = 2.0
ALIASES: tuple[tuple[str, Literal["model", "floor"]], ...] = (("champion", "model"), ("floor", "floor"))

log = structlog.get_logger(__name__)


class Forecasts(Protocol):
    """What a registered model can do (see training's registered flavour)."""

    feature_names: Any
    summary: Any
    text_encoder: str | None

    def forecast(
        self, rows: pd.DataFrame, *, drivers: bool = False, floor_only: bool = False, parts: bool = False
    ) -> pd.DataFrame:
        """Aligned to rows (with horizon_h): p10, p50, p90, prob_beats_floor, floor, abstained, reason[, drivers, parts,
        other_metrics]. `parts`: all but the drivers; versions of before it was there do not know it."""

    def revise(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The same columns, for rows with `seen`: ascending (age_h, value) of each post's own observations."""


@dataclass(frozen=True)
class Standing:
    """What the registry says about a platform."""

    version: str
    serves: Literal["model", "floor"]
    registered_at: datetime
    run_id: str | None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Served:
    """A loaded model. `serves` = floor: its calibrated floor answers, because no model beat it.

    `encoder` reads the texts as in training; None where the model reads none, or its encoder is not here.
    """

    model: Forecasts
    platform: Platform
    model_name: str
    model_version: str
    serves: Literal["model", "floor"]
    standing: Standing
    encoder: ReadsText | None = None
    arm: Literal["champion", "canary"] = "champion"

    def forecast(self, rows: pd.DataFrame, *, drivers: bool = False, parts: bool = False) -> pd.DataFrame:
        """`parts`: without the drivers, where the version can leave them out."""
        floor_only = self.serves == "floor"
        if parts and not drivers and "parts" in inspect.signature(self.model.forecast).parameters:
            return self.model.forecast(rows, floor_only=floor_only, parts=True)
        return self.model.forecast(rows, drivers=drivers or parts, floor_only=floor_only)

    def revise(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`forecast` of posts that were seen: rows with `seen`, their (age_h, value), besides horizon_h."""
        if not hasattr(self.model, "revise"):
            raise NotReadyError(
                f"version {self.model_version} of {self.model_name} was trained before forecasts could be revised: "
                f"run creatorlens train --platform {self.platform.value}"
            )
        return self.model.revise(rows)


@dataclass(frozen=True)
class Challenger:
    """The version on trial, loaded, and what it may do."""

    served: Served
    trial: Trial


def model_name(platform: Platform) -> str:
    return f"creatorlens-{platform.value}"


class ChampionSource:
    """`current` gives the serving model of a platform; `watch` keeps it fresh in the background."""

    def __init__(self, settings: Settings, *, poll_s: float = POLL_S) -> None:
        self.settings = settings
        self._poll_s = poll_s
        self._served: dict[Platform, Served] = {}
        self._refused: dict[Platform, tuple[str, str]] = {}
        self._challengers: dict[Platform, Challenger] = {}
        self._refused_challengers: dict[Platform, str] = {}
        self._loading = threading.Lock()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self._registry: Any = None
        self._encoder: ReadsText | Absent | None = None

    def current(self, platform: Platform) -> Served:
        """Raises NotReadyError where the platform has neither champion nor floor."""
        served = self._served.get(platform)
        if served is None or self._watcher is None:
            self.refresh(platform)
            served = self._served.get(platform)
        if served is None:
            raise NotReadyError(
                f"no model for {platform.value} yet: run creatorlens train --platform {platform.value}"
            )
        return served

    def challenger(self, platform: Platform) -> Challenger | None:
        """The version on trial; None where there is none, or it cannot be loaded. Costs nothing while watching."""
        if self._watcher is None:
            try:
                self._follow_trial(platform, trial_of(self._registered().get(platform)))
            except Exception as error:
                log.warning("no word of a challenger", platform=platform.value, error=str(error))
        return self._challengers.get(platform)

    def refresh(self, platform: Platform) -> None:
        """Ask the registry, and load what it names if that is not what serves."""
        self._follow(platform, self.standing(platform))

    def standing(self, platform: Platform) -> Standing | None:
        """What the registry names for the platform: cheap, loads nothing."""
        client = self._client()
        if client is None:
            return None
        for alias, serves in ALIASES:
            version = _by_alias(client, model_name(platform), alias)
            if version is not None:
                return _standing(version, serves)
        return None

    def metrics(self, standing: Standing) -> dict[str, float]:
        """The metrics logged with the run that made it; empty where the run is gone."""
        client = self._client()
        if client is None or standing.run_id is None:
            return {}
        from mlflow.exceptions import MlflowException

        try:
            logged: dict[str, float] = client.get_run(standing.run_id).data.metrics
        except MlflowException:
            return {}
        return {name: value for name, value in sorted(logged.items()) if value == value}

    def versions(self) -> dict[Platform, Served]:
        """What is loaded now."""
        return dict(self._served)

    def watch(self) -> None:
        """Start polling. Platforms already registered are loaded in the background at once."""
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._poll, name="champions", daemon=True)
            self._watcher.start()

    def close(self) -> None:
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(timeout=self._poll_s + 5)
            self._watcher = None

    def _poll(self) -> None:
        while not self._stop.is_set():
            try:
                registered = self._registered()
                for platform in self._moved(registered):
                    self.refresh(platform)
                for platform in Platform:
                    self._follow_trial(platform, trial_of(registered.get(platform)))
            except Exception as error:
                # The registry may be away for a while; what is loaded goes on serving.
                log.warning("registry does not answer", error=str(error))
            self._stop.wait(self._poll_s)

    def _registered(self) -> dict[Platform, Any]:
        """MLflow's registered models with aliases and tags: one query for all, as it runs all the time."""
        client = self._client()
        if client is None:
            return {}
        found = client.search_registered_models(filter_string="name LIKE 'creatorlens-%'")
        by_name = {model.name: model for model in found}
        names = {platform: model_name(platform) for platform in Platform}
        return {platform: by_name[name] for platform, name in names.items() if name in by_name}

    def _moved(self, registered: Mapping[Platform, Any]) -> list[Platform]:
        """Platforms whose aliases differ from what serves."""
        moved = []
        for platform, model in registered.items():
            named = model.aliases
            wanted = next(((str(named[a]), serves) for a, serves in ALIASES if a in named), None)
            served = self._served.get(platform)
            if wanted and (served is None or wanted != (served.model_version, served.serves)):
                moved.append(platform)
        return moved

    def _follow(self, platform: Platform, standing: Standing | None) -> None:
        with self._loading:
            if standing is None or self._is_serving(platform, standing):
                return
            try:
                served = self._load(platform, standing)
            except Exception as error:
                self._refuse(platform, standing, error)
                return
            self._served[platform] = served
            if self._watcher is not None:
                log.info("model serves", platform=platform.value, version=served.model_version)

    def _follow_trial(self, platform: Platform, trial: Trial | None) -> None:
        """Load what is on trial. Where that fails nothing changes for anybody: there is no challenger."""
        with self._loading:
            champion, known = self._served.get(platform), self._challengers.get(platform)
            if trial is None or (champion is not None and _is(champion, trial.version, "model")):
                self._challengers.pop(platform, None)
                return
            if known is not None and known.trial.version == trial.version:
                self._challengers[platform] = Challenger(known.served, trial)
                return
            self._challengers.pop(platform, None)
            if self._refused_challengers.get(platform) == trial.version:
                return
            try:
                version = self._client().get_model_version(model_name(platform), trial.version)
                served = replace(self._load(platform, _standing(version, "model")), arm="canary")
            except Exception as error:
                self._refused_challengers[platform] = trial.version
                log.error(
                    "challenger refused", platform=platform.value, version=trial.version, exc_info=error
                )
                return
            self._refused_challengers.pop(platform, None)
            self._challengers[platform] = Challenger(served, trial)

    def _is_serving(self, platform: Platform, standing: Standing) -> bool:
        served = self._served.get(platform)
        return served is not None and _is(served, standing.version, standing.serves)

    def _load(self, platform: Platform, standing: Standing) -> Served:
        import mlflow

        challenger = self._challengers.get(platform)
        loaded = [self._served.get(platform), challenger.served if challenger else None]
        same = [one.model for one in loaded if one is not None and one.model_version == standing.version]
        if same:
            model = same[0]
        else:
            mlflow.set_tracking_uri(self.settings.mlflow_uri)
            mlflow.set_registry_uri(self.settings.mlflow_uri)
            uri = f"models:/{model_name(platform)}/{standing.version}"
            model = load_version(uri)
        return Served(
            model=model,
            platform=platform,
            model_name=model_name(platform),
            model_version=standing.version,
            serves=standing.serves,
            standing=standing,
            encoder=self._reader(platform, model.text_encoder),
        )

    def _reader(self, platform: Platform, wanted: str | None) -> ReadsText | None:
        """The encoder the model was trained with: vectors of any other would mean nothing to it."""
        if wanted is None:
            return None
        from features.absent import Absent
        from features.embedding_cache import RecentTexts
        from features.encoder import load_encoder

        if self._encoder is None:
            found = load_encoder(self.settings)
            self._encoder = found if isinstance(found, Absent) else RecentTexts(found)
        if not isinstance(self._encoder, Absent) and self._encoder.model_id == wanted:
            return self._encoder
        here = self._encoder.reason if isinstance(self._encoder, Absent) else self._encoder.model_id
        log.warning("titles are not read", platform=platform.value, trained_with=wanted, here=here)
        return None

    def _refuse(self, platform: Platform, standing: Standing, error: Exception) -> None:
        if platform not in self._served:
            raise ModelBrokenError(
                f"version {standing.version} of {model_name(platform)} cannot be loaded: {error}"
            ) from error
        if self._refused.get(platform) != (standing.version, str(error)):
            self._refused[platform] = (standing.version, str(error))
            log.error("new model refused, the old one serves on", platform=platform.value, exc_info=error)

    def _client(self) -> Any:
        if self._registry is None:
            url = make_url(self.settings.mlflow_uri) if "://" in self.settings.mlflow_uri else None
            if (
                url is not None
                and url.get_backend_name() == "sqlite"
                and not Path(str(url.database)).exists()
            ):
                # Asking would make an empty registry, which takes seconds and means nothing.
                return None
            os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
            from mlflow import MlflowClient

            uri = self.settings.mlflow_uri
            self._registry = MlflowClient(tracking_uri=uri, registry_uri=uri)
        return self._registry


def _standing(version: Any, serves: Literal["model", "floor"]) -> Standing:
    return Standing(
        version=str(version.version),
        serves=serves,
        registered_at=datetime.fromtimestamp(version.creation_timestamp / 1000, UTC),
        run_id=version.run_id or None,
        tags=dict(version.tags),
    )


def _is(served: Served, version: str, serves: str) -> bool:
    return (served.model_version, served.serves) == (version, serves)


class ModelBrokenError(CreatorLensError):
    """The registry names a model that cannot be loaded, and no other serves."""


def _by_alias(client: Any, name: str, alias: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        # An alias never set is INVALID_PARAMETER_VALUE in the SQL store, RESOURCE_DOES_NOT_EXIST over REST.
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
