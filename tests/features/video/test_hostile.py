"""Whatever the bytes, the process lives and says what it found: a reading, or an error that names what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Read = Callable[[Path], dict[str, Any]]
BASES = ("composed/known_answers.mp4", "video/no_duration.webm", "video/big_buck_bunny_432_433.webm",
         "video/moviepy_example.mp4", "video/chaplin.mp4")  # fmt: skip


def test_the_smallest_files_of_each_kind(child: Read, shared_media: Path) -> None:
    outcomes = {path.name: child(path) for path in sorted((shared_media / "odd-video").iterdir())}
    assert {name for name, answer in outcomes.items() if answer["outcome"] == "reading"} == {
        "small_webm.webm"
    }
    assert all(answer["why"] for answer in outcomes.values() if answer["outcome"] == "refused")


def test_what_is_no_video_is_refused(child: Read, shared_media: Path) -> None:
    for folder in ("odd-other", "odd-audio"):
        for path in sorted((shared_media / folder).iterdir()):
            if path.is_file():
                assert child(path)["outcome"] in ("refused", "reading"), path.name


@st.composite
def damage(draw: st.DrawFn) -> tuple[str, int, list[tuple[float, bytes]], float]:
    """Of a base: where (0-1) which bytes are overwritten, and how much is kept. Headers are hit as often as the rest."""
    base = draw(st.sampled_from(BASES))
    where = st.one_of(st.floats(0, 0.02), st.floats(0, 1), st.floats(0.97, 1))
    hits = draw(st.lists(st.tuples(where, st.binary(min_size=1, max_size=8)), max_size=40))
    kept = draw(st.one_of(st.just(1.0), st.floats(0, 1)))
    return base, draw(st.integers(0, 2**32)), hits, kept


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(damage=damage())
def test_damaged_videos(
    child: Read,
    shared_media: Path,
    tmp_path: Path,
    damage: tuple[str, int, list[tuple[float, bytes]], float],
) -> None:
    base, number, hits, kept = damage
    data = bytearray((shared_media / base).read_bytes())
    for where, written in hits:
        start = round(where * (len(data) - len(written)))
        data[start : start + len(written)] = written
    path = tmp_path / f"{number}{Path(base).suffix}"
    path.write_bytes(data[: round(kept * len(data))])
    answer = child(path)
    assert answer["outcome"] in ("reading", "refused")
    path.unlink()


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_cut_off_videos(child: Read, shared_media: Path, tmp_path: Path, base: str, kept: float) -> None:
    data = (shared_media / base).read_bytes()
    path = tmp_path / Path(base).name
    path.write_bytes(data[: round(kept * len(data))])
    answer = child(path)
    if base.endswith(".webm"):  # an MP4's index is at its end: without it there is nothing
        assert answer["outcome"] == "reading"
        assert 0 < answer["record"]["container"]["duration_s"] < 11
