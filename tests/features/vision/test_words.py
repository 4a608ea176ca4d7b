"""Text is read where there is any, and its legibility is that of the size a phone shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from creatorlens.reading.image import ImageReading, TextRegion
from features.vision.legibility import ACUITY, FLUENT, contrast_ratio, legibility, phone_height
from features.vision.picture import Picture, picture_of
from features.vision.words import read_words
from features.weights.models import Models


def drawn(
    *lines: tuple[str, int, int], ground: str = "#1e3c78", ink: str = "white", turn: float = 0
) -> Picture:
    """A thumbnail of 1280 x 720 with lines of text: what, size, top."""
    image = Image.new("RGB", (1280, 720), ground)
    draw = ImageDraw.Draw(image)
    for text, size, top in lines:
        draw.text((70, top), text, font=ImageFont.load_default(size), fill=ink)
    return picture_of(np.asarray(image.rotate(turn, fillcolor=ground)))


def regions(picture: Picture, models: Models) -> tuple[TextRegion, ...]:
    return read_words([picture], models)[0].regions


def test_a_page_is_read_line_by_line(reading: Callable[[str], ImageReading]) -> None:
    words = reading("page").words
    assert words is not None
    lines = [region.text for region in words.regions]
    assert lines[0] == "Region-based segmentation"
    assert lines[1] == "Let us first determine markers of the coins and the"
    assert lines[2] == "backgroundThese markers are pixels that we can label"
    assert words.regions[0].score > 0.95
    assert words.text.startswith("Region-based segmentation\nLet us first")


def test_a_thumbnail_is_read(models: Models) -> None:
    picture = drawn(("10 CAMERA", 150, 60), ("TIPS", 150, 260), ("You Need in 2024!", 70, 500))
    first, second, third = regions(picture, models)
    assert first.text.replace(" ", "") == "10CAMERA"
    assert (second.text, third.text) == ("TIPS", "You Need in 2024!")
    assert min(first.score, second.score, third.score) > 0.95
    assert second.box.x == pytest.approx(70 / 1280, abs=0.02)
    assert 260 / 720 < second.box.y < 330 / 720


def test_no_text_where_there_is_none(reading: Callable[[str], ImageReading]) -> None:
    for name in ("coffee", "moon", "darknet_horses", "astronaut"):
        words = reading(name).words
        assert words is not None
        assert words.regions == ()
        assert words.area_share == 0
        assert words.legibility is None
        assert words.text == ""


def test_larger_letters_are_more_legible(models: Models) -> None:
    found = [regions(drawn(("SUBSCRIBE NOW", size, 200)), models)[0] for size in (40, 80, 120)]
    assert [one.text.replace(" ", "") for one in found] == ["SUBSCRIBENOW"] * 3
    heights, legible = [one.phone_px for one in found], [one.legibility for one in found]
    assert heights == sorted(heights)
    assert legible == sorted(legible)
    assert legible[0] == 0
    # The line is about as high as its capitals with some room: between the capitals and the font's size.
    for size, height in zip((40, 80, 120), heights, strict=True):
        assert 0.6 * size < height * 1280 / 168 < 1.4 * size


def test_pale_letters_are_less_legible(models: Models) -> None:
    strong, pale = (
        regions(drawn(("SUBSCRIBE", 140, 200), ground="white", ink=ink), models)[0]
        for ink in ("black", "#999999")
    )
    assert strong.contrast == pytest.approx(21, abs=0.5)
    assert pale.contrast == pytest.approx(2.85, abs=0.2)
    assert pale.legibility < strong.legibility


def test_tilted_text_is_turned_upright(models: Models) -> None:
    (line,) = regions(drawn(("TRAVEL VLOG", 110, 300), turn=8), models)
    assert line.text.replace(" ", "") == "TRAVELVLOG"


def test_text_does_not_depend_on_what_is_read_beside_it(models: Models) -> None:
    one, other = drawn(("HELLO", 120, 100)), drawn(("A much longer line of text", 60, 300), ("HI", 200, 30))
    assert read_words([one, other], models) == [*read_words([one], models), *read_words([other], models)]


def test_legibility_runs_from_acuity_to_fluency() -> None:
    assert legibility(ACUITY, 21) == 0
    assert legibility(FLUENT, 4.5) == 1
    assert legibility(50, 21) == 1
    assert legibility(50, 1) == 0
    steps = [legibility(height, 4.5) for height in np.linspace(ACUITY, FLUENT, 20)]
    assert steps == sorted(steps)
    assert pytest.approx((7.5, 18.8), abs=0.05) == (ACUITY, FLUENT)
    assert phone_height(128, 1280) == pytest.approx(16.8)


def test_contrast_is_the_ratio_of_wcag() -> None:
    crop = np.full((20, 60, 3), 255, np.uint8)
    crop[5:15, 10:30] = 0x77
    assert contrast_ratio(crop) == pytest.approx(4.48, abs=0.01)
    assert contrast_ratio(np.full((9, 9, 3), 80, np.uint8)) == 1
