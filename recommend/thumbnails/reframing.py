"""The same picture in another shape: a cut that keeps faces and words whole, or all of it before a blurred ground."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.vision.picture import Pixels
from recommend.thumbnails.seen import Edges, Seen, around
from recommend.thumbnails.shapes import Shape

MOST_ENLARGED = 2.0
LEAST_SIDE = 200
"""Pixels of the shorter side; less is no picture to publish."""
CLOSE = 0.38
"""Height of the face over that of the picture after coming closer."""
CLOSE_ALREADY = 0.28
EYES = 0.42
"""Height at which the middle of a close face lies: eyes near the upper third."""
LEAST_SUBJECT = 0.5
"""Share of the subject that a cut must keep; else the whole picture is shown."""
LESS = 1.15
"""Coming closer is worth it where the cut is at least so much smaller."""


@dataclass(frozen=True, eq=False)
class Framed:
    """`rgb` in its new shape. A point of the source at x lies at `x * scale + across` (and `+ down`)."""

    rgb: Pixels = field(repr=False)
    scale: float
    across: float
    down: float
    words: str
    cut: float

    def place(self, edges: Edges) -> Edges:
        return (
            edges[0] * self.scale + self.across,
            edges[1] * self.scale + self.down,
            edges[2] * self.scale + self.across,
            edges[3] * self.scale + self.down,
        )

    def carry(self, plane: Any) -> Any:
        """A map over the source (height x width, float32) in the new shape, 0 where the source does not reach."""
        import cv2

        move = np.array([[self.scale, 0, self.across], [0, self.scale, self.down]], np.float64)
        return cv2.warpAffine(plane, move, (self.rgb.shape[1], self.rgb.shape[0]), flags=cv2.INTER_LINEAR)


def cut_share(aspect: float, ratio: float) -> float:
    """Share of a picture of this aspect (width over height) that is lost where another shape is cut from it."""
    return 1.0 - min(aspect / ratio, ratio / aspect)


def reframed(seen: Seen, shape: Shape) -> Framed | str:
    """Cut where the eye goes, with every face and line whole; where no cut keeps them, the whole picture before a
    blurred ground of itself. A reason where the picture is too small."""
    wide, tall = seen.picture.width, seen.picture.height
    width = min(float(wide), tall * shape.ratio)
    window = _window(seen, width, width / shape.ratio)
    if window is None or _kept_subject(seen, window) < LEAST_SUBJECT:
        return _fitted(seen, shape)
    return _cut(seen, shape, window)


def _kept_subject(seen: Seen, window: Edges) -> float:
    if seen.mask is None or seen.subject is None:
        return 1.0
    left, top, right, bottom = (round(edge) for edge in window)
    return float(seen.mask[max(0, top) : bottom, max(0, left) : right].sum() / max(1e-9, seen.mask.sum()))


def closer(seen: Seen, shape: Shape) -> Framed | str:
    """Cut so that the largest face fills more of the height; a reason where there is nothing to gain."""
    if not seen.faces:
        return "no face to come closer to"
    face = seen.faces[0]
    full = min(float(seen.picture.width), seen.picture.height * shape.ratio) / shape.ratio
    size = face[3] - face[1]
    if size / full >= CLOSE_ALREADY:
        return "the face is large already"
    must = around(seen.whole)
    assert must is not None
    height = max(size / CLOSE, must[3] - must[1], (must[2] - must[0]) / shape.ratio, LEAST_SIDE)
    if full < LESS * height:
        return "coming closer would cut something that must stay whole, or gain little"
    width = height * shape.ratio
    left = (face[0] + face[2]) / 2 - width / 2
    top = (face[1] + face[3]) / 2 - EYES * height
    left = _between(left, max(0.0, must[2] - width), min(seen.picture.width - width, must[0]))
    top = _between(top, max(0.0, must[3] - height), min(seen.picture.height - height, must[1]))
    return _cut(seen, shape, (left, top, left + width, top + height))


def _between(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))


def _window(seen: Seen, width: float, height: float) -> Edges | None:
    """Of the windows of this size, one of whose sides is the picture's, that which the eye goes to most."""
    must = around(seen.whole)
    if must is not None and not _holds(must, width, height):
        return None
    head = around([one for one in (must, seen.head) if one is not None])
    if head is not None and _holds(head, width, height):
        must = head
    must = must or (seen.picture.width / 2, seen.picture.height / 2) * 2
    left = _best(seen.attention.sum(axis=0), seen.picture.width, width, must[0], must[2])
    top = _best(seen.attention.sum(axis=1), seen.picture.height, height, must[1], must[3])
    return left, top, left + width, top + height


