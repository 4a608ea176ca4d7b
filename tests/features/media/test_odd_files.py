"""Every odd or broken file is read in a worker under the usual limits: a reading or a clear refusal, and nothing left.

The whole way is taken, as for a file that somebody uploads: sniffing, then all extractors with the small real weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from creatorlens.reading.files import Refusal
from creatorlens.settings import Settings
from features.analysis import Found, read_file
from features.analysis_jobs import ReadFile
from features.media.archives import members
from features.media.limits import USUAL, Limits
from features.media.refusing import Refused
from features.media.sniffing import examine
from features.media.worker import Outcome, Workers
from features.weights.models import Models

READER = "features.analysis_jobs:make_reader"
CLEAR = {
    "empty", "not_media", "unsupported_format", "too_large", "too_many_pixels", "too_long", "polyglot",
    "unsafe_content", "broken",
}  # fmt: skip


@pytest.fixture(scope="session")
def reader(shared_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("OMP_NUM_THREADS", "1")
        settings = Settings(
            home=tmp_path_factory.mktemp("home"), weights=str(shared_weights), model_threads=1
        )
        with Workers(1, READER, settings) as workers:
            yield workers
            folder = workers._keeper._folder
            assert folder is not None
            assert not [path for path in folder.rglob("*") if path.is_file() and path.name != "said"]
    assert not folder.exists()


def read(path: Path, workers: Workers) -> Outcome | Refusal:
    found = examine(path)
    if isinstance(found, Refusal) or found.kind in ("text", "archive"):
        return Outcome(found, 0.0, 0)
    return workers.measure(ReadFile(path, found))


@pytest.mark.parametrize("folder", ["odd-images", "odd-audio", "odd-video", "odd-other"])
def test_a_reading_or_a_clear_refusal_within_limits(folder: str, shared_media: Path, reader: Workers) -> None:
    read_whole = 0
    for path in sorted((shared_media / folder).iterdir()):
        outcome = read(path, reader)
        assert isinstance(outcome, Outcome)
        assert outcome.seconds < USUAL.seconds + 1, path.name
        assert outcome.peak_bytes < USUAL.memory_bytes, path.name
        if isinstance(outcome.result, Refusal):
            assert outcome.result.reason in CLEAR, (path.name, outcome.result)
            assert len(outcome.result.words) > 10, path.name
        elif isinstance(outcome.result, Found):
            read_whole += 1
            assert outcome.result.parts or outcome.result.absent, path.name
    assert read_whole >= {"odd-images": 35, "odd-audio": 25, "odd-video": 2, "odd-other": 0}[folder]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pillow_decompression_bomb.gif", "too_many_pixels"),
        ("pillow_bmp_b_badwidth.bmp", "too_many_pixels"),
        ("pillow_truncated_image.png", "broken"),
        ("pillow_oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif", "broken"),
    ],
)
def test_bombs_and_broken_pictures_say_which_they_are(
    name: str, reason: str, shared_media: Path, reader: Workers
) -> None:
    outcome = read(shared_media / "odd-images" / name, reader)
    assert isinstance(outcome, Outcome)
    assert isinstance(outcome.result, Refusal)
    assert outcome.result.reason == reason


def test_odd_archives_are_unpacked(shared_media: Path) -> None:
    for path in sorted((shared_media / "odd-other").iterdir()):
        found = examine(path)
        if isinstance(found, Refusal):
            continue
        for member in members(path, found.mime):
            assert isinstance(member.path, Path)


@pytest.mark.parametrize(
    ("name", "limits", "reason"),
    [
        ("speech/jfk.flac", Limits(duration_s=1.0), "too_long"),
        ("composed/known_answers.mp4", Limits(duration_s=1.0), "too_long"),
        ("composed/known_answers.mp4", Limits(pixels=1000), "too_many_pixels"),
        ("photos/coffee.png", Limits(pixels=1000), "too_many_pixels"),
    ],
)
def test_what_is_beyond_a_limit_says_which(
    name: str, limits: Limits, reason: str, shared_media: Path, tmp_path: Path
) -> None:
    path = shared_media / name
    facts = examine(path)
    assert not isinstance(facts, Refusal)
    with pytest.raises(Refused) as caught:
        read_file(path, facts, Models(Settings(home=tmp_path, model_threads=1)), limits, {})
    assert caught.value.reason == reason
