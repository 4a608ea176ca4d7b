"""What the process holds while it serves: database, champions, online store, the batcher."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine

from creatorlens import api
from creatorlens.errors import CreatorLensError, NotReadyError
from creatorlens.settings import Settings
from services.advice.desk import Desk
from services.insights.jobs import Job
from services.insights.predicting import predict_drafts
from services.insights.registry import ChampionSource
from services.insights.shadowing import Shadows
from services.insights.similar import SimilarDrafts
from serving.analyses import Analyses
from serving.batching import Batcher
from serving.metrics import Metrics

if TYPE_CHECKING:
    from features.feature_store import OnlineStore

log = structlog.get_logger(__name__)


class Forecasting:
    """Forecasts drafts; opens the online store when first needed, and again until there is one."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        source: ChampionSource,
        metrics: Metrics,
        shadows: Shadows | None = None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._source = source
        self._metrics = metrics
        self._shadows = shadows
        self._similar = SimilarDrafts()
        self._store: OnlineStore | None = None
        self._desk: Desk | None = None
        self._opening = threading.Lock()

    def predict(self, jobs: Sequence[Job]) -> list[api.Prediction | CreatorLensError]:
        try:
            store = self._opened()
        except NotReadyError as error:
            return [error] * len(jobs)
        similar = self._similar
        hits, misses = similar.hits, similar.misses
        answers = predict_drafts(
            self._engine, self._settings, self._source, store, jobs, shadows=self._shadows, similar=similar
        )
        self._metrics.similar.labels("hit").inc(similar.hits - hits)
        self._metrics.similar.labels("miss").inc(similar.misses - misses)
        self._metrics.batch.observe(len(jobs))
        for answer in answers:
            if isinstance(answer, api.Prediction):
                self._metrics.predictions.labels(answer.platform.value, answer.serves).inc()
        return answers

    def warm(self) -> None:
        with contextlib.suppress(NotReadyError):
            self._opened()

    def desk(self) -> Desk:
        """What advice is made with; it shares the store and the answers that are remembered. Raises NotReadyError."""
        store = self._opened()
        with self._opening:
            if self._desk is None:
                self._desk = Desk(self._engine, self._settings, self._source, store, self._similar)
            return self._desk

    def _opened(self) -> OnlineStore:
        with self._opening:
            if self._store is None:
                from features.feature_store import OnlineStore

                self._store = OnlineStore(self._settings)
            return self._store


@dataclass(frozen=True)
class State:
    settings: Settings
    engine: Engine
    source: ChampionSource
    batcher: Batcher
    analyses: Analyses
    shadows: Shadows
    desk: Callable[[], Desk]
    """What advice is made with; raises NotReadyError where there are no features yet."""

    def close(self) -> None:
        self.analyses.close()
        self.batcher.close()
        self.shadows.close()
        self.source.close()
        self.engine.dispose()


def open_state(settings: Settings, metrics: Metrics) -> State:
    from creatorlens.database import open_database

    engine = open_database(settings)
    source = ChampionSource(settings)
    shadows = Shadows(engine, settings.workspace, source)
    forecasting = Forecasting(engine, settings, source, metrics, shadows)
    batcher = Batcher(forecasting.predict)
    # Feast takes seconds to import: better now than in the first request.
    batcher.warm(forecasting.warm)
    source.watch()
    log.info("service opened", workspace=settings.workspace)
    return State(settings, engine, source, batcher, Analyses(engine, settings), shadows, forecasting.desk)
