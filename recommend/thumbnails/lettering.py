"""Words set into a picture where nothing important is, large enough for a phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from features.vision.legibility import FLUENT, PHONE_WIDTH
from features.vision.picture import Pixels
from recommend.thumbnails.fonts import Typeface, typeface
from recommend.thumbnails.reframing import Framed
from recommend.thumbnails.seen import Edges, Seen, overlap
from recommend.thumbnails.shapes import Shape

MOST_LINES = 3
MARGIN = 0.035
"""Of the width, to the edge of the picture."""
OUTLINE = 0.10
"""Of the size of the letters."""
X_HEIGHT = 0.547
"""Of the size of DejaVu Sans Bold. The line height that features.vision.legibility speaks of is twice that."""
PHONE_PX = (1.5 * FLUENT, 1.2 * FLUENT, FLUENT, 0.85 * FLUENT, 0.7 * FLUENT)
"""Line heights that are tried, at phone size, largest first."""
MOST_ATTENTION = 0.16
"""Share of what the eye goes to that words may cover."""
UNKNOWN_HEAD = 0.5
"""Upper share of a subject that stays free where no face was found: its head may lie anywhere in it."""
PLACES = (0.0, 0.5, 1.0), (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, eq=False)
class Set:
    """`edges`: of the whole block with its outline."""

    rgb: Pixels = field(repr=False)
    edges: Edges
    phone_px: float


@dataclass(frozen=True)
class _Block:
    lines: tuple[str, ...]
    size: int
    wide: float
    tall: float
    phone_px: float


def lettered(seen: Seen, framed: Framed, rgb: Pixels, words: str, shape: Shape) -> Set | str:
    """The largest size at which there is a place for the words; a reason where there is none or a letter is missing."""
    face = typeface(words)
    if isinstance(face, str):
        return face
    forbidden, attention = _forbidden(seen, framed, rgb, shape), framed.carry(_attention(seen))
    cost = np.pad(attention.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    total = float(cost[-1, -1]) or 1.0
    for phone_px in PHONE_PX:
        for block in _blocks(words, face, rgb.shape[1], phone_px):
            found = _place(block, rgb.shape, forbidden, cost / total)
            if found is not None:
                return _drawn(rgb, block, face, found)
    return "there is no room for the words that leaves faces, other words and the subject free"


def _attention(seen: Seen) -> Any:
    import cv2

    size = (seen.picture.width, seen.picture.height)
    return cv2.resize(seen.attention.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)


def _forbidden(seen: Seen, framed: Framed, rgb: Pixels, shape: Shape) -> list[Edges]:
    """Faces and lines with their room, the subject's head, and what the platform lays over the picture."""
    tall, wide = rgb.shape[:2]
    head = seen.head if seen.faces else seen.top(UNKNOWN_HEAD)
    whole = [*seen.whole, *([] if head is None else [head])]
    badges = [(b[0] * wide, b[1] * tall, b[2] * wide, b[3] * tall) for b in shape.badge]
    return [*map(framed.place, whole), *badges]


def _blocks(words: str, face: Typeface, width: int, phone_px: float) -> list[_Block]:
    """The words in one to three lines, broken evenly, as far as they fit the width; flat ones first."""
    size = round(phone_px * width / PHONE_WIDTH / (2 * X_HEIGHT))
    font, each = face.sized(size), words.split()
    stroke = round(OUTLINE * size)
    out = []
    for count in range(1, min(MOST_LINES, len(each)) + 1):
        lines = min(_broken(each, count), key=lambda some: max(font.getlength(line) for line in some))
        wide = max(font.getlength(line) for line in lines) + 2 * stroke
        if wide <= (1 - 2 * MARGIN) * width:
            out.append(_Block(lines, size, wide, count * _pitch(size) + 2 * stroke, phone_px))
    return out


def _broken(words: list[str], count: int) -> list[tuple[str, ...]]:
    breaks = combinations(range(1, len(words)), count - 1)
    return [
        tuple(" ".join(words[start:end]) for start, end in zip((0, *some), (*some, len(words)), strict=True))
        for some in breaks
    ]


def _pitch(size: int) -> int:
    """From one line to the next."""
    return round(1.12 * size)


def _place(block: _Block, size: tuple[int, ...], forbidden: list[Edges], cost: Any) -> tuple[int, int] | None:
    """Left and top of the place that covers least of what the eye goes to; None where each covers something."""
    tall, wide = size[:2]
    margin = MARGIN * wide
    best: tuple[float, int, int] | None = None
    for y in PLACES[1]:
        for x in PLACES[0]:
            left = round(margin + x * (wide - 2 * margin - block.wide))
            top = round(margin + y * (tall - 2 * margin - block.tall))
            right, bottom = left + round(block.wide), top + round(block.tall)
            if top < 0 or bottom > tall or right > wide:
                continue
            edges = (float(left), float(top), float(right), float(bottom))
            if any(overlap(edges, other) > 0 for other in forbidden):
                continue
            covered = float(cost[bottom, right] - cost[top, right] - cost[bottom, left] + cost[top, left])
            if covered <= MOST_ATTENTION and (best is None or covered < best[0] - 1e-9):
                best = covered, left, top
    return None if best is None else best[1:]


def _drawn(rgb: Pixels, block: _Block, face: Typeface, place: tuple[int, int]) -> Set:
    """White with a dark outline on a dark ground, else the other way round."""
    from PIL import Image, ImageDraw

    left, top = place
    ground = rgb[top : top + round(block.tall), left : left + round(block.wide)]
    light = float(ground.mean()) > 170
    ink, line = ((16, 16, 16), (255, 255, 255)) if light else ((255, 255, 255), (16, 16, 16))
    image = Image.fromarray(rgb)
    draw, font = ImageDraw.Draw(image), face.sized(block.size)
    stroke = round(OUTLINE * block.size)
    ascent, _ = font.getmetrics()
    for number, words in enumerate(block.lines):
        # by the base line: lines of small letters alone stand on the same pitch
        x = left + (block.wide - font.getlength(words)) / 2
        y = top + stroke + number * _pitch(block.size) + 0.92 * ascent
        draw.text(
            (round(x), round(y)),
            words,
            fill=ink,
            font=font,
            stroke_width=stroke,
            stroke_fill=line,
            anchor="ls",
        )
    edges = (float(left), float(top), left + block.wide, top + block.tall)
    return Set(np.asarray(image), edges, block.phone_px)
