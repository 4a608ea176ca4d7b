"""The service as people start it: a `bentoml serve` process, spoken to over a socket."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from creatorlens.client import Client, UnreachableError
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from tests.services.insights.conftest import register_median

REPO = Path(__file__).parents[2]
READY_S = 120


@pytest.fixture(scope="module")
def own_home(home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy: other modules serve the shared one, and champions change here."""
    settings = Settings(home=tmp_path_factory.mktemp("real") / "home")
    shutil.copytree(home.home, settings.home, ignore=shutil.ignore_patterns("mlflow"))
    return settings


@pytest.fixture(scope="module")
def promote(own_home: Settings, median_model: Path) -> Callable[..., str]:
    return lambda platform, **options: register_median(own_home, median_model, platform, **options)


@pytest.fixture(scope="module")
def server(
    own_home: Settings, promote: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    promote(Platform.YOUTUBE, times=2)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    environment = os.environ | {
        "CREATORLENS_HOME": str(own_home.home),
        "BENTOML_HOME": str(folder / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "OMP_NUM_THREADS": "1",
    }
    command = [
        sys.executable, "-m", "bentoml", "serve", "serving.service:CreatorLens",
        "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=REPO, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until(lambda: _healthy(address), process, folder / "log")
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _healthy(address: str) -> bool:
    try:
        with Client(address) as client:
            return client.health().status == "ok"
    except UnreachableError:
        return False


def _wait_until(
    holds: Callable[[], bool], process: subprocess.Popen[bytes] | None = None, log: Path | None = None
) -> None:
    deadline = time.monotonic() + READY_S
    while not holds():
        stopped = process is not None and process.poll() is not None
        if stopped or time.monotonic() > deadline:
            raise AssertionError(log.read_text()[-3000:] if log else "it did not happen in time")
        time.sleep(0.1)


def _draft() -> Draft:
    return Draft(
        channel_id="youtube:ann",
        platform=Platform.YOUTUBE,
        planned_at=datetime.now(UTC) + timedelta(days=1),
        title="A film",
    )


def test_a_new_champion_serves_without_a_restart(server: str, promote: Callable[..., str]) -> None:
    with Client(server) as client:
        (before,) = client.predict([_draft()]).predictions
        version = promote(Platform.YOUTUBE, times=3)
        _wait_until(lambda: client.predict([_draft()]).predictions[0].model_version == version)
        (after,) = client.predict([_draft()]).predictions
        assert after.forecasts[0].p50 == pytest.approx(before.forecasts[0].p50 * 1.5)
        assert client.prediction(before.prediction_id).model_version == before.model_version


def test_prometheus_reads_counts_and_versions(server: str) -> None:
    with Client(server) as client:
        client.predict([_draft()])
        version = client.predict([_draft()]).predictions[0].model_version
    text = httpx.get(f"{server}/metrics").text
    counted = next(line for line in text.splitlines() if 'route="/v1/predict",status="200"' in line)
    assert float(counted.split()[-1]) >= 2
    assert f'creatorlens_model_info{{platform="youtube",serves="model",version="{version}"}} 1.0' in text


def test_the_server_answers_problems_as_problems(server: str) -> None:
    answer = httpx.post(f"{server}/v1/predict", json={"channel": "youtube:ann"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
