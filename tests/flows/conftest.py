"""One Prefect server for all flow tests, and one demo on a tiny corpus that several tests look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from creatorlens.settings import Settings
from flows.environment import prepare_environment


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A real Prefect API on a database of its own (it takes 16 s to come up: once for all)."""
    prepare_environment(Settings(home=tmp_path_factory.mktemp("prefect-home")))
    import os

    os.environ.pop("CREATORLENS_HOME", None)
    from prefect.testing.utilities import prefect_test_harness

    from flows.environment import without_heartbeat

    with prefect_test_harness(server_startup_timeout=120), without_heartbeat():
        yield


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny synthetic corpus: two channels on each platform, a year and a half."""
    from services.content.sample import make_sample
    from services.content.sample_channels import SampleOptions

    folder = tmp_path_factory.mktemp("corpus") / "tables"
    make_sample(folder, SampleOptions(channels=2, weeks=80, media=False))
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty home that flows, which read their settings themselves, will find."""
    monkeypatch.setenv("CREATORLENS_HOME", str(tmp_path / "home"))
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def ask() -> Callable[[Callable[[Any], Any]], Any]:
    """Ask the Prefect server: `ask(lambda client: client.read_flow_runs())`."""
    from prefect.client.orchestration import get_client

    def answer(question: Callable[[Any], Any]) -> Any:
        with get_client(sync_client=True) as client:
            return question(client)

    return answer
