"""What `up` would start, without starting it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import servers
from creatorlens.settings import Settings

PASSWORD = "hunter2"


def by_name(plan: servers.Plan) -> dict[str, servers.Server]:
    return {server.name: server for server in plan.servers}


def test_everything_listens_on_this_machine_only(tmp_path):
    plan = by_name(servers.plan(Settings(home=tmp_path), servers.Choice()))
    assert {"api", "dashboard", "prefect", "mlflow"} <= set(plan)
    for server in plan.values():
        if server.port is not None:
            assert "127.0.0.1" in server.command
            assert server.address == f"http://127.0.0.1:{server.port}"


def test_a_password_never_becomes_an_argument_that_others_can_see(tmp_path):
    uri = f"postgresql://user:{PASSWORD}@db/mlflow"
    settings = Settings(home=tmp_path, tracking_uri=uri, database_url=uri)
    for server in servers.plan(settings, servers.Choice()).servers:
        assert PASSWORD not in " ".join(server.command)


def test_a_remote_mlflow_is_not_started_a_second_time(tmp_path):
    settings = Settings(home=tmp_path, tracking_uri="http://mlflow.example:5000")
    assert "mlflow" not in by_name(servers.plan(settings, servers.Choice()))


@pytest.mark.parametrize("left_out", ["dashboard", "prefect", "mlflow"])
def test_each_server_but_the_api_can_be_left_out(tmp_path, left_out):
    choice = servers.Choice(**{left_out: False})
    plan = by_name(servers.plan(Settings(home=tmp_path), choice))
    assert left_out not in plan
    assert "api" in plan
    assert "prefect" in plan or "schedules" not in plan


def test_children_share_one_absolute_home_and_report_nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    env = servers.environment(Settings(home=Path("here")), base={})
    assert env["CREATORLENS_HOME"] == str(tmp_path / "here")
    assert env["PREFECT_HOME"].startswith(env["CREATORLENS_HOME"])
    assert env["BENTOML_HOME"].startswith(env["CREATORLENS_HOME"])
    assert env["BENTOML_DO_NOT_TRACK"] == "True"
    assert env["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] == "false"


def test_containers_start_mlflow_with_the_same_settings():
    lines = (servers.PROJECT / "mlflow" / "server.env").read_text().splitlines()
    stated = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert stated == servers.MLFLOW_SERVER_ENV


def test_the_folder_of_mlflow_settings_does_not_pass_for_the_library():
    assert servers.installed("mlflow")
    assert not servers.installed("docs")
    assert not servers.installed("no_such_package.serve")
