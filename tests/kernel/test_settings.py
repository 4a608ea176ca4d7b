from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from creatorlens.settings import Settings, load_settings


def test_all_state_lives_under_home(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    places = [settings.database, settings.blobs, settings.mlflow_uri]
    assert all(str(tmp_path) in place for place in places)
    folders = [settings.features_home, settings.mlflow_artifacts, settings.quality_home]
    assert all(folder.is_relative_to(tmp_path) for folder in folders)


def test_the_environment_is_read_when_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CREATORLENS_HOME", str(tmp_path))
    monkeypatch.setenv("CREATORLENS_API_PORT", "3001")
    settings = load_settings()
    assert settings.home == tmp_path
    assert settings.api == "http://127.0.0.1:3001"


def test_a_relative_home_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings(home=Path("here")).home == tmp_path / "here"


def test_the_password_of_a_database_is_not_shown() -> None:
    settings = Settings(database_url="postgresql+psycopg://me:hidden@host/db")
    assert "hidden" not in repr(settings)
    assert "hidden" in settings.database


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(ValidationError):
        settings.workspace = "other"  # type: ignore[misc]


def test_importing_the_kernel_does_nothing_and_is_fast(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import creatorlens"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not list(tmp_path.iterdir())
    heavy = {"pandas", "sqlalchemy", "torch", "feast", "mlflow"}
    assert not heavy & {line.rsplit("|")[-1].strip() for line in told.stderr.splitlines()}
