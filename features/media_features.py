"""The numbers that models read of a post's media: one flat row per post, from the records of its files.

A number is missing where its part is absent or the post has no such file: models are fitted with gaps.
All of it is known with the draft itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from creatorlens.reading.base import Part
from creatorlens.reading.image import Faces, ImageReading, Objects


@dataclass(frozen=True)
class MediaNumber:
    """`words` name it for people; `of` takes it from the reading's `part`, None where it does not say."""

    name: str
    words: str
    part: str
    of: Callable[[Any], float | None]


def _happy(faces: Faces) -> float | None:
    """Of the largest face; missing without a face or an expression."""
    if faces.largest is None or not faces.largest.expression:
        return None
    return next((one.score for one in faces.largest.expression if one.label == "happy"), 0.0)


def _people(objects: Objects) -> int:
    return objects.counts.get("person", 0)


IMAGE: tuple[MediaNumber, ...] = (
    MediaNumber("image_aspect_ln", "shape of the picture", "facts", lambda p: math.log(p.aspect)),
    MediaNumber("image_colourfulness", "colourfulness of the picture", "look", lambda p: p.colourfulness),
    MediaNumber("image_brightness", "brightness of the picture", "look", lambda p: p.brightness),
    MediaNumber("image_contrast", "contrast of the picture", "look", lambda p: p.contrast),
    MediaNumber("image_saturation", "saturation of the picture", "look", lambda p: p.saturation),
    MediaNumber("image_warmth", "warmth of the picture's colours", "look", lambda p: p.warmth),
    MediaNumber("image_sharpness_ln", "sharpness of the picture", "look", lambda p: math.log1p(p.sharpness)),
    MediaNumber("image_blur", "blur in the picture", "look", lambda p: p.blur),
    MediaNumber("image_noise", "noise in the picture", "look", lambda p: p.noise),
    MediaNumber("image_edge_density", "detail in the picture", "look", lambda p: p.edge_density),
    MediaNumber("image_entropy", "variety of tones in the picture", "look", lambda p: p.entropy),
    MediaNumber("image_attention_spread", "how far attention is spread", "saliency", lambda p: p.spread),
    MediaNumber("image_focus_share", "size of what draws the eye", "saliency", lambda p: p.focus_share),
    MediaNumber("image_thirds", "placement by the rule of thirds", "composition", lambda p: p.rule_of_thirds),
    MediaNumber("image_symmetry", "symmetry of the picture", "composition", lambda p: p.symmetry),
    MediaNumber("image_empty_space", "empty space in the picture", "composition", lambda p: p.negative_space),
    MediaNumber("image_faces", "faces in the picture", "faces", lambda p: p.count),
    MediaNumber("image_face_share", "size of the faces in the picture", "faces", lambda p: p.area_share),
    MediaNumber("image_happy", "a happy face in the picture", "faces", _happy),
    MediaNumber("image_objects", "things in the picture", "objects", lambda p: len(p.things)),
    MediaNumber("image_people", "people in the picture", "objects", _people),
    MediaNumber("image_subject_share", "size of the subject", "subject", lambda p: p.share),
    MediaNumber("image_text_share", "text in the picture", "words", lambda p: p.area_share),
    MediaNumber("image_text_words", "words in the picture", "words", lambda p: len(p.text.split())),
    MediaNumber("image_text_legibility", "how well the picture's text reads on a phone", "words", lambda p: p.legibility),
    MediaNumber("image_brisque", "technical flaws of the picture", "technical_quality", lambda p: p.brisque),
)  # fmt: skip


def image_numbers(reading: ImageReading) -> dict[str, float]:
    """By name, without those that are missing."""
    return numbers(IMAGE, reading)


def numbers(wanted: tuple[MediaNumber, ...], reading: Part) -> dict[str, float]:
    found: dict[str, float] = {}
    for number in wanted:
        part = getattr(reading, number.part)
        value = None if part is None else number.of(part)
        if value is not None:
            found[number.name] = float(value)
    return found
