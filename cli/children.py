"""Child processes that never outlive us: each in a session of its own, stopped with all it started.

Servers start helpers of their own (BentoML's workers even leave the session), so a signal to the group
is not enough. Every child carries a mark in its environment that its helpers inherit; on Linux they are
found by it in /proc, and the kernel ends the children should we be killed outright.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

MARK = "STARTED_BY_CREATORLENS"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


class Child(subprocess.Popen[bytes]):
    """A process whose helpers can be told from everybody else's by `mark`."""

    mark: str = ""


def adopt_orphans() -> None:
    """Make helpers whose parent dies ours, so that we can collect them and none stays as a zombie."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def spawn(command: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path) -> Child:
    """Start with output to `log` (an earlier one is kept as `<name>.previous.log`)."""
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    mark = uuid.uuid4().hex
    with log.open("wb") as out:
        child = Child(
            list(command),
            # after the marks we may bear ourselves: a helper belongs to everybody above it
            env={**env, MARK: ",".join(filter(None, [env.get(MARK), mark]))},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            # a Ctrl-C in the terminal reaches only us; we stop the children in our own order
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
    child.mark = mark
    return child


def stop(processes: Sequence[subprocess.Popen[bytes]], grace_s: float = 15.0) -> None:
    """Ask politely, wait up to `grace_s`, then end whatever is left of them and their helpers."""
    for process in processes:
        _signal_group(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(process.poll() is None for process in processes):
        time.sleep(0.1)
    marks = {process.mark for process in processes if isinstance(process, Child)}
    # helpers may still be on their way out, or start another: look until none is left
    for _ in range(20):
        left = marked(marks)
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        for process in processes:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        if not left:
            return
        time.sleep(0.1)


def marked(marks: set[str]) -> list[int]:
    """Running processes that carry one of the marks; empty where there is no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        # other people's processes, and those that ended meanwhile, cannot be read
        with contextlib.suppress(OSError):
            environment = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
            worn = next((line for line in environment if line.startswith(f"{MARK}=")), "")
            if marks & set(worn.partition("=")[2].split(",")):
                found.append(int(entry.name))
    return found


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _die_with_parent() -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _prctl(option: int, value: int) -> None:
    # a kernel that refuses leaves us with the polite way alone
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
