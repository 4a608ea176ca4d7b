"""Adaptive batching: drafts that arrive while a batch is forecast make up the next one.

Nobody waits for company: an idle service answers a lone draft at once, a busy one forecasts all that gathered
together. BentoML's own dispatcher holds requests back by what it learned of earlier load, so that after a burst a
lone client waited 170 ms for an answer that takes 30 (docs/api.md).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from creatorlens import api
from creatorlens.errors import CreatorLensError
from services.insights.jobs import Job
from serving.problems import Refusal

MAX_BATCH = 64
# A request that has waited this long is refused: it is a limit, not a target.
MAX_WAIT_S = 20.0
MOST_WAITING = 4_096

Answers = list[api.Prediction | CreatorLensError]
Predict = Callable[[Sequence[Job]], Answers]


@dataclass(frozen=True)
class _Asked:
    jobs: Sequence[Job]
    answers: asyncio.Future[Answers]


class Batcher:
    """One thread forecasts: the model, the online store and SQLite's writer are each one at a time anyway,
    and while it works the next batch gathers."""

    def __init__(self, predict: Predict) -> None:
        self._predict = predict
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")
        self._waiting: deque[_Asked] = deque()
        self._drafts = 0
        self._working: asyncio.Task[None] | None = None

    async def predict(self, jobs: Sequence[Job]) -> Answers:
        """In order. Raises Refusal (503) when too many drafts wait already, or for too long."""
        if self._drafts + len(jobs) > MOST_WAITING:
            raise _overloaded()
        asked = _Asked(jobs, asyncio.get_running_loop().create_future())
        self._drafts += len(jobs)
        self._waiting.append(asked)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        try:
            return await asyncio.wait_for(asked.answers, MAX_WAIT_S)
        except TimeoutError:
            raise _overloaded() from None
        finally:
            self._drafts -= len(jobs)

    async def _work(self) -> None:
        """Batch after batch until nobody waits."""
        try:
            while together := self._next():
                jobs = [job for asked in together for job in asked.jobs]
                try:
                    answers = await asyncio.get_running_loop().run_in_executor(
                        self._thread, self._predict, jobs
                    )
                except Exception as error:
                    for asked in together:
                        if not asked.answers.done():
                            asked.answers.set_exception(error)
                    continue
                start = 0
                for asked in together:
                    if not asked.answers.done():
                        asked.answers.set_result(answers[start : start + len(asked.jobs)])
                    start += len(asked.jobs)
        finally:
            self._working = None

    def _next(self) -> list[_Asked]:
        """Requests in the order they came, up to `MAX_BATCH` drafts, or a single larger one."""
        together: list[_Asked] = []
        drafts = 0
        while self._waiting and (not together or drafts + len(self._waiting[0].jobs) <= MAX_BATCH):
            asked = self._waiting.popleft()
            if asked.answers.done():
                continue  # its client is gone, or was refused for waiting too long
            together.append(asked)
            drafts += len(asked.jobs)
        return together

    def warm(self, task: Callable[[], None]) -> None:
        """Do `task` on the forecasting thread, before the first request if it comes late enough."""
        self._thread.submit(task)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _overloaded() -> Refusal:
    return Refusal(503, "Too many drafts are waiting; try again in a second.")
