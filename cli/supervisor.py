"""Runs a set of servers as one: all up, or all down.

Starts them, waits until each is healthy, watches them, and stops every one when asked to or when
one of them dies. What they print goes to log files; people see addresses and faults.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import httpx

from cli import children
from cli.servers import PROJECT, Server

TAIL_LINES = 20
POLL_S = 0.25


class ServerFailed(Exception):
    """`server` died or never became healthy; `reason` says which, `tail` is the end of its log."""

    def __init__(self, server: Server, reason: str, tail: str) -> None:
        super().__init__(f"{server.label} {reason}")
        self.server = server
        self.reason = reason
        self.tail = tail


class StopRequested(Exception):
    """Ctrl-C, SIGTERM or SIGHUP."""


@dataclass
class Supervisor:
    """`on_ready(server, seconds)` is called as each server becomes healthy.

    `secrets` are replaced by *** in every tail of a log that is shown.
    """

    env: Mapping[str, str]
    logs: Path
    on_ready: Callable[[Server, float], None]
    secrets: Sequence[str] = ()
    timeout_s: float = 180.0
    _running: dict[Server, children.Child] = field(default_factory=dict)

    def run(self, servers: Sequence[Server], on_all_ready: Callable[[], None]) -> None:
        """Returns when asked to stop. Raises ServerFailed. Nothing is left running either way."""
        children.adopt_orphans()
        with _stop_signals() as ignore_more:
            try:
                self._bring_up(servers)
                on_all_ready()
                while True:
                    self._demand_alive()
                    time.sleep(POLL_S)
            except StopRequested:
                return
            finally:
                # a second Ctrl-C must not interrupt the stopping and leave servers behind
                ignore_more()
                children.stop(list(self._running.values()))

    def log_of(self, server: Server) -> Path:
        return self.logs / f"{server.name}.log"

    def _bring_up(self, servers: Sequence[Server]) -> None:
        started: dict[Server, float] = {}
        ready: set[str] = set()
        waiting = list(servers)
        while waiting:
            for server in waiting:
                if server not in started and set(server.needs) <= ready:
                    self._running[server] = children.spawn(
                        server.command, {**self.env, **server.env}, self.log_of(server), PROJECT
                    )
                    started[server] = time.monotonic()
            self._demand_alive()
            for server in [s for s in waiting if s in started]:
                waited = time.monotonic() - started[server]
                if _healthy(server, waited):
                    ready.add(server.name)
                    waiting.remove(server)
                    self.on_ready(server, waited)
                elif waited > self.timeout_s:
                    raise self._failed(server, f"did not answer at {server.health} in {waited:.0f} s.")
            time.sleep(POLL_S)

    def _demand_alive(self) -> None:
        for server, process in self._running.items():
            code = process.poll()
            if code is not None:
                how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
                raise self._failed(server, f"{how}.")

    def _failed(self, server: Server, reason: str) -> ServerFailed:
        return ServerFailed(server, reason, tail(self.log_of(server), self.secrets))


def tail(log: Path, secrets: Sequence[str] = (), lines: int = TAIL_LINES) -> str:
    """The last lines of a log, without its secrets."""
    with log.open("rb") as source:
        source.seek(max(0, log.stat().st_size - 64_000))
        text = source.read().decode(errors="replace")
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return "\n".join(text.splitlines()[-lines:])


def _healthy(server: Server, waited_s: float) -> bool:
    if server.health is None:
        return waited_s >= server.settle_s
    try:
        return httpx.get(server.health, timeout=5.0, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@contextmanager
def _stop_signals() -> Iterator[Callable[[], None]]:
    """Turn the first signal that means 'stop' into StopRequested; later ones are ignored."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def ignore_more() -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)

    def stop(_number: int, _frame: FrameType | None) -> None:
        ignore_more()
        raise StopRequested

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield ignore_more
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
