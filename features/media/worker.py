"""Reading files of unknown origin in processes of their own.

A decoder that hangs, swells or crashes over a hostile file takes its worker with it and nothing else: the parent
watches the clock and the memory, kills, starts another, and goes on with the next job. Models are loaded once
per worker. Nothing stays behind, even where the parent itself is killed: the kernel ends the workers, and a
guard removes their folders.
"""

from __future__ import annotations

import contextlib
import os
import queue
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from creatorlens.reading.files import Refusal
from creatorlens.settings import Settings
from features.media.limits import USUAL, Limits
from features.media.refusing import refusal
from features.media.worker_process import Keeper, Recipe, Worker, WorkerDied

Job = TypeVar("Job")

START_SECONDS = 300.0  # the models of a cold disk, with others at work
JOBS_PER_WORKER = 1_000  # then a fresh process, against what libraries leak
WORTH_REPLACING = 0.8  # of the memory limit, held while idle


@dataclass(frozen=True)
class Outcome:
    """What the reader gave or why not, wall-clock seconds of the job, and the highest resident memory seen."""

    result: Any | Refusal
    seconds: float
    peak_bytes: int


class Workers:
    """`count` isolated readers. Thread-safe; processes start when first needed. Close it, or use `with`.

    `make_reader` is 'module:function', called once per process with the settings (without their secrets); what
    it gives is called with each job. A job is anything that pickles. A result may hold plain values, NumPy
    arrays and our own records; anything else is refused, since a worker that fell to a hostile file may lie.
    """

    def __init__(self, count: int, make_reader: str, settings: Settings, limits: Limits = USUAL) -> None:
        if count < 1:
            raise ValueError("at least one worker")
        self.count = count
        self.limits = limits
        # a worker needs neither the database nor the blobs, and must not be able to give their keys away
        bare = settings.model_copy(update={"database_url": None, "tracking_uri": None, "blob_url": None})
        self._keeper = Keeper(Recipe(make_reader, bare, limits.memory_bytes))
        self._slots: queue.LifoQueue[Worker | None] = queue.LifoQueue()  # a warm worker before a cold one
        for _ in range(count):
            self._slots.put(None)
        self._close = weakref.finalize(self, self._keeper.close)

    def run(self, job: Any, seconds: float | None = None) -> Any | Refusal:
        """What the reader makes of `job`, or why not. `seconds` instead of the limits' own."""
        return self.measure(job, seconds).result

    def measure(self, job: Any, seconds: float | None = None) -> Outcome:
        """As `run`, with what it took. Raises only where a worker cannot be started at all."""
        seconds = self.limits.seconds if seconds is None else seconds
        worker = self._slots.get()
        try:
            worker = self._ready(worker)
            outcome = self._measure(worker, job, seconds)
            if _over_memory(outcome) and worker.jobs > 1:
                # what earlier jobs left in the process is not this file's fault
                self._keeper.end(worker)
                worker = self._ready(None)
                outcome = self._measure(worker, job, seconds)
        except BaseException:
            self._keeper.end(worker)
            self._slots.put(None)
            raise
        self._slots.put(self._kept(worker))
        return outcome

    def map(
        self, jobs: Iterable[Job], progress: Callable[[int], None] | None = None
    ) -> Iterator[tuple[Job, Outcome]]:
        """Each job with its outcome, as they are done; `progress` hears how many. Jobs are drawn when needed."""
        source = iter(jobs)
        done = 0
        waiting: dict[Future[Outcome], Job] = {}
        with ThreadPoolExecutor(self.count, thread_name_prefix="worker") as pool:
            try:
                while True:
                    for job in islice(source, 2 * self.count - len(waiting)):
                        waiting[pool.submit(self.measure, job)] = job
                    if not waiting:
                        return
                    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                        job = waiting.pop(future)
                        done += 1
                        if progress is not None:
                            progress(done)
                        yield job, future.result()
            except KeyboardInterrupt:
                self.close()  # nobody waits for files that are still being read
                raise
            finally:
                for future in waiting:
                    future.cancel()

    def close(self) -> None:
        """End every worker, also busy ones, and remove what they left. Whoever waits for one gets a RuntimeError."""
        self._close()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ready(self, worker: Worker | None) -> Worker:
        if worker is not None and worker.alive():
            return worker
        self._keeper.end(worker)
        started = self._keeper.start()
        try:
            started.wait_ready(START_SECONDS)
        except BaseException:
            self._keeper.end(started)
            raise
        return started

    def _measure(self, worker: Worker, job: Any, seconds: float) -> Outcome:
        begun = time.monotonic()
        try:
            worker.send(job)
            result = worker.receive(begun + seconds, self.limits.memory_bytes)
        except TimeoutError:
            result = Refusal(
                reason="over_time",
                words=f"reading it takes longer than {seconds:g} s.",
                hint="Give a shorter or simpler file, or raise the limit.",
            )
        except MemoryError as error:
            result = refusal(error)
        except WorkerDied as death:
            if self._keeper.closed:  # it was we who ended it; the file is not to blame
                raise RuntimeError("these workers were closed while one was reading") from death
            result = death.refusal()
        return Outcome(result, time.monotonic() - begun, worker.peak_bytes)

    def _kept(self, worker: Worker) -> Worker | None:
        """The worker for the next job, or None where a fresh one is better."""
        tired = worker.jobs >= JOBS_PER_WORKER
        swollen = worker.resident() > WORTH_REPLACING * self.limits.memory_bytes
        if worker.fit and worker.alive() and not tired and not swollen:
            with contextlib.suppress(OSError):
                worker.tidy()
            return worker
        self._keeper.end(worker)
        return None


def _over_memory(outcome: Outcome) -> bool:
    return isinstance(outcome.result, Refusal) and outcome.result.reason == "over_memory"


def usual_count() -> int:
    """As many workers as this process may use cores."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
