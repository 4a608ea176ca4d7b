"""`creatorlens experiments`, as a person types it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import build
from creatorlens.database import open_database, tables
from creatorlens.errors import InputError
from creatorlens.settings import Settings

PLAN = ["--baseline", "0.05", "--impressions-per-day", "20000"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("CREATORLENS_HOME", str(home))
    engine = open_database(Settings(home=home))
    with engine.begin() as connection:
        connection.execute(
            tables.channels.insert(),
            {
                "workspace_id": "local", "channel_id": "youtube:ann", "platform": "youtube", "creator_id": "ann",
                "first_imported_at": datetime.now(UTC),
            },
        )  # fmt: skip
    engine.dispose()
    return home


def run(*words: str) -> str:
    result = CliRunner().invoke(build(), ["experiments", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_from_power_to_verdict(home: Path, tmp_path: Path) -> None:
    assert "is found with 80 % certainty within" in run("power", *PLAN)
    started = run("start", "Ten lenses", "Which lens?", "--channel", "youtube:ann", *PLAN, "--json")
    test = json.loads(started.splitlines()[-1])["experiment_id"]
    file = tmp_path / "seen.csv"
    file.write_text(
        "variant_id,period_start,period_end,impressions,clicks\n"
        "a,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,10000,500\n"
        "b,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,10000,800\n"
    )
    assert "2 stored, 0 known before; decided" in run("observe", test, str(file))
    assert "0 stored, 2 known before; decided" in run("observe", test, str(file))
    assert run("verdict", test).startswith("b wins: +60 %")
    assert "decided" in run("list")
    assert "Too few tests" in run("pooled")


def test_a_bad_line_is_named(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "seen.csv"
    file.write_text("variant_id,period_start,period_end,impressions,clicks\na,yesterday,today,1,1\n")
    with pytest.raises(InputError, match="line 2, period_start"):
        run("observe", "none", str(file))
    with pytest.raises(InputError, match="smallest"):
        run("power", "--smallest", "9", *PLAN)
