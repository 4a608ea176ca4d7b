"""A candidate is sharp, lit and shows a face: shown over whole ranges of damage to real photos."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creatorlens.reading.image import ImageReading
from features.media.limits import USUAL
from features.video.reading import read_video
from features.video.thumbnails import judge
from features.vision.picture import picture_of
from features.vision.reading import read_pictures
from features.weights.models import Models

WIDTH, HEIGHT = 640, 360
PHOTOS = ("astronaut.png", "coffee.png", "coral_face.jpg", "darknet_dog.jpg")


def blurred(pixels: Any, sigma: float) -> Any:
    import cv2

    return pixels if sigma == 0 else cv2.GaussianBlur(pixels, (0, 0), sigma)


def score(pixels: Any, models: Models, only: tuple[str, ...] = ("look", "composition")) -> float:
    found = judge(read_pictures([picture_of(pixels)], models, only)[0])
    assert found is not None
    return found.score


@pytest.mark.parametrize("name", PHOTOS)
def test_blur_costs_more_the_stronger_it_is(photo: Callable[..., Any], bare: Models, name: str) -> None:
    pixels = photo(name, WIDTH, HEIGHT)
    scores = [score(blurred(pixels, sigma), bare) for sigma in (0, 1.5, 3, 6, 12, 24)]
    assert all(later <= earlier + 0.02 for earlier, later in pairwise(scores))
    assert scores[-1] < 0.8 * scores[0]


@pytest.mark.parametrize("name", PHOTOS)
def test_darkness_costs_more_the_deeper_it_is(photo: Callable[..., Any], bare: Models, name: str) -> None:
    pixels = photo(name, WIDTH, HEIGHT)
    scores = [score((pixels * share).astype(np.uint8), bare) for share in (0.6, 0.3, 0.15, 0.07, 0.0)]
    assert all(later < earlier for earlier, later in pairwise(scores))
    assert scores[-1] == 0.0


@settings(max_examples=15, deadline=None)
@given(sigma=st.floats(4, 30), light=st.floats(0.3, 1.0))
def test_a_sharp_face_is_before_any_spoilt_frame(
    photo: Callable[..., Any], models: Models, sigma: float, light: float
) -> None:
    face = photo("astronaut.png", WIDTH, HEIGHT)
    spoilt = (blurred(photo("coffee.png", WIDTH, HEIGHT), sigma) * light).astype(np.uint8)
    parts = ("look", "composition", "faces")
    assert score(face, models, parts) > score(spoilt, models, parts)


def test_of_a_video_the_face_leads_and_black_is_last(
    clip: Callable[..., Path], photo: Callable[..., Any], models: Models
) -> None:
    face = photo("astronaut.png", WIDTH, HEIGHT)
    shots = [
        np.zeros_like(face),
        blurred(photo("darknet_dog.jpg", WIDTH, HEIGHT), 12),
        face,
        photo("moon.png", WIDTH, HEIGHT),
    ]
    reading = read_video(clip([pixels for pixels in shots for _ in range(30)]), models, USUAL)
    assert reading.thumbnails is not None
    candidates = reading.thumbnails.candidates
    assert 2.4 <= candidates[0].time_s < 3.6
    assert candidates[-1].time_s < 1.2
    assert candidates[-1].score == 0.0
    assert "dark" in candidates[-1].why
    soft = next(one for one in candidates if 1.2 <= one.time_s < 2.4)
    assert "blurred" in soft.why
    assert soft.score < candidates[0].score


def test_a_frame_that_was_not_measured_is_not_judged() -> None:
    assert judge(ImageReading()) is None
