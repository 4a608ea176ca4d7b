"""Shadow traffic: what the challenger would have answered, written beside each prediction, after it was answered.

Never in the way of an answer: offering is one look and one put into a bounded queue; a thread of its own forecasts and
writes. What does not fit, or fails, is counted and let go.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import structlog
from sqlalchemy import Engine

from creatorlens.database import tables
from creatorlens.database.engine import insert_ignore
from services.insights.answering import Asked, explode
from services.insights.registry import ChampionSource, Served

if TYPE_CHECKING:
    from features.encoder import ReadsText

MOST_WAITING = 256
CLOSE_S = 5.0
Rows = Callable[["ReadsText | None"], pd.DataFrame]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answered:
    """Drafts that were answered by `served` from `rows`. `rows_with`: the same rows read with another encoder."""

    served: Served
    rows: pd.DataFrame
    asked: Sequence[Asked]
    prediction_ids: Sequence[str]
    recorded: Sequence[bool]
    rows_with: Rows


class Shadows:
    """`offer` what was answered; `waiting`, `written`, `dropped` and `failed` count predictions."""

    def __init__(
        self, engine: Engine, workspace: str, source: ChampionSource, *, most: int = MOST_WAITING
    ) -> None:
        self._engine = engine
        self._workspace = workspace
        self._source = source
        self._queue: queue.Queue[Answered | None] = queue.Queue(most)
        self._thread: threading.Thread | None = None
        self._closed = False
        self.written = self.dropped = self.failed = 0

    def offer(self, answered: Answered) -> None:
        """Returns at once, whatever happens."""
        try:
            challenger = self._source.challenger(answered.served.platform)
            if challenger is None or not challenger.trial.shadow or answered.served.arm == "canary":
                return
            if self._closed or not any(answered.recorded):
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="shadows", daemon=True)
                self._thread.start()
            self._queue.put_nowait(answered)
        except queue.Full:
            self.dropped += len(answered.prediction_ids)
        except Exception as error:
            log.warning("no shadow", error=str(error))

    @property
    def waiting(self) -> int:
        return self._queue.unfinished_tasks

    def close(self) -> None:
        """What waits is let go; what is being forecast has `CLOSE_S` to finish."""
        self._closed = True
        if self._thread is None:
            return
        while True:
            try:
                self._queue.get_nowait()
            except queue.Empty:
                break
        self._queue.put(None)
        self._thread.join(timeout=CLOSE_S)

    def _work(self) -> None:
        while (answered := self._queue.get()) is not None:
            try:
                self.written += self._forecast(answered)
            except Exception as error:
                self.failed += len(answered.prediction_ids)
                log.warning("shadow failed", platform=answered.served.platform.value, error=str(error))
            finally:
                self._queue.task_done()

    def _forecast(self, answered: Answered) -> int:
        challenger = self._source.challenger(answered.served.platform)
        if challenger is None or not challenger.trial.shadow:
            return 0
        served = challenger.served
        rows = answered.rows
        if served.encoder is not answered.served.encoder:
            rows = answered.rows_with(served.encoder)
        answers = served.forecast(explode(rows, answered.asked))
        made = _table(served, answered, answers, datetime.now(UTC), self._workspace)
        if made:
            with self._engine.begin() as connection:
                connection.execute(insert_ignore(connection, tables.shadow_forecasts), made)
        return len({row["prediction_id"] for row in made})


def _table(
    served: Served, answered: Answered, answers: pd.DataFrame, now: datetime, workspace: str
) -> list[dict[str, Any]]:
    columns = {name: answers[name].tolist() for name in ("p10", "p50", "p90")}
    made, at = [], 0
    for one, prediction_id, kept in zip(
        answered.asked, answered.prediction_ids, answered.recorded, strict=True
    ):
        for horizon in one.horizons:
            row = {name: values[at] for name, values in columns.items()}
            at += 1
            if kept:
                made.append(
                    {
                        "prediction_id": prediction_id,
                        "horizon_h": horizon,
                        "model_name": served.model_name,
                        "model_version": served.model_version,
                        "workspace_id": workspace,
                        "created_at": now,
                        **row,
                    }
                )
    return made
