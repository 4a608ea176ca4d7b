"""`creatorlens import`, `quarantine` and `quality` as others script against them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import cli.main as command
from creatorlens.errors import InputError

HEADER = "post_id,platform,creator_id,published_at,media_type,title,text"
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("CREATORLENS_HOME", str(tmp_path / "home"))
    return lambda *words: CliRunner().invoke(
        command.build(), [str(word) for word in words], catch_exceptions=True
    )


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(
        f"{HEADER}\n1,x,me,2026-01-01T10:00:00Z,text,,Hello\n2,x,me,2026-01-02T10:00:00Z,hologram,,Hi\n"
        "1,x,me,2026-01-01T10:00:00Z,text,,Hello\n"
    )
    return path


def _json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_json_is_one_object_and_progress_goes_elsewhere(run: Run, table: Path) -> None:
    result = run("import", table, "--json")
    told = _json(result)
    assert len(result.stdout.strip().splitlines()) == 1
    assert told["total"] == {
        "rows_read": 3, "rows_taken": 1, "rows_unchanged": 1, "rows_duplicate": 1, "rows_quarantined": 1,
    }  # fmt: skip
    assert told["files"][0]["reasons"] == {"media_type_known": 1}
    assert "mine.csv: checking 3 rows" in result.stderr


def test_people_read_a_table_with_reasons(run: Run, table: Path) -> None:
    shown = run("import", table).stdout
    assert "mine.csv  posts" in shown
    assert "quarantined: media_type_known 1" in shown
    assert "1 of the unchanged stand more than once" in shown
    assert "creatorlens quarantine" in shown


def test_the_quarantine_tells_each_row_and_why(run: Run, table: Path) -> None:
    assert "Nothing in quarantine" in run("quarantine").stdout
    run("import", table)
    assert "mine.csv row 2: media_type_known: media_type = hologram is not one of" in run("quarantine").stdout
    told = _json(run("quarantine", "--limit", "1", "--json"))
    assert told["rows"][0]["row"]["text"] == "Hi"
    assert told["reasons"] == {"media_type_known": 1}


def test_quality_says_where_its_pages_are(run: Run, table: Path) -> None:
    run("import", table)
    told = _json(run("quality", "--json"))
    assert Path(told["index"]).is_file()
    assert {one["table"]: one["rows"] for one in told["tables"]}["posts"] == 1
    assert told["quarantined"] == {"media_type_known": 1}


def test_one_bad_file_stops_before_anything_is_imported(run: Run, table: Path, tmp_path: Path) -> None:
    other = tmp_path / "z_other.csv"
    other.write_text(HEADER.replace("published_at", "Publish Date") + "\n")
    result = run("import", table, other)
    assert isinstance(result.exception, InputError)
    assert "z_other.csv: column 'Publish Date' is not known; did you mean published_at?" in str(
        result.exception
    )
    assert run("import", table, "--json").exit_code == 0
    assert _json(run("quarantine", "--json"))["total"] == 1


def test_bad_input_exits_2_and_names_the_file(tmp_path: Path) -> None:
    pd.DataFrame({"colour": ["red"]}).to_parquet(tmp_path / "colours.parquet")
    done = subprocess.run(
        ["creatorlens", "import", "colours.parquet"],
        cwd=tmp_path, capture_output=True, text=True, executable=_installed(), timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("creatorlens: colours.parquet: no table of ours: its columns are 'colour'.")
    assert done.stdout == ""


def _installed() -> str:
    import sys

    return str(Path(sys.executable).with_name("creatorlens"))