def _holds(edges: Edges, width: float, height: float) -> bool:
    return edges[2] - edges[0] <= width and edges[3] - edges[1] <= height


def _best(attention: Any, length: float, size: float, first: float, last: float) -> float:
    """Where a stretch of `size` begins that covers first to last and holds most; of equals the most central."""
    low, high = max(0.0, last - size), min(length - size, first)
    if high - low < 1:
        return max(0.0, min(low, length - size))
    starts = np.linspace(low, high, 33)
    sums = np.concatenate([[0.0], np.cumsum(attention)])
    places = np.linspace(0, length, len(sums))
    held = np.interp(starts + size, places, sums) - np.interp(starts, places, sums)
    off_centre = np.abs(starts + size / 2 - length / 2) / length
    return float(starts[int(np.argmax(np.round(held, 4) - 0.05 * off_centre))])


def _size(shape: Shape, width: float) -> tuple[int, int] | str:
    """Of the result, from a cut `width` pixels wide: exact shape, enlarged at most twice."""
    unit = min(shape.most, math.floor(MOST_ENLARGED * width / shape.across))
    size = unit * shape.across, unit * shape.down
    if min(size) < LEAST_SIDE:
        return "the picture is too small for this shape"
    return size


def _cut(seen: Seen, shape: Shape, window: Edges) -> Framed | str:
    size = _size(shape, window[2] - window[0])
    if isinstance(size, str):
        return size
    rgb = seen.picture.rgb
    scale = size[0] / (window[2] - window[0])
    share = 1 - (window[2] - window[0]) * (window[3] - window[1]) / (rgb.shape[0] * rgb.shape[1])
    pixels = _resampled(rgb, window, size)
    words = f"cut to {shape.name}" if share > 0.005 else f"kept whole in {shape.name}"
    return Framed(pixels, scale, -window[0] * scale, -window[1] * scale, words, max(0.0, share))


def _resampled(rgb: Pixels, window: Edges, size: tuple[int, int]) -> Pixels:
    """Pillow's Lanczos, which averages where a picture gets smaller."""
    from PIL import Image

    tall, wide = rgb.shape[:2]
    box = (max(0.0, window[0]), max(0.0, window[1]), min(float(wide), window[2]), min(float(tall), window[3]))
    picture = Image.fromarray(rgb)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0))


def _fitted(seen: Seen, shape: Shape) -> Framed | str:
    import cv2

    rgb = seen.picture.rgb
    tall, wide = rgb.shape[:2]
    size = _size(shape, max(float(wide), tall * shape.ratio))
    if isinstance(size, str):
        return size
    scale = min(size[0] / wide, size[1] / tall)
    inner = (max(1, round(wide * scale)), max(1, round(tall * scale)))
    pixels = np.array(_ground(rgb, size))
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    pixels[top : top + inner[1], left : left + inner[0]] = cv2.resize(rgb, inner, interpolation=how)
    words = (
        f"all of it in {shape.name} before a blurred ground: a cut would lose a face, words or the subject"
    )
    return Framed(pixels, scale, float(left), float(top), words, 0.0)


def _ground(rgb: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture itself, filling the shape, blurred beyond recognition of faces and letters, and darker."""
    import cv2

    tall, wide = rgb.shape[:2]
    width = min(float(wide), tall * size[0] / size[1])
    height = width * size[1] / size[0]
    window = ((wide - width) / 2, (tall - height) / 2, (wide + width) / 2, (tall + height) / 2)
    few = _resampled(rgb, window, (max(8, size[0] // 16), max(8, size[1] // 16)))
    soft = cv2.GaussianBlur(few, (0, 0), 4.0).astype(np.float32) * np.float32(0.6)
    return cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)
