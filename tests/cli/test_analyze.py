"""`creatorlens analyze` as others script against it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import cli.main as command
from creatorlens.errors import InputError
from tests.services.analysis.conftest import jpeg, tone

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    for name, value in (
        ("HOME", str(tmp_path / "home")), ("TEXT_ENCODER", "none"), ("MALWARE_SCANNER", "none"), ("ANALYSIS_WORKERS", "1"),
    ):  # fmt: skip
        monkeypatch.setenv(f"CREATORLENS_{name}", value)
    return lambda *words: CliRunner().invoke(
        command.build(), ["analyze", *(str(word) for word in words)], catch_exceptions=True
    )


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "cover.jpg"
    path.write_bytes(jpeg(1))
    return path


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.jpg"
    path.write_bytes(b"MZ" + bytes(100))
    return path


def _json(result: Result) -> dict[str, Any]:
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_json_is_one_object_that_accounts_for_every_file(run: Run, picture: Path, program: Path) -> None:
    result = run(picture, program, "--json", "--channel", "youtube:me")
    assert result.exit_code == 0, result.output
    assert len(result.stdout.strip().splitlines()) == 1
    told = _json(result)
    assert [one["file"]["name"] for one in told["files"]] == ["cover.jpg"]
    assert [(one["name"], one["refusal"]["reason"]) for one in told["refused"]] == [
        ("program.jpg", "not_media")
    ]
    assert told["files"][0]["image"]["facts"]["width"] == 320
    assert told["channel_id"] == "youtube:me"
    assert "program.jpg: not read (not_media)" in result.stderr


def test_people_read_what_was_found_what_is_absent_and_why(run: Run, picture: Path) -> None:
    shown = run(picture).stdout
    assert "cover.jpg: image/jpeg" in shown
    assert "size: 320 x 180" in shown
    assert (
        "absent: image.faces: no weights of yunet here: creatorlens weights pull yunet (forecasts do without"
        in shown
    )
    assert "parts known already" in run(picture).stdout


def test_words_alone_are_read(run: Run) -> None:
    told = _json(
        run("--title", "10 secrets of the tower nobody tells you?", "--platform", "youtube", "--json")
    )
    assert told["files"] == []
    assert {cue["kind"] for cue in told["words"]["cues"]["cues"]} >= {"number", "question"}
    assert told["platform"] == "youtube"


def test_exit_code_2_where_every_file_is_refused(run: Run, program: Path) -> None:
    result = run(program, "--json")
    assert result.exit_code == 2
    assert _json(result)["refused"][0]["refusal"]["reason"] == "not_media"
    assert "program.jpg: not read (not_media): Windows program" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "there is nothing to read"),
        (("none.jpg",), "none.jpg: there is no such file"),
        (("--title", "a", "--platform", "youtub"), "Did you mean youtube?"),
        (("--title", "a", "--channel", "UC1"), "channel: of which platform?"),
        (("--title", "a", "--denoise", "out.wav"), "--denoise: give one file"),
    ],
)
def test_bad_input_names_the_field(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert isinstance(result.exception, InputError)
    assert said in str(result.exception)


def test_bad_input_exits_2_with_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("creatorlens")), "analyze", "none.jpg"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.strip() == "creatorlens: none.jpg: there is no such file."


def test_a_cleaned_sound_is_written_beside(run: Run, tmp_path: Path) -> None:
    source, out = tone(tmp_path / "tone.wav"), tmp_path / "clean.flac"
    told = _json(run(source, "--no-transcript", "--denoise", out, "--json"))
    assert out.read_bytes().startswith(b"fLaC")
    assert told["files"][0]["audio"]["absent"]["transcript"].endswith("not asked for")
    result = run(source, "--denoise", source)
    assert "not written over" in str(result.exception)
