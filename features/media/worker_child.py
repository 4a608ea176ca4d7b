"""The worker's own side: gives up what it does not need, then reads jobs until its parent is gone."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from creatorlens.reading.files import Refusal
from features.media.refusing import refusal
from features.media.worker_process import Recipe
from features.media.worker_wire import MOST_BYTES, SIZE, frame

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
MOST_FILE_BYTES = 8 * 1024**3


def main(jobs: int, results: int, parent: int) -> None:
    """Never returns to what comes after: ends the process."""
    _bind(parent)
    recipe: Recipe = pickle.loads(_receive(jobs))  # noqa: S301 -- from our own parent
    _limit(recipe)
    try:
        reader = _made(recipe)
    except BaseException as error:
        traceback.print_exc()
        _send(results, "unready", f"{type(error).__name__}: {error}")
        os._exit(1)
    _send(results, "ready", None)
    while True:
        job = pickle.loads(_receive(jobs))  # noqa: S301 -- from our own parent
        status, answer = _read(reader, job)
        try:
            _send(results, status, answer)
        except (pickle.PicklingError, TypeError, AttributeError, ValueError) as error:
            _send(results, "failed", refusal(error))
        del job, answer
        _give_back()


def _bind(parent: int) -> None:
    """Die with the parent, leave no core, gain no rights."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(
            PR_SET_DUMPABLE, 0, 0, 0, 0
        )  # a limit of 0 bytes does not stop a core that goes to a program
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:  # it died before the first line above
        os._exit(0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _limit(recipe: Recipe) -> None:
    """A backstop for one sudden huge allocation; the parent watches resident memory closely.

    Twice the limit, because the system counts what is asked for: stacks of threads and arenas that nobody touches.
    Not with a GPU, whose driver maps all its memory."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    if recipe.settings.device == "cpu":
        resource.setrlimit(resource.RLIMIT_DATA, (2 * recipe.memory_bytes, 2 * recipe.memory_bytes))


def _made(recipe: Recipe) -> Callable[[Any], Any]:
    module, _, name = recipe.make_reader.partition(":")
    made: Callable[[Any], Any] = getattr(importlib.import_module(module), name)(recipe.settings)
    return made


def _read(reader: Callable[[Any], Any], job: Any) -> tuple[str, Any]:
    try:
        return "ok", reader(job)
    except BaseException as error:
        refused: Refusal = refusal(error)
        if refused.reason != "failed":
            return "refused", refused
        with contextlib.suppress(Exception):
            traceback.print_exc()
            sys.stderr.flush()
        return "failed", refused


def _give_back() -> None:
    """Memory that the last job freed goes back to the system, as far as glibc can tell."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _receive(pipe: int) -> bytes:
    (size,) = SIZE.unpack(_exactly(pipe, SIZE.size))
    return _exactly(pipe, size)


def _exactly(pipe: int, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = os.read(pipe, min(1 << 20, size - len(data)))
        if not part:  # the parent closed: no more jobs
            os._exit(0)
        data += part
    return bytes(data)


def _send(pipe: int, status: str, answer: Any) -> None:
    data = pickle.dumps((status, answer), protocol=5)
    if len(data) > MOST_BYTES:
        raise ValueError(f"a result of {len(data):,} bytes is too large to hand over")
    rest = memoryview(frame(data))
    while rest:
        rest = rest[os.write(pipe, rest) :]
