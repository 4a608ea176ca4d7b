"""Whether a line of text can be read where a phone shows the picture 168 pixels wide, as beside a video.

Reading is fluent where the height of an x is 0.2 degrees of arc or more, and ends near 0.08, the limit of normal
acuity (Legge and Bigelow 2011). A CSS pixel is 0.0213 degrees by definition (1/96 inch at 28 inches), and an x is
about half a line: fluent from 18.8 pixels of line height, illegible below 7.5.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from features.vision.picture import Pixels

PHONE_WIDTH = 168
DEGREES_PER_PIXEL = 0.0213
X_OF_LINE = 0.5
FLUENT = 0.2 / (DEGREES_PER_PIXEL * X_OF_LINE)
ACUITY = 0.08 / (DEGREES_PER_PIXEL * X_OF_LINE)
ENOUGH_CONTRAST = 4.5
"""WCAG 2.1, success criterion 1.4.3."""


def phone_height(height: float, picture_width: int) -> float:
    """Of a line `height` pixels high in a picture `picture_width` pixels wide, at phone size."""
    return height * PHONE_WIDTH / picture_width


def legibility(phone_px: float, contrast: float) -> float:
    """0-1: logarithmic in height between acuity and fluency, times contrast up to what WCAG asks."""
    if phone_px <= ACUITY:
        return 0.0
    size = min(1.0, math.log(phone_px / ACUITY) / math.log(FLUENT / ACUITY))
    return size * min(1.0, (contrast - 1) / (ENOUGH_CONTRAST - 1))


def contrast_ratio(crop: Pixels) -> float:
    """WCAG ratio (1-21) of the two groups of pixels that Otsu's threshold on luma parts: letters and ground."""
    import cv2

    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    _, mask = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    share = float(mask.mean())
    if share in (0.0, 1.0):
        return 1.0
    # Medians pass over the soft edges of letters.
    low, high = sorted(_luminance(np.median(crop[mask == part], axis=0)) for part in (0, 1))
    return (high + 0.05) / (low + 0.05)


def _luminance(rgb: Any) -> float:
    """Relative luminance of sRGB, 0-1."""
    values = np.asarray(rgb, np.float64) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return min(1.0, float(linear @ [0.2126, 0.7152, 0.0722]))
