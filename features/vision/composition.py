"""How a picture is laid out: thirds, symmetry, balance, room."""

from __future__ import annotations

from typing import Any

import numpy as np

from creatorlens.reading.image import Composition
from features.vision.gradient import gradient
from features.vision.picture import Picture
from features.vision.saliency import centre, saliency_grid
from features.weights.models import Models

CELLS = 16
PLAIN = 0.01 * 255
MIRROR = 64


def read_composition(picture: Picture, models: Models) -> Composition:  # noqa: ARG001 - an extractor\'s signature
    import cv2

    x, y = centre(saliency_grid(picture))
    few = cv2.resize(picture.small_grey, (MIRROR, MIRROR), interpolation=cv2.INTER_AREA).astype(np.float64)
    cells = cv2.resize(gradient(picture), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return Composition(
        rule_of_thirds=_thirds(x, y),
        centred=_clipped(1 - np.hypot(x - 0.5, y - 0.5) / np.hypot(0.5, 0.5)),
        symmetry=_likeness(few, few[:, ::-1]),
        symmetry_vertical=_likeness(few, few[::-1]),
        balance=_balance(cells),
        negative_space=float(np.mean(cells < PLAIN)),
    )


def _thirds(x: float, y: float) -> float:
    """Distance to the nearest crossing, in units of the farthest that a point can be from one (a corner)."""
    across, down = (min(abs(at - 1 / 3), abs(at - 2 / 3)) for at in (x, y))
    return _clipped(1 - np.hypot(across, down) / np.hypot(1 / 3, 1 / 3))


def _likeness(one: Any, other: Any) -> float:
    """Pearson correlation; 1 where there is nothing to differ."""
    one, other = one - one.mean(), other - other.mean()
    size = float((one * one).sum())
    if size < 1e-9:
        return 1.0
    return float(np.clip((one * other).sum() / size, -1.0, 1.0))


def _balance(cells: Any) -> float:
    total = float(cells.sum())
    if total <= 1e-9:
        return 1.0
    half = CELLS // 2
    aside = abs(float(cells[:, :half].sum() - cells[:, half:].sum())) / total
    above = abs(float(cells[:half].sum() - cells[half:].sum())) / total
    return _clipped(1 - (aside + above) / 2)


def _clipped(value: float) -> float:
    return float(min(1.0, max(0.0, value)))
