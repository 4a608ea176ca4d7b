"""`creatorlens up` with real servers, real ports and real signals."""

from __future__ import annotations

import os
import signal
import socket

import httpx
import psutil
import pytest


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended (a zombie that nobody has collected yet has)."""
    _, alive = psutil.wait_procs(processes, timeout=20)
    return not [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.timeout(400)
def test_up_starts_everything_healthy_and_ctrl_c_leaves_nothing_behind(start_up, free_ports):
    api, dashboard, prefect, mlflow = free_ports(4)
    up = start_up(
        "--api-port", str(api), "--dashboard-port", str(dashboard),
        "--prefect-port", str(prefect), "--mlflow-port", str(mlflow),
    )  # fmt: skip
    up.wait_for("All up.", seconds=240)
    for port, path in ((api, "/v1/health"), (dashboard, "/"), (prefect, "/api/health"), (mlflow, "/health")):
        assert f"http://127.0.0.1:{port}" in up.said
        assert httpx.get(f"http://127.0.0.1:{port}{path}", timeout=30, trust_env=False).status_code == 200
    family = up.family()
    assert len(family) >= 6, "servers and their helpers"
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(60) == 0
    assert "Stopped." in up.said
    assert gone(family)
    for port in (api, dashboard, prefect, mlflow):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_server_that_dies_takes_the_others_down_and_its_log_is_shown(start_up, free_ports):
    api, dashboard = free_ports(2)
    up = start_up("--api-port", str(api), "--dashboard-port", str(dashboard), "--no-prefect", "--no-mlflow")
    up.wait_for("Dashboard  http")
    family = up.family()
    streamlit = next(p for p in family if "streamlit" in p.cmdline())
    os.kill(streamlit.pid, signal.SIGKILL)
    assert up.process.wait(60) == 1
    assert "Dashboard was ended by signal 9" in up.said
    assert "You can now view your Streamlit app" in up.said
    assert gone(family)


@pytest.mark.skipif(not psutil.LINUX, reason="only Linux can end children whose parent was killed outright")
def test_even_kill_9_of_up_leaves_nothing_behind(start_up, free_ports):
    api, dashboard = free_ports(2)
    up = start_up("--api-port", str(api), "--dashboard-port", str(dashboard), "--no-prefect", "--no-mlflow")
    up.wait_for("Dashboard  http")
    family = up.family()
    up.process.kill()
    up.process.wait()
    assert gone(family)


def test_a_taken_port_is_said_before_anything_starts(start_up):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        up = start_up("--api-port", str(port))
        assert up.process.wait(30) == 2
    assert f"API wants port {port}, which is taken" in up.said
    assert "--api-port or CREATORLENS_API_PORT" in up.said
    assert not (up.home / "logs").exists()


def test_a_server_that_never_gets_healthy_is_named(start_up, free_ports):
    api, dashboard = free_ports(2)
    up = start_up(
        "--api-port", str(api), "--dashboard-port", str(dashboard), "--no-prefect", "--no-mlflow",
        "--timeout", "0.5",
    )  # fmt: skip
    assert up.process.wait(60) == 1
    assert "did not answer at http" in up.said
