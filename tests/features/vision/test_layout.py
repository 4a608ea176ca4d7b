"""Saliency and composition of pictures whose layout is known."""

from __future__ import annotations

import numpy as np
import pytest

from creatorlens.reading.image import SALIENCY_COLUMNS, SALIENCY_ROWS
from features.vision.composition import read_composition
from features.vision.picture import Pixels, picture_of
from features.vision.saliency import read_saliency
from features.weights.models import Models


def with_spot(x: float, y: float, size: float = 0.08) -> Pixels:
    """A dim, slightly rough picture with a bright yellow spot at shares (x, y)."""
    rgb = np.random.default_rng(3).integers(60, 68, (288, 512, 3)).astype(np.uint8)
    top, left, half = int(y * 288), int(x * 512), int(size * 288)
    rgb[max(0, top - half) : top + half, max(0, left - half) : left + half] = (250, 230, 20)
    return rgb


@pytest.mark.parametrize(("x", "y"), [(0.5, 0.5), (1 / 3, 1 / 3), (2 / 3, 2 / 3), (0.2, 0.7), (0.85, 0.25)])
def test_the_eye_goes_to_the_spot(x: float, y: float, bare: Models) -> None:
    saliency = read_saliency(picture_of(with_spot(x, y)), bare)
    grid = np.array(saliency.grid)
    assert grid.shape == (SALIENCY_ROWS, SALIENCY_COLUMNS)
    assert grid.max() == 1
    assert grid.min() >= 0
    row, column = np.unravel_index(grid.argmax(), grid.shape)
    assert abs((column + 0.5) / SALIENCY_COLUMNS - x) < 0.1
    assert abs((row + 0.5) / SALIENCY_ROWS - y) < 0.1
    focus = saliency.focus
    assert focus.x <= x <= focus.x + focus.width
    assert focus.y <= y <= focus.y + focus.height
    assert saliency.focus_share == pytest.approx(focus.width * focus.height)


def test_two_spots_apart_spread_more_than_one(bare: Models) -> None:
    one = with_spot(0.5, 0.5)
    two = np.maximum(with_spot(0.15, 0.5), with_spot(0.85, 0.5))
    spread, wider = (read_saliency(picture_of(rgb), bare).spread for rgb in (one, two))
    assert wider > 1.3 * spread


def test_nothing_stands_out_of_one_colour(bare: Models) -> None:
    saliency = read_saliency(picture_of(np.full((90, 160, 3), 200, np.uint8)), bare)
    assert max(map(max, saliency.grid)) == 0
    assert (saliency.centre_x, saliency.centre_y, saliency.spread) == (0.5, 0.5, 0)
    assert saliency.focus_share == 1


def test_a_mirrored_picture_has_a_mirrored_map(bare: Models) -> None:
    rgb = with_spot(0.25, 0.4)
    straight, mirrored = (np.array(read_saliency(picture_of(one), bare).grid) for one in (rgb, rgb[:, ::-1]))
    assert np.abs(straight - mirrored[:, ::-1]).max() < 0.02


def test_thirds_and_middle(bare: Models) -> None:
    thirds, middle = (read_composition(picture_of(with_spot(at, at)), bare) for at in (1 / 3, 0.5))
    assert thirds.rule_of_thirds > middle.rule_of_thirds
    assert middle.centred > thirds.centred
    assert middle.centred > 0.9


def test_symmetry_is_the_likeness_with_the_mirror(bare: Models) -> None:
    half = np.random.default_rng(0).integers(0, 255, (64, 32, 3)).astype(np.uint8)
    even = read_composition(picture_of(np.concatenate([half, half[:, ::-1]], axis=1)), bare)
    assert even.symmetry == pytest.approx(1)
    assert abs(even.symmetry_vertical) < 0.2
    opposite = read_composition(picture_of(np.concatenate([half, 255 - half[:, ::-1]], axis=1)), bare)
    assert opposite.symmetry == pytest.approx(-1, abs=0.01)


def test_balance_and_room(bare: Models) -> None:
    busy = np.random.default_rng(0).integers(0, 255, (160, 160, 3)).astype(np.uint8)
    assert read_composition(picture_of(busy), bare).balance > 0.95
    assert read_composition(picture_of(busy), bare).negative_space == 0
    lopsided = busy.copy()
    lopsided[:, 80:] = 128
    found = read_composition(picture_of(lopsided), bare)
    assert found.balance == pytest.approx(0.5, abs=0.05)
    assert found.negative_space == pytest.approx(0.5, abs=0.07)
    flat = read_composition(picture_of(np.full((9, 9, 3), 7, np.uint8)), bare)
    assert (flat.balance, flat.negative_space, flat.symmetry) == (1, 1, 1)
