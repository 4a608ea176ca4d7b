"""A frame as a tiny picture of its luma: what cuts, motion and likeness are judged by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST = 128
SHORTEST = 16
"""Optical flow needs patches of 8 pixels with room to move."""
GRID = (64, 36)
NOISE = 2 * 3.0**2
"""Squared levels a pixel that differ by noise alone: two almost flat pictures are alike."""
JUMP = 128.0
"""Levels of mean luma (0-255) that make two flat pictures different pictures."""

_PLANAR = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "yuva420p", "nv12", "gray")
"""Eight bits of luma in the first plane."""


@dataclass(frozen=True, eq=False)
class Tiny:
    """`luma`: at most 128 pixels on the longest side, in the frame's shape. `shape`: 64 x 36 of it less its mean,
    flat; `energy` the sum of its squares; `mean` in levels."""

    luma: NDArray[np.uint8] = field(repr=False)
    shape: NDArray[np.float32] = field(repr=False)
    energy: float
    mean: float


def tiny(frame: Any) -> Tiny:
    """Of a PyAV frame. Where the first plane is luma no colour is converted."""
    import cv2

    scale = LONGEST / max(frame.width, frame.height)
    size = (max(SHORTEST, round(frame.width * scale)), max(SHORTEST, round(frame.height * scale)))
    if frame.format.name in _PLANAR:
        plane = frame.planes[0]
        luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        # a quarter of the rows is enough to average 720 of them to 72, and memory is what this costs
        luma = luma[: frame.height : max(1, frame.height // size[1]), : frame.width]
        # enlarged (a frame of few pixels) there is nothing to average
        luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    else:
        grey = frame.reformat(*size, format="gray8")
        luma = np.ascontiguousarray(grey.to_ndarray())
    return of_luma(luma)


def of_luma(luma: NDArray[np.uint8]) -> Tiny:
    import cv2

    grid = cv2.resize(luma, GRID, interpolation=cv2.INTER_AREA).ravel().astype(np.float32)
    mean = float(grid.mean())
    grid -= np.float32(mean)
    return Tiny(luma, grid, float(grid @ grid), mean)


def change(one: Tiny, other: Tiny) -> float:
    """0 the same picture, 1 nothing in common: 1 - 2ab / (a^2 + b^2 + noise) of the luma without its mean (a
    correlation that also minds contrast), or the jump of the mean where that is more."""
    noise = NOISE * len(one.shape)
    both = one.energy + other.energy + noise
    shape = (one.energy + other.energy - 2.0 * float(one.shape @ other.shape)) / both
    return min(1.0, max(0.0, shape, abs(one.mean - other.mean) / JUMP))
