"""Motion is how fast the picture moves, in heights a second."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from features.media.limits import USUAL
from features.video.container import probe
from features.video.motion import motion_of
from features.video.scan import scan

FPS, HEIGHT = 25, 180


def mean(path: Path) -> float:
    probed = probe(path, USUAL)
    scanned = scan(path, probed, USUAL)
    found = motion_of(scanned.speeds, scanned.cuts, probed.container.duration_s)
    assert found is not None
    return found.mean


@pytest.fixture
def pan(clip: Callable[..., Path], photo: Callable[..., Any]) -> Callable[[int], Path]:
    wide = photo("darknet_dog.jpg", 1300, HEIGHT)

    def make(pixels: int) -> Path:
        return clip([wide[:, pixels * index : pixels * index + 320] for index in range(50)])

    return make


def test_motion_grows_with_speed(pan: Callable[[int], Path]) -> None:
    means = [mean(pan(pixels)) for pixels in (0, 1, 2, 4, 8, 16)]
    assert means[0] < 0.01
    assert all(later > 1.3 * earlier for earlier, later in pairwise(means[1:]))
    assert means[1] > 5 * means[0]


@pytest.mark.parametrize("pixels", [2, 4, 8])
def test_a_pan_has_the_speed_it_has(pan: Callable[[int], Path], pixels: int) -> None:
    true = pixels * FPS / HEIGHT
    assert mean(pan(pixels)) == pytest.approx(true, rel=0.15)


def test_a_cut_is_no_motion(clip: Callable[..., Path], photo: Callable[..., Any]) -> None:
    frames = [photo("astronaut.png")] * 13 + [photo("coffee.png")] * 13 + [photo("page.png")] * 13
    assert mean(clip(frames)) < 0.01


def test_the_curve_covers_the_video(shared_media: Path) -> None:
    path = shared_media / "video" / "chaplin.mp4"
    probed = probe(path, USUAL)
    scanned = scan(path, probed, USUAL)
    found = motion_of(scanned.speeds, scanned.cuts, probed.container.duration_s)
    assert found is not None
    assert len(found.curve.values) * found.curve.step_s == pytest.approx(9.64, abs=0.5)
    assert found.highest == max(found.curve.values)


def test_nothing_to_compare_is_none() -> None:
    assert motion_of([], [], 3.0) is None
