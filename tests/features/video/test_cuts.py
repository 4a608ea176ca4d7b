"""Hard cuts are found at the very frame, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.media.limits import USUAL
from features.video.container import probe
from features.video.cuts import cuts_of
from features.video.scan import scan

PHOTOS = (
    "astronaut.png",
    "coffee.png",
    "page.png",
    "darknet_dog.jpg",
    "coral_parrot.jpg",
    "darknet_kite.jpg",
)


def cuts(path: Path) -> list[float]:
    return scan(path, probe(path, USUAL), USUAL).cuts


@pytest.mark.parametrize("name", ["known_answers.mp4", "known_answers.webm"])
def test_cuts_known_to_the_frame(shared_media: Path, name: str) -> None:
    assert cuts(shared_media / "composed" / name) == pytest.approx([2.2, 4.4, 6.6, 8.8], abs=1e-3)


def test_a_film_has_its_three_cuts_and_no_other(shared_media: Path) -> None:
    # looked at frame by frame: a bird falling out of the picture at 20.8 s and the fade at the start are none
    found = cuts(shared_media / "video" / "big_buck_bunny_0_30.webm")
    assert found == pytest.approx([11.792, 15.667, 22.958], abs=0.005)


@pytest.mark.parametrize(
    "name",
    ["chaplin.mp4", "fire2.mp4", "smpte-2997.mp4", "moviepy_long_example.mp4", "transparent.webm", "no_duration.webm",
     "big_buck_bunny_432_433.webm", "video_with_failing_audio.mp4"],
)  # fmt: skip
def test_one_shot_has_no_cut(shared_media: Path, name: str) -> None:
    assert cuts(shared_media / "video" / name) == []


@pytest.mark.parametrize(("length", "between"), [(11, 3), (17, 5), (24, 3), (24, 16), (31, 0), (31, 8)])
def test_a_cut_that_no_keyframe_marks_is_exact(
    clip: Callable[..., Path], photo: Callable[..., Any], length: int, between: int
) -> None:
    # one keyframe at the start, then B-frames that a sparse decoder leaves out may hold the first of a shot
    frames = [photo(PHOTOS[index // length % len(PHOTOS)]) for index in range(5 * length)]
    path = clip(
        frames,
        options={"preset": "medium", "g": "1000", "sc_threshold": "0", "bf": str(between), "b-adapt": "0"},
    )
    assert probe(path, USUAL).track.keys.sum() == 1
    assert cuts(path) == pytest.approx([length * shot / 25 for shot in range(1, 5)], abs=1e-3)


def test_a_flash_a_fade_and_noise_are_no_cuts(clip: Callable[..., Path], photo: Callable[..., Any]) -> None:
    one, other = photo("astronaut.png"), photo("coffee.png")
    flash = [np.full_like(one, 250) if index in (20, 21) else one for index in range(40)]
    fade = [np.uint8(one * (1 - share) + other * share) for share in np.linspace(0, 1, 25)]
    rng = np.random.default_rng(3)
    noise = [np.clip(other + rng.normal(0, 25, other.shape), 0, 255).astype(np.uint8) for _ in range(25)]
    assert cuts(clip(flash + fade + noise)) == []


def test_a_fast_pan_is_no_cut(clip: Callable[..., Path], photo: Callable[..., Any]) -> None:
    wide = photo("darknet_kite.jpg", 1200, 180)
    assert cuts(clip([wide[:, 12 * index : 12 * index + 320] for index in range(70)])) == []


def test_slides_of_a_second_each_are_cuts(clip: Callable[..., Path], photo: Callable[..., Any]) -> None:
    assert cuts(clip([photo(name) for name in PHOTOS], fps=1)) == pytest.approx([1, 2, 3, 4, 5])


def test_faster_cutting_counts_more(clip: Callable[..., Path], photo: Callable[..., Any]) -> None:
    pace = []
    for length in (100, 50, 25, 12, 6):
        path = clip([photo(PHOTOS[index // length % len(PHOTOS)]) for index in range(200)])
        pace.append(cuts_of(cuts(path), [(0.0, 8.0)], 8.0).per_minute)
    expected = [60 / 8 * (200 // length - (200 % length == 0)) for length in (100, 50, 25, 12, 6)]
    assert pace == pytest.approx(expected)


def test_shots_fill_the_video() -> None:
    found = cuts_of([2.0, 5.0], [(0.0, 9.0)], 9.0)
    assert found.shot_lengths_s == (2.0, 3.0, 4.0)
    assert (found.shots, found.longest_shot_s, found.mean_shot_s, found.examined_share) == (3, 4.0, 3.0, 1.0)


def test_of_a_long_video_only_shots_seen_whole_count() -> None:
    found = cuts_of([1.0, 3.0, 52.0], [(0.0, 5.0), (50.0, 55.0)], 100.0)
    assert found.shot_lengths_s == (2.0,)
    assert found.examined_share == pytest.approx(0.1)
    assert found.per_minute == pytest.approx(18.0)
