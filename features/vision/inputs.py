"""Pictures as the arrays that networks take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from features.vision.picture import Pixels

T = TypeVar("T")

BATCH_CPU = 8
BATCH_GPU = 64


def batches(items: Sequence[T], device: str, on_cpu: int = BATCH_CPU) -> Iterator[Sequence[T]]:
    """Runs of as many as suit the device: a CPU gains little from more, and its memory is ours."""
    size = on_cpu if device == "cpu" else BATCH_GPU
    for start in range(0, len(items), size):
        yield items[start : start + size]


def fitted(
    rgb: Pixels, width: int, height: int, box: tuple[float, float, float, float] | None = None
) -> Pixels:
    """`box` (left, top, right, bottom in pixels; all of it without) stretched or squeezed to exactly this size.

    Pillow's bilinear, which averages where a picture gets smaller: the networks were trained and judged on it, and
    OpenCV's, which does not average, shifts their scores by up to a third.
    """
    from PIL import Image

    if box is None and rgb.shape[:2] == (height, width):
        return rgb
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0))


def middle(rgb: Pixels, shortest: int, crop: int) -> Pixels:
    """The middle `crop` x `crop` of the picture with its shortest side at `shortest`; at most `shortest`."""
    tall, wide = rgb.shape[:2]
    side = min(tall, wide) * crop / shortest
    left, top = (wide - side) / 2, (tall - side) / 2
    return fitted(rgb, crop, crop, (left, top, left + side, top + side))


def planes(pictures: Sequence[Pixels], mean: float = 0.0, deviation: float = 1.0) -> Any:
    """N x 3 x height x width float32 of equally large pictures, (level - mean) / deviation."""
    stacked = np.stack(pictures).transpose(0, 3, 1, 2)
    return np.ascontiguousarray((stacked.astype(np.float32) - np.float32(mean)) * np.float32(1 / deviation))
