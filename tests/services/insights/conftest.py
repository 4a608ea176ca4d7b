"""A channel with posts put straight into the tables, predictions of them, and small registered models."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from creatorlens import api
from creatorlens.database import tables
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from services.insights import ledger
from services.insights.registry import ChampionSource

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Book:
    """Writes facts as an import would, and predictions as the service would."""

    engine: Engine
    settings: Settings

    def post(
        self, post_id: str, published_at: datetime, *, title: str = "A title", channel: str = "ann"
    ) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                ledger.insert_ignore(connection, tables.channels),
                {"channel_id": f"youtube:{channel}", "platform": "youtube", "creator_id": channel, "first_imported_at": START}
                | self._workspace,
            )  # fmt: skip
            connection.execute(
                tables.posts.insert(),
                {
                    "platform": "youtube", "post_id": post_id, "channel_id": f"youtube:{channel}",
                    "published_at": published_at, "media_type": "video", "title": title, "text": "",
                    "hashtags": [], "content_hash": "0", "import_id": self._import(connection, START),
                }
                | self._workspace,
            )  # fmt: skip

    def views(
        self,
        post_id: str,
        views: float,
        *,
        observed_at: datetime | None,
        published_at: datetime = START,
        imported_at: datetime | None = None,
        backfilled: bool = False,
    ) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                tables.observations.insert(),
                {
                    "platform": "youtube", "post_id": post_id,
                    "observation_key": observed_at.isoformat() if observed_at else f"unknown:{views}",
                    "observed_at": observed_at, "known_at": observed_at or published_at + 168 * HOUR,
                    "backfilled": backfilled or observed_at is None, "metric_definition": "youtube-views-1",
                    "views": views, "import_id": self._import(connection, imported_at or observed_at or START),
                }
                | self._workspace,
            )  # fmt: skip

    def predict(
        self,
        *,
        horizons: tuple[float, ...] = (24, 168, 720),
        post_id: str | None = None,
        title: str = "A title",
        planned_at: datetime = START,
        created_at: datetime = START - HOUR,
        channel: str = "ann",
        p10: float = 50,
        p50: float = 100,
        p90: float = 200,
        floor: float | None = 80,
        abstained: bool = False,
        prediction_id: str | None = None,
    ) -> str:
        entry = ledger.Entry(
            prediction=api.Prediction(
                prediction_id=prediction_id or str(uuid.uuid4()), channel_id=f"youtube:{channel}",
                platform=Platform.YOUTUBE, planned_at=planned_at, as_of=created_at, metric="views",
                metric_definition="youtube-views-1", model_name="creatorlens-youtube", model_version="3",
                serves="model", typical_band=api.Band(p10=40, p50=90, p90=300, n=20),
                forecasts=tuple(
                    api.ForecastAtHorizon(
                        horizon_h=h, p10=p10, p50=p50, p90=p90, prob_beats_floor=0.6, floor=floor,
                        abstained=abstained, reason="",
                    )
                    for h in horizons
                ),
                drivers=(api.DriverEffect(feature="headline_chars", words="length of the title", effect=-0.06),),
                input_hash="a" * 64, recorded=True,
            ),
            draft=Draft(
                channel_id=f"youtube:{channel}", platform=Platform.YOUTUBE, planned_at=planned_at, title=title,
                media_type=MediaType.VIDEO, post_id=post_id,
            ),
            created_at=created_at, source="api", numbers=np.array([1.0, np.nan]), number_names="floor,base_ln",
        )  # fmt: skip
        ledger.record(self.engine, self.settings.workspace, [entry])
        return entry.prediction.prediction_id

    @property
    def _workspace(self) -> dict[str, str]:
        return {"workspace_id": self.settings.workspace}

    def _import(self, connection: Any, at: datetime) -> str:
        import_id = str(uuid.uuid4())
        row = {
            "import_id": import_id, "file_name": "f", "sha256": "0", "kind": "posts", "imported_at": at,
            "rows_read": 1, "rows_taken": 1, "rows_unchanged": 0, "rows_quarantined": 0,
        }  # fmt: skip
        connection.execute(tables.imports.insert(), row | self._workspace)
        return import_id


@pytest.fixture
def book(engine: Engine, settings: Settings) -> Book:
    return Book(engine, settings)


MEDIAN_MODEL = '''
import mlflow
import pandas as pd


class MedianForecaster(mlflow.pyfunc.PythonModel):
    """Answers the channel's floor, times what its configuration says."""

    feature_names = ("headline_chars", "n_matured_ln")
    summary = {}
    text_encoder = None

    def load_context(self, context):
        self.times = context.model_config["times"]
        if self.times < 0:
            raise ValueError("a broken model")

    def forecast(self, rows, *, drivers=False, floor_only=False):
        middle = rows["floor"].fillna(1.0).to_numpy() * (1.0 if floor_only else self.times)
        answer = pd.DataFrame(
            {
                "p10": middle / 2, "p50": middle, "p90": middle * 2, "prob_beats_floor": 0.5,
                "floor": rows["floor"].to_numpy(), "abstained": floor_only, "reason": "",
            },
            index=rows.index,
        )
        if drivers:
            driver = {"feature": "headline_chars", "words": "length of the title", "effect": 0.1}
            answer["drivers"] = [[driver] for _ in range(len(rows))]
        return answer

    def revise(self, rows):
        seen = pd.Series([track[-1][1] for track in rows["seen"]], index=rows.index)
        answer = self.forecast(rows)
        return answer.assign(p10=seen, p50=seen * self.times, p90=seen * self.times * 2)

    def predict(self, context, model_input, params=None):
        return self.forecast(model_input)


