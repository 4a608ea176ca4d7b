"""Pictures as the arrays that networks take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from features.vision.picture import Picture, Pixels

T = TypeVar("T")

BATCH_CPU = 8
BATCH_GPU = 64


def batches(items: Sequence[T], device: str) -> Iterator[Sequence[T]]:
    """Runs of as many as suit the device: a CPU gains little from more, and its memory is ours."""
    size = BATCH_CPU if device == "cpu" else BATCH_GPU
    for start in range(0, len(items), size):
        yield items[start : start + size]


def fitted(rgb: Pixels, width: int, height: int) -> Pixels:
    """Stretched or squeezed to exactly this size; averaged where it gets much smaller."""
    import cv2

    tall, wide = rgb.shape[:2]
    if (wide, tall) == (width, height):
        return rgb
    whole = min(tall // height, wide // width)
    if whole > 1:
        rgb = cv2.resize(rgb, (wide // whole, tall // whole), interpolation=cv2.INTER_AREA)
    return cv2.resize(rgb, (width, height), interpolation=cv2.INTER_LINEAR)  # type: ignore[no-any-return]


def middle(rgb: Pixels, shortest: int, crop: int) -> Pixels:
    """The middle `crop` x `crop` of the picture with its shortest side at `shortest`, black beyond its edges."""
    tall, wide = rgb.shape[:2]
    scale = shortest / min(tall, wide)
    # Only the square that is kept is resized: long panoramas would grow beyond all bounds.
    side = max(1, min(round(crop / scale), min(tall, wide)))
    top, left = (tall - side) // 2, (wide - side) // 2
    kept = fitted(rgb[top : top + side, left : left + side], min(crop, shortest), min(crop, shortest))
    if shortest >= crop:
        return kept
    out = np.zeros((crop, crop, 3), np.uint8)
    edge = (crop - shortest) // 2
    out[edge : edge + shortest, edge : edge + shortest] = kept
    return out


def planes(pictures: Sequence[Pixels], mean: float = 0.0, deviation: float = 1.0) -> Any:
    """N x 3 x height x width float32 of equally large pictures, (level - mean) / deviation."""
    stacked = np.stack(pictures).transpose(0, 3, 1, 2)
    return np.ascontiguousarray((stacked.astype(np.float32) - np.float32(mean)) * np.float32(1 / deviation))


def pixels_of(pictures: Sequence[Picture]) -> list[Pixels]:
    return [picture.rgb for picture in pictures]
