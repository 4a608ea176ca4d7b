"""The gradient of luma, which several measures are made from."""

from __future__ import annotations

from typing import Any

from features.vision.picture import Picture


def gradient(picture: Picture) -> Any:
    """Magnitude (float32, like `small_grey`) of the 3 x 3 Sobel gradient in levels of 0-255 per pixel."""
    kept = picture.shared.get("gradient")
    if kept is None:
        import cv2
        import numpy as np

        across, down = cv2.spatialGradient(picture.small_grey)
        across, down = across.astype(np.float32), down.astype(np.float32)
        # not cv2.magnitude: its last bit depends on where in memory the picture happens to lie
        kept = np.sqrt(across * across + down * down) / 8
        picture.shared["gradient"] = kept
    return kept
