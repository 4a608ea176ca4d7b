"""Adaptive batching: single drafts that arrive together are forecast together.

BentoML's dispatcher learns what a batch costs and holds the cork only as long as that pays. It is used
directly, because it otherwise sits in front of BentoML's own endpoints, which cannot answer problem+json.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from creatorlens import api
from creatorlens.errors import CreatorLensError
from services.insights.predicting import Job
from serving.problems import Refusal

MAX_BATCH = 64
# A request that has waited this long is refused: it is a limit, not a target.
MAX_WAIT_MS = 20_000
MOST_WAITING = 4_096

Predict = Callable[[Sequence[Job]], list[api.Prediction | CreatorLensError]]


class Batcher:
    """One thread forecasts: the model, the online store and SQLite's writer are each one at a time anyway,
    and while it works the next batch gathers."""

    def __init__(self, predict: Predict) -> None:
        from bentoml._internal.marshal.dispatcher import CorkDispatcher

        self._predict = predict
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")
        self._waiting = 0
        self._dispatcher = CorkDispatcher(
            max_latency_in_ms=MAX_WAIT_MS,
            max_batch_size=MAX_BATCH,
            fallback=_overloaded,
            get_batch_size=lambda _: 1,
        )
        self._single: Callable[[Job], Awaitable[api.Prediction]] = self._dispatcher(self._many)

    async def predict(self, jobs: Sequence[Job]) -> list[api.Prediction | CreatorLensError]:
        """In order. Raises Refusal (503) when too many drafts wait already."""
        if self._waiting + len(jobs) > MOST_WAITING:
            _overloaded()
        self._waiting += len(jobs)
        try:
            if len(jobs) > 1:
                return await self._many(jobs)
            try:
                return [await self._single(jobs[0])]
            except CreatorLensError as error:
                return [error]
        finally:
            self._waiting -= len(jobs)

    async def _many(self, jobs: Sequence[Job]) -> list[api.Prediction | CreatorLensError]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._predict, jobs)

    def warm(self, task: Callable[[], None]) -> None:
        """Do `task` on the forecasting thread, before the first request if it comes late enough."""
        self._thread.submit(task)

    def close(self) -> None:
        self._dispatcher.shutdown()
        self._thread.shutdown(wait=False, cancel_futures=True)


def _overloaded() -> api.Prediction:
    raise Refusal(503, "Too many drafts are waiting; try again in a second.")
