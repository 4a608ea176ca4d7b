"""Classical measures: equal to the references where there are any, and moving the right way with what they measure."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import skimage.color
import skimage.filters
import skimage.measure
import skimage.restoration
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creatorlens.reading.image import Look
from features.vision.look import read_look
from features.vision.picture import Picture, Pixels, picture_of
from features.weights.models import Models

PHOTOS = ["astronaut", "chelsea", "coffee", "darknet_dog", "coral_parrot", "moon"]
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Photo = Callable[[str], Picture]


def apart(low: float, high: float, gap: float) -> st.SearchStrategy[tuple[float, float]]:
    """Two strengths between `low` and `high`, the second larger by at least `gap`."""
    return st.floats(low, high - gap).flatmap(lambda one: st.tuples(st.just(one), st.floats(one + gap, high)))


@pytest.fixture
def look(bare: Models) -> Callable[[Pixels], Look]:
    return lambda rgb: read_look(picture_of(rgb), bare)


@pytest.mark.parametrize("name", PHOTOS)
def test_agrees_with_scikit_image(name: str, photo: Photo, bare: Models) -> None:
    picture = photo(name)
    found, small, grey = read_look(picture, bare), picture.small, picture.small_grey
    assert found.blur == pytest.approx(skimage.measure.blur_effect(grey, h_size=11), abs=0.01)
    assert found.entropy == pytest.approx(skimage.measure.shannon_entropy(grey), abs=1e-4)
    assert found.saturation == pytest.approx(skimage.color.rgb2hsv(small)[..., 1].mean(), abs=0.005)
    assert found.brightness == pytest.approx((small @ [0.299, 0.587, 0.114]).mean() / 255, abs=0.002)
    assert found.contrast == pytest.approx(grey.std() / 255, abs=1e-6)
    assert found.dark_share == pytest.approx((grey / 255 < 0.05).mean(), abs=1e-6)
    assert found.bright_share == pytest.approx((grey / 255 > 0.95).mean(), abs=1e-6)
    gradient = skimage.filters.sobel(grey / 255.0) / 2**0.5
    assert found.edge_density == pytest.approx((gradient > 0.1).mean(), abs=0.01)


@pytest.mark.parametrize("name", PHOTOS)
def test_colourfulness_is_the_published_formula(name: str, photo: Photo, bare: Models) -> None:
    red, green, blue = photo(name).small.astype(np.float64).transpose(2, 0, 1)
    one, other = red - green, (red + green) / 2 - blue
    wanted = np.hypot(one.std(), other.std()) + 0.3 * np.hypot(one.mean(), other.mean())
    assert read_look(photo(name), bare).colourfulness == pytest.approx(wanted, abs=1e-3)


def test_noise_is_that_which_was_added(look: Callable[[Pixels], Look]) -> None:
    ramp = np.tile(np.linspace(70, 180, 400), (300, 1))[..., None].repeat(3, axis=2)
    grain = np.random.default_rng(1).normal(size=(300, 400, 1))
    for deviation in (2, 5, 10, 20):
        noisy = np.clip(ramp + deviation * grain, 0, 255).round().astype(np.uint8)
        found = look(noisy).noise
        assert found == pytest.approx(deviation, rel=0.08)
        assert found == pytest.approx(
            skimage.restoration.estimate_sigma(noisy[..., 0].astype(float)), rel=0.1
        )


def test_palette_names_the_colours_and_their_shares(look: Callable[[Pixels], Look]) -> None:
    rgb = np.zeros((40, 100, 3), np.uint8)
    rgb[:, 50:80] = (255, 0, 0)
    rgb[:, 80:95] = (0, 0, 255)
    rgb[:, 95:] = (255, 255, 255)
    palette = look(rgb).palette
    # Seen at 64 pixels, the edges are mixed: shares within a column of those.
    found = {colour.hex: colour.share for colour in palette[:3]}
    assert (
        list(found) == ["#000000", "#ff0000", "#0000ff"]
        or palette[0].share > palette[1].share > palette[2].share
    )
    assert sum(colour.share for colour in palette) == pytest.approx(1)
    assert palette[0].share == pytest.approx(0.5, abs=0.03)


def test_a_picture_of_one_colour_has_a_look(look: Callable[[Pixels], Look]) -> None:
    found = look(np.full((40, 60, 3), (0, 128, 255), np.uint8))
    assert [colour.hex for colour in found.palette] == ["#0080ff"]
    assert found.contrast == found.sharpness == found.noise == found.edge_density == found.entropy == 0
    assert found.blur == 1
    assert found.warmth == -1
    assert look(np.zeros((1, 1, 3), np.uint8)).brightness == 0


@pytest.mark.parametrize("name", PHOTOS[:5])
@few
@given(strengths=apart(0.4, 6, 0.5))
def test_blurring_lowers_sharpness_and_noise_and_raises_blur(
    name: str, strengths: tuple[float, float], photo: Photo, look: Callable[[Pixels], Look]
) -> None:
    less, more = (look(cv2.GaussianBlur(photo(name).rgb, (0, 0), sd)) for sd in strengths)
    assert more.sharpness < less.sharpness
    assert more.blur > less.blur
    assert more.noise < less.noise + 0.02
    assert look(photo(name).rgb).sharpness > less.sharpness


@pytest.mark.parametrize("name", PHOTOS[:5])
@few
@given(strengths=apart(0.02, 1, 0.03))
def test_darkening_lowers_brightness_and_contrast(
    name: str, strengths: tuple[float, float], photo: Photo, look: Callable[[Pixels], Look]
) -> None:
    more, less = (look((photo(name).rgb * factor).astype(np.uint8)) for factor in strengths)
    assert more.brightness < less.brightness
    assert more.contrast < less.contrast
    assert more.dark_share >= less.dark_share - 1e-9


@pytest.mark.parametrize("name", PHOTOS)
@few
@given(strengths=apart(0, 45, 1.5))
def test_noise_raises_the_estimate_of_noise(
    name: str, strengths: tuple[float, float], photo: Photo, look: Callable[[Pixels], Look]
) -> None:
    rgb = photo(name).rgb
    grain = np.random.default_rng(0).normal(size=rgb.shape)
    less, more = (look(np.clip(rgb + sd * grain, 0, 255).astype(np.uint8)).noise for sd in strengths)
    assert more > less


@pytest.mark.parametrize("name", PHOTOS[:5])
@few
@given(strengths=apart(0, 1, 0.05))
def test_taking_colour_away_lowers_colourfulness_and_saturation(
    name: str, strengths: tuple[float, float], photo: Photo, look: Callable[[Pixels], Look]
) -> None:
    picture = photo(name)
    grey = picture.grey[..., None].astype(float)
    pale, rich = (
        look((grey + amount * (picture.rgb - grey)).round().clip(0, 255).astype(np.uint8))
        for amount in strengths
    )
    assert pale.colourfulness < rich.colourfulness
    assert pale.saturation < rich.saturation
