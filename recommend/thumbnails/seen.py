"""A picture with what was read in it: where its faces and words are, and what the eye goes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from creatorlens.reading.base import Box
from creatorlens.reading.image import ImageReading, TextRegion
from features.vision.picture import Picture
from features.vision.saliency import saliency_grid

Edges = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

SEGMENTATION = "segmentation"
HEAD = 0.25
FACE_ROOM = (0.15, 0.30, 0.15, 0.15)
"""Hair and chin, in sides of the face."""
TEXT_ROOM = 0.25
"""In heights of the line: a letter that touches the edge is not whole."""


@dataclass(frozen=True, eq=False)
class Seen:
    """`mask`: height x width, 0-1, how surely a pixel is the subject; None where nothing stands out from the ground.
    `mask_by` names what found it."""

    picture: Picture
    reading: ImageReading
    mask: Any | None = field(default=None, repr=False)
    mask_by: str = ""

    @property
    def faces(self) -> list[Edges]:
        """Largest first."""
        return [self.edges(face.box) for face in self.reading.faces.faces] if self.reading.faces else []

    @property
    def lines(self) -> list[tuple[TextRegion, Edges]]:
        words = self.reading.words
        return [(region, self.edges(region.box)) for region in words.regions] if words else []

    @property
    def whole(self) -> list[Edges]:
        """What must not be cut: faces and lines of text, each with its room, as far as the picture goes."""
        found = [roomy(face, FACE_ROOM) for face in self.faces]
        for _, edges in self.lines:
            room = TEXT_ROOM * (edges[3] - edges[1])
            found.append((edges[0] - room, edges[1] - room, edges[2] + room, edges[3] + room))
        return [self.inside(edges) for edges in found]

    @cached_property
    def subject(self) -> Edges | None:
        """Around the subject, where the segmentation found it: saliency has no outline to keep."""
        if self.mask is None or self.mask_by != SEGMENTATION:
            return None
        rows, columns = (np.flatnonzero((self.mask > 0.5).any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return None
        return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)

    @property
    def head(self) -> Edges | None:
        """The top of the subject, over its middle: people and animals are known by their heads."""
        return self.top(HEAD)

    def top(self, share: float) -> Edges | None:
        """Around the upper `share` of the subject; None without one."""
        if self.subject is None or self.mask is None:
            return None
        _, top, _, bottom = self.subject
        low = top + share * (bottom - top)
        columns = np.flatnonzero((self.mask[int(top) : max(int(low), int(top) + 1)] > 0.5).any(axis=0))
        if not len(columns):
            return None
        return self.inside((float(columns[0]), top - 0.03 * (bottom - top), float(columns[-1] + 1), low))

    @cached_property
    def attention(self) -> Any:
        """Height x width / 8: saliency, with the subject counted in; sums to 1 unless nothing stands out."""
        import cv2

        size = (max(1, self.picture.width // 8), max(1, self.picture.height // 8))
        grid = cv2.resize(
            saliency_grid(self.picture).astype(np.float32), size, interpolation=cv2.INTER_LINEAR
        )
        if self.mask is not None:
            grid = grid + cv2.resize(self.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        total = float(grid.sum())
        return grid / total if total > 0 else grid

    def edges(self, box: Box) -> Edges:
        wide, tall = self.picture.width, self.picture.height
        return box.x * wide, box.y * tall, (box.x + box.width) * wide, (box.y + box.height) * tall

    def inside(self, edges: Edges) -> Edges:
        wide, tall = float(self.picture.width), float(self.picture.height)
        return max(0.0, edges[0]), max(0.0, edges[1]), min(wide, edges[2]), min(tall, edges[3])


def roomy(edges: Edges, room: tuple[float, float, float, float]) -> Edges:
    """Grown by shares of its own sides."""
    wide, tall = edges[2] - edges[0], edges[3] - edges[1]
    return (
        edges[0] - room[0] * wide,
        edges[1] - room[1] * tall,
        edges[2] + room[2] * wide,
        edges[3] + room[3] * tall,
    )


def around(several: list[Edges]) -> Edges | None:
    """The smallest rectangle around all."""
    if not several:
        return None
    left, top, right, bottom = zip(*several, strict=True)
    return min(left), min(top), max(right), max(bottom)


def overlap(one: Edges, other: Edges) -> float:
    """Area that both cover, in pixels."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, tall)
