"""Reader functions that a worker process of the tests imports: well-behaved ones and hostile ones."""

from __future__ import annotations

import ctypes
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from creatorlens.errors import InputError
from creatorlens.reading.files import FrameHash
from creatorlens.settings import Settings
from features.media.refusing import Refused

KEPT: list[bytes] = []


def make_obedient(settings: Settings) -> Callable[[tuple[str, Any]], Any]:
    """Does what a job says; `made` tells how often this was called in the process."""
    made = 1

    def read(job: tuple[str, Any]) -> Any:
        what, told = job
        match what:
            case "made":
                return made, os.getpid()
            case "echo":
                return told
            case "record":
                return FrameHash(at_s=told, hash="00ff00ff00ff00ff")
            case "sleep":
                time.sleep(told)
            case "spin":
                while True:
                    pass
            case "hold":
                kept = []
                while True:  # touched, in steps that the system grants
                    kept.append(bytearray(os.urandom(1 << 20) * 16))
            case "keep":  # as a library that caches
                KEPT.append(os.urandom(1 << 20) * told)
            case "need":
                held = os.urandom(1 << 20) * told
                time.sleep(0.2)
                return len(held) >> 20
            case "ask":
                return len(bytearray(told))
            case "crash":
                ctypes.string_at(0)
            case "exit":
                os._exit(told)
            case "refuse":
                raise Refused("too_many_pixels", "it has many pixels.", hint="Shrink it.")
            case "bad input":
                raise InputError("it ends too early.")
            case "fail":
                raise KeyError(told)
            case "print":
                print(told)
                sys.stdout.flush()
                os.write(1, b"straight to the descriptor\n")
                return "said"
            case "leave":
                Path(tempfile.gettempdir(), "left").write_bytes(b"x")
                return tempfile.mkdtemp()
            case "child":
                return subprocess.Popen(["sleep", "600"]).pid
            case "environment":
                return dict(os.environ)
            case "settings":
                return settings.database_url is None, str(settings.home)
            case "core":
                import resource

                return resource.getrlimit(resource.RLIMIT_CORE)
            case "lie":
                return Liar(told)
            case "unpicklable":
                return lambda: None
        return None

    return read


def make_broken(_: Settings) -> Callable[[Any], Any]:
    raise RuntimeError("the weights are nowhere")


class Liar:
    """Runs a command in whoever loads its pickle without care."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.mark,)


assert pickle.DEFAULT_PROTOCOL >= 4
