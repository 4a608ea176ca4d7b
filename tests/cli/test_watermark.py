"""`creatorlens watermark`: a marked copy, the original as it was, and clear words for what cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from cli.main import build
from creatorlens.errors import InputError


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    path = tmp_path / "grey.png"
    Image.new("RGB", (400, 300), (128, 128, 128)).save(path)
    return path


def run(*arguments: object) -> None:
    result = CliRunner().invoke(build(), ["watermark", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output


def test_the_copy_is_marked_in_its_corner_alone_and_the_original_stays(grey: Path, tmp_path: Path) -> None:
    before, out = grey.read_bytes(), tmp_path / "marked.png"
    run(grey, "--words", "@ann", "--corner", "top left", "--out", out)
    assert grey.read_bytes() == before
    changed = np.asarray(Image.open(out).convert("RGB")) != 128
    assert changed[:150, :200].any()
    assert not changed[150:].any()
    assert not changed[:, 200:].any()


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (["--words", "a", "--corner", "somewhere"], "--corner"),
        (["--words", "a", "--logo", "nowhere.png"], "nowhere.png"),
        ([], "mark"),
    ],
)
def test_what_cannot_be_is_named(grey: Path, tmp_path: Path, more: list[str], named: str) -> None:
    with pytest.raises(InputError) as refused:
        run(grey, "--out", tmp_path / "out.png", *more)
    assert named in str(refused.value)
    assert not (tmp_path / "out.png").exists()
