"""What is wrong with a picture as a thumbnail, in measured words, and how good it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from creatorlens.advice.thumbnails import Fix, Marks
from creatorlens.reading.image import ImageReading
from features.video.thumbnails import LIT, WEIGHTS, marks_of, seen
from features.vision.legibility import ACUITY, ENOUGH_CONTRAST, PHONE_WIDTH
from recommend.thumbnails.reframing import cut_share
from recommend.thumbnails.shapes import Shape
from recommend.thumbnails.toning import FLAT, PALE

LEAST_FACE = 0.15
"""Height of the face over the picture's: 14 pixels of a phone's 94."""
SPREAD = 0.55
"""Spread of saliency from which nothing stands out."""
MOST_WORDS = 12
SOFT = 60.0
NOISY = 12.0
POOR = 60.0
CUT = 0.10
UNLIKE = 0.3
LEAST_WIDTH = 640
MORE_WEIGHTS = {"stands_out": 0.15, "legible": 0.15, "quality": 0.1, "aesthetic": 0.1, "channel": 0.05}


@dataclass(frozen=True)
class Beside:
    """What a picture is judged beside: the shape it will be shown in, and its likeness (cosine) to the channel's earlier
    ones, None where that is not known."""

    shape: Shape | None = None
    likeness: float | None = None


def fixes(reading: ImageReading, beside: Beside = Beside()) -> tuple[Fix, ...]:
    """Most important first: what keeps it from being seen, then what keeps it from being read, then the rest."""
    return (
        *_light(reading),
        *_faces(reading),
        *_text(reading),
        *_layout(reading, beside),
        *_quality(reading),
    )


def _light(reading: ImageReading) -> Iterator[Fix]:
    look = reading.look
    if look is None:
        return
    share = 100 * look.brightness
    if look.brightness < LIT[0]:
        yield _fix("dark", f"dark: mean luma {share:.0f} %", share, 100 * LIT[0], "%")
    elif look.brightness > PALE:
        yield _fix("pale", f"pale: mean luma {share:.0f} %", share, 100 * PALE, "%")
    if look.contrast < FLAT:
        yield _fix(
            "flat",
            f"flat: contrast {100 * look.contrast:.0f} % of full scale",
            100 * look.contrast,
            100 * FLAT,
            "%",
        )
    if look.sharpness < SOFT:
        yield _fix(
            "blurred",
            f"soft: sharpness {look.sharpness:.0f}, from {SOFT:.0f} on it is sharp",
            look.sharpness,
            SOFT,
            "",
        )
    if look.noise > NOISY:
        yield _fix("noise", f"noisy: {look.noise:.0f} of 255 levels", look.noise, NOISY, "levels")


def _faces(reading: ImageReading) -> Iterator[Fix]:
    largest = reading.faces.largest if reading.faces else None
    if largest is not None and largest.box.height < LEAST_FACE:
        share = 100 * largest.box.height
        yield _fix(
            "face size", f"the largest face is {share:.0f} % of the height", share, 100 * LEAST_FACE, "%"
        )


def _text(reading: ImageReading) -> Iterator[Fix]:
    words = reading.words
    if words is None or not words.regions:
        return
    tiny = [one for one in words.regions if one.phone_px <= ACUITY]
    if tiny:
        area = 100 * sum(one.box.width * one.box.height for one in tiny)
        largest = max(one.phone_px for one in tiny)
        told = f"text covers {area:.0f} % and cannot be read at {PHONE_WIDTH} px: its lines are {largest:.0f} px high there"
        yield _fix("text size", told, largest, ACUITY, "px")
    readable = [one for one in words.regions if one.phone_px > ACUITY]
    faint = min(readable, key=lambda one: one.contrast, default=None)
    if faint is not None and faint.contrast < ENOUGH_CONTRAST:
        told = f"low contrast between text and ground {faint.contrast:.1f}:1 ({_quoted(faint.text)})"
        yield _fix("text contrast", told, faint.contrast, ENOUGH_CONTRAST, ":1")
    count = len(words.text.split())
    if count > MOST_WORDS:
        yield _fix("text amount", f"{count} words: more than a glance takes in", count, MOST_WORDS, "words")


def _layout(reading: ImageReading, beside: Beside) -> Iterator[Fix]:
    saliency, facts = reading.saliency, reading.facts
    if saliency is not None and (saliency.spread > SPREAD or not any(map(any, saliency.grid))):
        told = (
            f"nothing stands out: attention is spread over {100 * saliency.focus_share:.0f} % of the picture"
        )
        yield _fix("nothing stands out", told, saliency.spread, SPREAD, "")
    if facts is None:
        return
    if beside.shape is not None:
        cut = cut_share(facts.aspect, beside.shape.ratio)
        if cut > CUT:
            told = (
                f"aspect {_aspect(facts.width, facts.height)}, platform shows {beside.shape.name}:"
                f" {100 * cut:.0f} % will be cut or left empty"
            )
            yield _fix("shape", told, 100 * cut, 0.0, "%")
    if facts.width < LEAST_WIDTH and facts.format != "frame":
        yield _fix(
            "size", f"{facts.width} pixels wide: blurred on large screens", facts.width, LEAST_WIDTH, "px"
        )
    if beside.likeness is not None and beside.likeness < UNLIKE:
        told = f"unlike the channel's earlier pictures: likeness {beside.likeness:.2f}"
        yield _fix("channel's look", told, beside.likeness, UNLIKE, "")


def _quality(reading: ImageReading) -> Iterator[Fix]:
    found = reading.technical_quality
    if found is not None and found.brisque > POOR:
        yield _fix(
            "quality",
            f"poor technical quality: BRISQUE {found.brisque:.0f}, good is below 25",
            found.brisque,
            POOR,
            "",
        )


def _fix(what: str, words: str, measured: float, wanted: float, unit: str) -> Fix:
    return Fix.model_validate(
        {"what": what, "words": words, "measured": round(measured, 3), "wanted": wanted, "unit": unit}
    )


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= 20 else text[:19] + '…'}”"


def _aspect(width: int, height: int) -> str:
    for across, down in ((16, 9), (9, 16), (4, 3), (3, 4), (3, 2), (2, 3), (4, 5), (5, 4), (1, 1), (21, 9)):
        if abs(width / height * down / across - 1) < 0.015:
            return f"{across}:{down}"
    return f"{width / height:.2f}:1"


def marked(reading: ImageReading, beside: Beside = Beside()) -> Marks | None:
    """None where not even light was measured. What could not be read leaves its weight to the others."""
    plain = marks_of(reading)
    if plain is None:
        return None
    more = _more(reading, beside)
    weights = {**WEIGHTS, **MORE_WEIGHTS}
    known = {name: mark for name, mark in {**plain, **more}.items() if mark is not None}
    mean = sum(weights[name] * mark for name, mark in known.items()) / sum(weights[name] for name in known)
    return Marks(
        score=min(1.0, mean * seen(plain)),
        sharp=plain["sharp"], lit=plain["lit"], contrast=plain["contrast"], lively=plain["lively"],
        placed=plain.get("placed", 0.0), stands_out=more["stands_out"] or 0.0, face=plain.get("face"),
        legible=more["legible"], quality=more["quality"], aesthetic=more["aesthetic"], channel=more["channel"],
    )  # fmt: skip


def _more(reading: ImageReading, beside: Beside) -> dict[str, float | None]:
    saliency, words = reading.saliency, reading.words
    brisque, rated = reading.technical_quality, reading.aesthetic
    return {
        "stands_out": None if saliency is None else 1.0 - min(1.0, saliency.spread / SPREAD),
        "legible": None if words is None else words.legibility,
        "quality": None if brisque is None else min(1.0, max(0.0, 1.0 - brisque.brisque / 100)),
        "aesthetic": None if rated is None else (rated.mean - 1) / 9,
        "channel": None if beside.likeness is None else min(1.0, max(0.0, beside.likeness)),
    }
