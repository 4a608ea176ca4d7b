"""Light and colour, within limits: a picture is mended, not made another one."""

from __future__ import annotations

from typing import Any

import numpy as np

from creatorlens.reading.image import Look
from features.vision.picture import Pixels

DARK, PALE = 0.30, 0.72
FLAT = 0.12
DULL = 15.0
"""Colourfulness below which colours are brought up; a picture without any stays so."""
GREY = 4.0
MIDDLE = 0.45
GAMMA = (0.60, 1.45)
MOST_GAIN = 1.5
MOST_COLOUR = 1.3


def needs(look: Look) -> tuple[str, ...]:
    """What is to be mended, as the words of steps; empty where light and colour are fine."""
    found = []
    if look.brightness < DARK:
        found.append("brightened")
    elif look.brightness > PALE:
        found.append("darkened")
    if look.contrast < FLAT:
        found.append("more contrast")
    if GREY < look.colourfulness < DULL:
        found.append("more colour")
    return tuple(found)


def toned(rgb: Pixels, steps: tuple[str, ...]) -> Pixels:
    """Luma through one curve (stretched between its 1st and 99th percentile by at most half as much again, then a
    gamma that brings its median towards the middle), colour differences along with it."""
    import cv2

    if not steps:
        return rgb
    planes = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)
    curve = _curve(planes[:, :, 0], steps)
    luma = cv2.LUT(planes[:, :, 0], curve)
    colour = MOST_COLOUR if "more colour" in steps else 1.0
    table = np.clip((np.arange(256) - 128) * colour + 128, 0, 255).round().astype(np.uint8)
    planes = cv2.merge([luma, cv2.LUT(planes[:, :, 1], table), cv2.LUT(planes[:, :, 2], table)])
    return cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB)


def _curve(luma: Any, steps: tuple[str, ...]) -> Any:
    levels = np.arange(256) / 255
    low, median, high = np.percentile(luma, (1, 50, 99)) / 255
    if "more contrast" in steps or "brightened" in steps:
        gain = min(MOST_GAIN, 0.96 / max(high - low, 1e-3))
        centre = (low + high) / 2
        target = min(max(centre, gain * (high - low) / 2), 1 - gain * (high - low) / 2)
        levels = np.clip((levels - centre) * gain + target, 0, 1)
        median = float(np.clip((median - centre) * gain + target, 0.02, 0.98))
    if "brightened" in steps or "darkened" in steps:
        wanted = np.log(MIDDLE) / np.log(np.clip(median, 0.02, 0.98))
        levels = levels ** float(np.clip(wanted, *GAMMA))
    return (levels * 255).round().astype(np.uint8)
