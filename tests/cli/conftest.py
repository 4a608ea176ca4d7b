from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    """Ports that are free now, all different."""

    def pick(n: int) -> list[int]:
        sockets = [socket.socket() for _ in range(n)]
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        found = [item.getsockname()[1] for item in sockets]
        for item in sockets:
            item.close()
        return found

    return pick


class Up:
    """A running `creatorlens up`. `family` are all processes it ever had below it when looked at."""

    def __init__(self, home: Path, arguments: list[str]) -> None:
        self.home = home
        self.log = home / "up.txt"
        home.mkdir(parents=True, exist_ok=True)
        env = {
            k: v for k, v in os.environ.items() if not k.startswith(("CREATORLENS_", "PREFECT_", "MLFLOW_"))
        }
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "up", *arguments],
                env={**env, "CREATORLENS_HOME": str(home), "CREATORLENS_TEXT_ENCODER": "none"},
                cwd=REPO, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def wait_for(self, words: str, seconds: float = 150) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.said:
            assert self.process.poll() is None, f"ended early:\n{self.said}"
            assert time.monotonic() < deadline, f"no {words!r} in {seconds} s:\n{self.said}"
            time.sleep(0.2)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


@pytest.fixture
def start_up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start(*arguments: str) -> Up:
        up = Up(tmp_path / f"home{len(started)}", list(arguments))
        started.append(up)
        return up

    yield start
    for up in started:
        up.end()