mlflow.models.set_model(MedianForecaster())
'''

Register = Callable[..., str]


def register_median(
    settings: Settings,
    source: Path,
    platform: Platform,
    *,
    times: float = 1.0,
    alias: str | None = "champion",
) -> str:
    """Register a small model in a real registry and point an alias to it; gives its version."""
    import mlflow

    (settings.home / "mlflow").mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(settings.mlflow_uri)
    mlflow.set_registry_uri(settings.mlflow_uri)
    name = f"creatorlens-{platform.value}"
    if mlflow.get_experiment_by_name(name) is None:
        mlflow.create_experiment(name, artifact_location=settings.mlflow_artifacts.as_uri())
    mlflow.set_experiment(name)
    with mlflow.start_run():
        mlflow.log_metric("mae_ln", 0.4)
        logged = mlflow.pyfunc.log_model(
            name="model", python_model=str(source), model_config={"times": times},
            pip_requirements=["mlflow"], registered_model_name=name,
        )  # fmt: skip
    version = str(logged.registered_model_version)
    if alias:
        mlflow.MlflowClient().set_registered_model_alias(name, alias, version)
    return version


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry's database with nothing in it: making one takes seconds, copying it none."""
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("registry") / "mlflow.db"
    MlflowClient(tracking_uri=f"sqlite:///{path}").search_registered_models()
    return path


@pytest.fixture
def register(settings: Settings, tmp_path: Path, empty_registry: Path) -> Register:
    source = tmp_path / "median_model.py"
    source.write_text(MEDIAN_MODEL)

    def do(platform: Platform, **options: Any) -> str:
        database = settings.home / "mlflow" / "mlflow.db"
        if not database.exists():
            database.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(empty_registry, database)
        return register_median(settings, source, platform, **options)

    return do


@pytest.fixture(scope="session")
def doubling(tmp_path_factory: pytest.TempPathFactory) -> ChampionSource:
    """A registry in which YouTube's champion answers twice the floor."""
    folder = tmp_path_factory.mktemp("doubling")
    source = folder / "median_model.py"
    source.write_text(MEDIAN_MODEL)
    settings = Settings(home=folder / "home")
    register_median(settings, source, Platform.YOUTUBE, times=2)
    return ChampionSource(settings)
