"""Boxes in pixels: those that stand for one thing, and as shares of the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from creatorlens.reading.base import Box
from features.vision.picture import Picture


def kept_of_overlapping(boxes: Any, scores: Any, overlap: float) -> Any:
    """Indices, surest first, of boxes (left, top, right, bottom) that no surer one overlaps by more than `overlap`
    (intersection over union)."""
    order = np.argsort(-scores, kind="stable")
    area = np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)
    kept = []
    while len(order):
        first, rest = order[0], order[1:]
        kept.append(int(first))
        corner = np.maximum(boxes[first, :2], boxes[rest, :2])
        sides = np.maximum(np.minimum(boxes[first, 2:4], boxes[rest, 2:4]) - corner, 0)
        shared = sides[:, 0] * sides[:, 1]
        order = rest[shared <= overlap * np.maximum(area[first] + area[rest] - shared, 1e-9)]
    return np.array(kept, int)


def shares(edges: Any, picture: Picture) -> Box:
    """Left, top, right, bottom in pixels, cut to the picture."""
    left, right = (float(min(1.0, max(0.0, edges[i] / picture.width))) for i in (0, 2))
    top, bottom = (float(min(1.0, max(0.0, edges[i] / picture.height))) for i in (1, 3))
    return Box(x=left, y=top, width=max(0.0, right - left), height=max(0.0, bottom - top))
