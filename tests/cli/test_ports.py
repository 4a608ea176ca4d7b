"""A port that is taken stops `up` before anything is started, and the message says how to go on."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from cli import ports, servers
from creatorlens.errors import InputError
from creatorlens.settings import Settings


def plan(tmp_path: Path, **given: int) -> tuple[servers.Server, ...]:
    return servers.plan(Settings(home=tmp_path, **given), servers.Choice()).servers


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_named_with_the_option_and_the_setting_that_change_it(tmp_path, taken):
    with pytest.raises(InputError) as error:
        ports.demand_free("127.0.0.1", plan(tmp_path, dashboard_port=taken))
    message = str(error.value)
    assert str(taken) in message
    assert "Dashboard" in message
    assert "--dashboard-port" in message
    assert "CREATORLENS_DASHBOARD_PORT" in message


def test_two_servers_wanting_one_port_are_both_named(tmp_path, free_ports):
    (port,) = free_ports(1)
    with pytest.raises(InputError, match="MLflow and API both want port"):
        ports.demand_free("127.0.0.1", plan(tmp_path, api_port=port, mlflow_port=port))


def test_a_port_of_a_connection_that_just_closed_is_free():
    with socket.socket() as listener:
        # as every server does
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = listener.accept()
            accepted.close()
    assert ports.is_free("127.0.0.1", port)
