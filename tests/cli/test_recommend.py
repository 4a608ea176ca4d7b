"""`creatorlens recommend` by its command: what it refuses, and what it says where there is nothing to say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import build
from creatorlens.database import open_database
from creatorlens.errors import InputError, NotFoundError, NotReadyError
from creatorlens.settings import Settings
from services.content.contents import contents
from tests.services.insights.conftest import Book


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """One channel with one post; no features, no model."""
    settings = Settings(home=tmp_path / "home")
    monkeypatch.setenv("CREATORLENS_HOME", str(settings.home))
    engine = open_database(settings)
    Book(engine, settings).post("old", datetime.now(UTC) - timedelta(days=30), title="An old film")
    engine.dispose()
    return settings


def drafted(folder: Path, **told: object) -> str:
    path = folder / "draft.json"
    path.write_text(json.dumps({"channel": "youtube:ann", "title": "Ten lenses", **told}))
    return str(path)


def asked(*arguments: str) -> object:
    return CliRunner().invoke(build(), ["recommend", *arguments], catch_exceptions=True)


def refused(*arguments: str) -> BaseException:
    ran = asked(*arguments)
    assert ran.exit_code != 0  # type: ignore[attr-defined]
    error: BaseException = ran.exception  # type: ignore[attr-defined]
    return error


def test_an_unknown_kind_is_answered_with_the_nearest(home: Settings, tmp_path: Path) -> None:
    error = refused(drafted(tmp_path), "--kind", "title")
    assert isinstance(error, InputError)
    assert str(error) == "--kind: there is no advice on 'title'. Did you mean titles?"


def test_a_file_that_is_not_there_is_no_content(home: Settings) -> None:
    error = refused("drafts/none.json")
    assert isinstance(error, InputError)
    assert error.field == "drafts/none.json"
    assert isinstance(refused("0197c2e4"), NotFoundError)


def test_an_unknown_channel_is_said_before_anything_is_fitted(home: Settings, tmp_path: Path) -> None:
    error = refused(drafted(tmp_path, channel="youtube:an"))
    assert isinstance(error, NotFoundError)
    assert error.field == "channel"


def test_where_there_are_no_features_yet_that_is_said(home: Settings, tmp_path: Path) -> None:
    error = refused(drafted(tmp_path), "--kind", "hashtags")
    assert isinstance(error, NotReadyError)
    assert "featurize" in str(error)


def test_a_file_is_kept_only_when_asked_for(home: Settings, tmp_path: Path) -> None:
    def kept() -> int:
        engine = open_database(home)
        try:
            return len(contents(engine, home.workspace).contents)
        finally:
            engine.dispose()

    asked(drafted(tmp_path), "--kind", "timing")
    assert kept() == 0
    asked(drafted(tmp_path), "--kind", "timing", "--keep")
    assert kept() == 1
