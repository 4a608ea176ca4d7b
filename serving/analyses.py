"""Drafts read beside forecasting: in worker processes, off the event loop, a few at a time."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from creatorlens import api
from creatorlens.reading.analysis import Analysis, RefusedFile
from creatorlens.settings import Settings
from services.analysis.analyzing import analyze
from services.analysis.desk import Desk
from serving.problems import Refusal
from serving.receiving import Wanted

AT_ONCE = 4
MOST_WAITING = 64
TOO_LARGE = frozenset({"too_large", "too_many_pixels", "too_long"})
NO_MEDIA = frozenset({"not_media", "unsupported_format"})


class Analyses:
    """Worker processes start with the first request, and end with the service."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="analyses")
        self._waiting = 0
        self._desk: Desk | None = None
        self._lock = threading.Lock()

    async def analyze(self, wanted: Wanted) -> Analysis:
        """Raises Refusal where every file is refused (413, 415, 422) or too many drafts wait (503)."""
        if self._waiting >= MOST_WAITING:
            raise Refusal(503, "Too many drafts are waiting to be read; try again in a minute.")
        self._waiting += 1
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, self._read, wanted)
        finally:
            self._waiting -= 1
        if found.refused and not found.files:
            raise refused(found.refused)
        return found

    def _read(self, wanted: Wanted) -> Analysis:
        return analyze(
            self._engine,
            self._settings,
            self._opened(),
            wanted.draft,
            source="api",
            options=wanted.options,
        )

    def _opened(self) -> Desk:
        with self._lock:
            if self._desk is None:
                self._desk = Desk(self._settings)
            return self._desk

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._desk is not None:
                self._desk.close()
                self._desk = None


def refused(files: tuple[RefusedFile, ...]) -> Refusal:
    """Every file was refused: each with its reason. The status is of all of them, or 422."""
    reasons = {one.refusal.reason for one in files}
    status = 413 if reasons <= TOO_LARGE else 415 if reasons <= NO_MEDIA else 422
    if reasons == {"failed"}:
        status = 500
    errors = [
        api.FieldError(
            field=one.name, message=one.refusal.words, hint=one.refusal.hint, reason=one.refusal.reason
        )
        for one in files
    ]
    first = files[0]
    more = f" (and {len(files) - 1} more)" if len(files) > 1 else ""
    return Refusal(status, f"{first.name} was not read: {first.refusal.words}{more}", errors)
