"""A home with two YouTube channels, features in a real Feast store and a small model in a real registry,
and the real BentoML service over it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from tests.services.insights.conftest import MEDIAN_MODEL, Book, register_median

POSTS = 40


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    from features.featurize import featurize

    settings = Settings(home=tmp_path_factory.mktemp("serving") / "home")
    engine = open_database(settings)
    book = Book(engine, settings)
    start = datetime.now(UTC) - timedelta(days=POSTS * 2 + 10)
    for channel, level in (("ann", 100), ("bob", 5_000)):
        for i in range(POSTS):
            at = start + timedelta(days=2 * i)
            book.post(f"{channel}{i}", at, title=f"Film {i}", channel=channel)
            book.views(f"{channel}{i}", level + i, observed_at=at + timedelta(days=8))
    featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    engine.dispose()
    return settings


@pytest.fixture(scope="session")
def median_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("model") / "median_model.py"
    source.write_text(MEDIAN_MODEL)
    return source


@pytest.fixture(scope="session")
def promote(home: Settings, median_model: Path) -> Callable[..., str]:
    """Register a small model and make it champion; gives its version."""
    return lambda platform, **options: register_median(home, median_model, platform, **options)


@pytest.fixture(scope="session")
def served(home: Settings, promote: Callable[..., str]) -> Iterator[TestClient]:
    """The service as BentoML runs it, in this process."""
    promote(Platform.YOUTUBE, times=2)
    from serving.service import CreatorLens

    before = os.environ.get("CREATORLENS_HOME")
    os.environ["CREATORLENS_HOME"] = str(home.home)
    # where the command is there without its daemon, it takes seconds for each file
    os.environ["CREATORLENS_MALWARE_SCANNER"] = "none"
    try:
        client = TestClient(CreatorLens.to_asgi(), raise_server_exceptions=False)
        client.__enter__()
    finally:
        os.environ.pop("CREATORLENS_HOME")
        os.environ.pop("CREATORLENS_MALWARE_SCANNER")
        if before is not None:
            os.environ["CREATORLENS_HOME"] = before
    yield client
    client.__exit__(None, None, None)


@pytest.fixture
def draft() -> dict[str, object]:
    return {
        "channel": "youtube:ann",
        "title": "A film about lenses",
        "planned_at": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
    }
