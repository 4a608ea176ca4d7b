"""Which of the sampled frames could stand for the video.

Each frame is judged by what the thumbnail guides of the platforms ask for and what can be measured: sharp, well lit,
lively, a face that can be seen, little else. Weights are a matter of judgement, not of training: the score ranks the frames of
one video and says why; it promises no clicks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from creatorlens.reading.image import ImageReading
from creatorlens.reading.video import Thumbnail, Thumbnails, VideoFrame
from features.absent import Absent
from features.video.source import Video
from features.weights.models import Models

MOST = 6
ALIKE_BITS = 10
"""Of 64 bits of the perceptual hash: a candidate this near to a better one is left out."""

SHARP = 300.0
"""Variance of the Laplacian at which more no longer helps."""
LIT = (0.3, 0.7)
"""Mean luma that is neither dark nor pale."""
LIVELY = 60.0
"""Colourfulness at which more no longer helps."""
CONTRAST = 0.2
FACE = 0.12
"""Share of the picture from which a face can be read in a small thumbnail."""
WEIGHTS = {"sharp": 0.3, "lit": 0.2, "contrast": 0.1, "lively": 0.1, "face": 0.2, "placed": 0.1}


@dataclass(frozen=True)
class Judged:
    score: float
    why: tuple[str, ...]


def read_thumbnails(video: Video, models: Models) -> Thumbnails | Absent:  # noqa: ARG001 - an extractor's signature
    judged = [(frame, found) for frame in video.frames.frames if (found := judge(frame.reading)) is not None]
    if not judged:
        return Absent("no frame could be measured")
    # of equals the earlier one: the order must not depend on anything else
    judged.sort(key=lambda pair: (-pair[1].score, pair[0].time_s))
    kept: list[tuple[VideoFrame, Judged, int | None]] = []
    for frame, found in judged:
        look = _hash(frame.preview)
        if len(kept) < MOST and not any(_alike(look, other) for _, _, other in kept):
            kept.append((frame, found, look))
    return Thumbnails(
        candidates=tuple(
            Thumbnail(time_s=frame.time_s, score=found.score, why=found.why, preview=frame.preview)
            for frame, found, _ in kept
        )
    )


def marks_of(reading: ImageReading) -> dict[str, float] | None:
    """0-1 each: sharp, lit, contrast, lively; placed and face where they could be read."""
    look = reading.look
    if look is None:
        return None
    marks = {
        "sharp": min(1.0, math.log1p(look.sharpness) / math.log1p(SHARP)),
        "lit": _lit(look.brightness),
        "contrast": min(1.0, look.contrast / CONTRAST),
        "lively": min(1.0, look.colourfulness / LIVELY),
    }
    if reading.composition is not None:
        marks["placed"] = max(reading.composition.rule_of_thirds, reading.composition.centred)
    if reading.faces is not None:
        largest = reading.faces.largest
        marks["face"] = 0.0 if largest is None else math.sqrt(min(1.0, largest.size / FACE))
    return marks


def seen(marks: Mapping[str, float]) -> float:
    """What cannot be seen is not saved by what else it has: a black or blurred frame stays behind."""
    return min(1.0, 2 * marks["sharp"]) * min(1.0, 2 * marks["lit"]) * min(1.0, 4 * marks["contrast"])


def judge(reading: ImageReading) -> Judged | None:
    """The marks, weighted; without a face model the others carry its weight."""
    marks = marks_of(reading)
    if marks is None:
        return None
    total = sum(WEIGHTS[name] for name in marks)
    plain = sum(WEIGHTS[name] * mark for name, mark in marks.items()) / total
    return Judged(plain * seen(marks), tuple(_words(reading, marks)))


def _lit(brightness: float) -> float:
    low, high = LIT
    if brightness < low:
        return brightness / low
    return 1.0 if brightness <= high else (1.0 - brightness) / (1.0 - high)


def _words(reading: ImageReading, marks: dict[str, float]) -> list[str]:
    out = []
    faces = reading.faces
    if faces is not None:
        if faces.count == 0:
            out.append("no face")
        else:
            many = "a face" if faces.count == 1 else f"{faces.count} faces"
            shown = f", {faces.expression}" if faces.expression else ""
            out.append(many + ("" if marks["face"] > 0.7 else ", small") + shown)
    out.append("sharp" if marks["sharp"] > 0.8 else "blurred" if marks["sharp"] < 0.5 else "a little soft")
    if reading.look is not None and marks["lit"] < 0.7:
        out.append("dark" if reading.look.brightness < 0.5 else "pale")
    if marks["contrast"] < 0.5:
        out.append("flat")
    if marks["lively"] > 0.7:
        out.append("colourful")
    if reading.words is not None and reading.words.regions:
        out.append("has text")
    return out


def _hash(preview: str) -> int | None:
    import base64

    import cv2
    import numpy as np

    from features.media.identity import picture_hash

    luma = cv2.imdecode(np.frombuffer(base64.b64decode(preview), np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if luma is None else picture_hash(np.asarray(luma, np.uint8))


def _alike(one: int | None, other: int | None) -> bool:
    """Two pictures without structure are alike: one is enough."""
    if one is None or other is None:
        return one is other
    return (one ^ other).bit_count() <= ALIKE_BITS
