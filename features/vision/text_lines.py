"""Where lines of text are: the differentiable binarization of PP-OCR's detector (Liao et al. 2020)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.vision.picture import Pixels

SIDE = 736
"""Longest side at which lines are looked for: what a phone can show legibly is 30 pixels high there, and a third of that
is still found."""
ENLARGED = 2.0
"""Small pictures are read enlarged, at most so much: their letters are too small for the detector."""
STEP = 32
MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32) * 255
INK = 0.3
SURE = 0.5
UNCLIP = 1.6
"""The network marks the core of a line; this gives back its letters (Vatti's offset for area and perimeter)."""
ROOM = 2.0
"""The same for what the recogniser sees: it reads better with a margin."""
LEAST_SIDE = 3
MOST = 1000


@dataclass(frozen=True)
class Line:
    """`edges`: left, top, right, bottom in pixels; `height` of the line itself, tilted or not; `crop`: upright RGB."""

    edges: tuple[float, float, float, float]
    height: float
    crop: Pixels = field(repr=False)


def lines_in(rgb: Pixels, session: Any) -> list[Line]:
    """In reading order: from the top, lines of one row from the left."""
    import cv2

    tall, wide = rgb.shape[:2]
    scale = min(ENLARGED, SIDE / max(tall, wide))
    size = tuple(max(STEP, round(side * scale / STEP) * STEP) for side in (wide, tall))
    given = (cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR)[:, :, ::-1] - MEAN) / DEVIATION
    inputs = {session.get_inputs()[0].name: np.ascontiguousarray(given.transpose(2, 0, 1)[None], np.float32)}
    ink = session.run(None, inputs)[0][0, 0]
    ratio = np.array([wide / ink.shape[1], tall / ink.shape[0]], np.float32)
    lines = []
    for core in _cores(ink):
        line = _line(rgb, _grown(core, UNCLIP) * ratio, _grown(core, ROOM) * ratio)
        if line is not None:
            lines.append(line)
    return _in_reading_order(lines)


def _cores(ink: Any) -> list[Any]:
    """Tilted rectangles (centre, size, angle) around what is ink, in pixels of the map."""
    import cv2

    mask = (ink > INK).astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    out = []
    for outline in outlines[:MOST]:
        core = cv2.minAreaRect(outline)
        if min(core[1]) >= LEAST_SIDE and _mean_ink(ink, outline) >= SURE:
            out.append(core)
    return out


def _grown(core: Any, ratio: float) -> Any:
    """Corners (4 x 2) of the rectangle moved outwards."""
    import cv2

    place, (width, height), angle = core
    margin = ratio * width * height / (width + height)
    return cv2.boxPoints((place, (width + margin, height + margin), angle))


def _mean_ink(ink: Any, outline: Any) -> float:
    import cv2

    left, top, width, height = cv2.boundingRect(outline)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [outline - np.array([left, top])], 1)
    return float(cv2.mean(ink[top : top + height, left : left + width], mask)[0])


def _line(rgb: Pixels, corners: Any, wider: Any) -> Line | None:
    """The crop is turned so that it runs from left to right; a line that stands is read from the bottom up."""
    import cv2

    quad, (width, height) = _upright(rgb, corners)
    if min(width, height) < LEAST_SIDE:
        return None
    low, high = quad.min(axis=0), quad.max(axis=0)
    seen, size = _upright(rgb, wider)
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    crop = cv2.warpPerspective(
        rgb,
        cv2.getPerspectiveTransform(seen, target),
        size,
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    stands = height > 1.5 * width
    if stands:
        crop = np.ascontiguousarray(np.rot90(crop))
    edges = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Line(edges, float(width if stands else height), crop)


def _upright(rgb: Pixels, corners: Any) -> tuple[Any, tuple[int, int]]:
    """Within the picture, from the top left clockwise; and the width and height in pixels."""
    corners = np.clip(corners, 0, np.array([rgb.shape[1], rgb.shape[0]], np.float32))
    first = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = first[:2], first[2:]
    left, right = left[np.argsort(left[:, 1], kind="stable")], right[np.argsort(right[:, 1], kind="stable")]
    quad = np.array([left[0], right[0], right[1], left[1]], np.float32)
    width = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[3] - quad[2]))
    height = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    return quad, (round(float(width)), round(float(height)))


def _in_reading_order(lines: list[Line]) -> list[Line]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.edges[1]):
        middle = (line.edges[1] + line.edges[3]) / 2
        if (
            rows
            and middle < rows[-1][0].edges[3]
            and middle - rows[-1][0].edges[1] < 0.75 * rows[-1][0].height
        ):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.edges[0])]
