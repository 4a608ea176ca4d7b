"""A decoded frame as the upright picture a viewer sees, and as a small JPEG."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.vision.picture import LONGEST, Pixels, shrunk

PREVIEW = 256
QUALITY = 75


def upright(frame: Any, pixel_aspect: float, rotation: int) -> Pixels:
    """RGB of a PyAV frame: square pixels, turned as the player turns it, longest side at most 1280."""
    width = max(1, round(frame.width * pixel_aspect))
    scale = min(1.0, LONGEST / max(width, frame.height))
    size = (max(1, round(width * scale)), max(1, round(frame.height * scale)))
    rgb: NDArray[np.uint8] = frame.reformat(*size, format="rgb24").to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, -(rotation // 90)))


def preview(rgb: Pixels) -> str:
    """Base64 JPEG, at most 256 pixels wide."""
    import cv2

    height, width = rgb.shape[:2]
    small = shrunk(rgb, round(max(height, width) * min(1.0, PREVIEW / width)))
    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not done:
        raise ValueError("the preview cannot be encoded")
    return base64.b64encode(data.tobytes()).decode("ascii")
