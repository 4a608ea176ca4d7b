"""A Prefect server of its own for a command that runs flows: up in seconds, gone with the command.

Prefect would start a temporary one by itself, more slowly, and leave it behind when killed.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from cli.children import adopt_orphans, spawn, stop
from cli.output import say
from cli.servers import PROJECT, environment
from creatorlens.settings import Settings

READY_WITHIN_S = 180


@contextmanager
def flow_server(settings: Settings) -> Iterator[Callable[[], None]]:
    """Start a server on a free port, recording in CREATORLENS_HOME/prefect; hands out `wait_until_ready`.

    It starts in the background, so that other work can go on meanwhile. A server named by PREFECT_API_URL
    is used instead.
    """
    from flows.environment import prepare_environment

    prepare_environment(settings)
    if os.environ.get("PREFECT_API_URL"):
        yield lambda: None
        return
    port = _free_port()
    server = _start(settings, port)
    try:
        yield lambda: _wait(f"http://127.0.0.1:{port}/api", server, settings)
    finally:
        if "prefect.logging.handlers" in sys.modules and server.poll() is None:
            _send_logs()
        os.environ.pop("PREFECT_API_URL", None)
        stop([server])


def _start(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    from flows.environment import flow_environment

    for folder in ("logs", "prefect"):
        (settings.home / folder).mkdir(parents=True, exist_ok=True)
    adopt_orphans()
    return spawn(
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        {**flow_environment(settings), **environment(settings), "PREFECT_UI_ENABLED": "false"},
        settings.home / "logs" / "flow-server.log",
        PROJECT,
    )


def _wait(api: str, server: subprocess.Popen[bytes], settings: Settings) -> None:
    import httpx

    started = time.monotonic()
    told = started
    while time.monotonic() < started + READY_WITHIN_S and server.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{api}/health", timeout=2).is_success:
                os.environ["PREFECT_API_URL"] = api
                return
        if time.monotonic() > told + 5:
            told = time.monotonic()
            say(f"waiting for Prefect's server ({told - started:.0f} s)")
        time.sleep(0.2)
    raise RuntimeError(
        f"Prefect's server did not start; its log: {settings.home / 'logs' / 'flow-server.log'}"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _send_logs() -> None:
    """What the runs said goes to the server before it stops."""
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=10)
