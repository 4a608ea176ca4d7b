"""A picture ready to be read: upright, sRGB, eight bits, bounded in size; and how untrusted bytes become one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.image import ImageFacts
from features.media.limits import Limits

Pixels = NDArray[np.uint8]

LONGEST = 1280
"""Longest side that is kept. Text and faces that a phone can show survive it."""
SMALL = 512
"""Longest side at which classical measures are taken."""


@dataclass(frozen=True, eq=False)
class Picture:
    """`rgb`: height x width x 3, read-only, longest side at most 1280. `facts` speak of the original.

    `shared` keeps what several extractors need (saliency), so that it is computed once.
    """

    rgb: Pixels = field(repr=False)
    facts: ImageFacts
    shared: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @cached_property
    def small(self) -> Pixels:
        """The same picture, longest side at most 512."""
        return shrunk(self.rgb, SMALL)

    @cached_property
    def grey(self) -> Pixels:
        """Luma (Rec. 601) of `rgb`."""
        import cv2

        return cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY)

    @cached_property
    def small_grey(self) -> Pixels:
        """Luma of `small`."""
        import cv2

        return cv2.cvtColor(self.small, cv2.COLOR_RGB2GRAY)


def shrunk(pixels: Pixels, longest: int) -> Pixels:
    """So that the longest side is at most `longest`; never enlarged.

    Averaged over whole squares of pixels, the rest (less than a half) interpolated: six times as fast as exact areas.
    """
    import cv2

    height, width = pixels.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    whole = int(1 / scale)
    if whole > 1 and min(height, width) >= whole:
        pixels = cv2.resize(pixels, (width // whole, height // whole), interpolation=cv2.INTER_AREA)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)


def picture_of(frame: Pixels) -> Picture:
    """A frame (height x width x 3, RGB, uint8) of a video, taken as upright sRGB."""
    height, width = frame.shape[:2]
    facts = ImageFacts(
        width=width, height=height, format="frame", mode="RGB", transparent_share=0.0, frames=1, orientation=1,
        colour_profile=None, bytes=0,
    )  # fmt: skip
    kept = np.ascontiguousarray(shrunk(frame, LONGEST))
    if kept is frame:
        kept = frame.view()
    kept.flags.writeable = False
    return Picture(kept, facts)


def open_picture(data: bytes, limits: Limits) -> Picture:
    """The picture in `data`. Raises InputError where there is none, or it exceeds the limits."""
    from features.vision.decoding import decode

    return decode(data, limits)
