"""Which ports are free, and what to say when they are not."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from cli.servers import Server
from creatorlens.errors import InputError


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now (a connection that just closed does not count)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def demand_free(host: str, servers: Sequence[Server]) -> None:
    """Raises InputError naming every port that is taken or wanted twice, and how to choose another."""
    listening = [server for server in servers if server.port is not None]
    problems = [
        f"{server.label} wants port {server.port}, which is taken on {host}; choose another with "
        f"{server.port_option} or {server.port_setting}."
        for server in listening
        if not is_free(host, server.port or 0)
    ]
    seen: dict[int, Server] = {}
    for server in listening:
        port = server.port or 0
        if port in seen:
            problems.append(
                f"{server.label} and {seen[port].label} both want port {port}; change one with "
                f"{server.port_option} or {server.port_setting}."
            )
        seen.setdefault(port, server)
    if problems:
        raise InputError("\n  ".join(["nothing was started.", *problems]))
