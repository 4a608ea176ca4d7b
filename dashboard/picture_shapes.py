"""From the reading of a picture to marks, words and frames. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from creatorlens.reading.analysis import ChannelLook
from creatorlens.reading.base import Box
from creatorlens.reading.image import Face, ImageReading, Look, TextRegion, Words
from dashboard import words
from dashboard.findings import Finding, counted, listed, sentence
from dashboard.scales import Scale

MarkKind = Literal["face", "thing", "lettering"]
SURE = 0.5
"""An object that the model holds for less likely than not is not shown."""
THINGS_SHOWN = 12
LINES_SHOWN = 5
ACUITY_PX, FLUENT_PX = 7.5, 18.8
"""Line heights on a phone between which reading ends and comes with ease (docs/reading/image.md)."""
ENOUGH_CONTRAST = 4.5
"""What accessibility rules ask of text (WCAG 2.1, 1.4.3)."""
COLOURFUL = (
    (15, "no colour"), (33, "slightly colourful"), (45, "moderately colourful"), (59, "colourful"),
    (82, "quite colourful"), (109, "highly colourful"),
)  # fmt: skip
"""The words of the study that the measure comes from, each below its bound."""


@dataclass(frozen=True)
class Mark:
    """A box on the picture. `label` is short and stands on it, `title` says all."""

    kind: MarkKind
    box: Box
    label: str
    title: str


def marks(reading: ImageReading, kinds: Collection[MarkKind]) -> tuple[Mark, ...]:
    """Boxes of the kinds asked for, objects beneath faces beneath text."""
    found: list[Mark] = []
    if "thing" in kinds and reading.objects is not None:
        things = [thing for thing in reading.objects.things if thing.score >= SURE][:THINGS_SHOWN]
        found += [
            Mark("thing", thing.box, thing.label, f"{thing.label}, {words.share(thing.score)} sure")
            for thing in things
        ]
    if "face" in kinds and reading.faces is not None:
        found += [Mark("face", face.box, _face(face), _face_title(face)) for face in reading.faces.faces]
    if "lettering" in kinds and reading.words is not None:
        found += [
            Mark("lettering", region.box, "", _region_title(region)) for region in reading.words.regions
        ]
    return tuple(found)


def layers(reading: ImageReading) -> tuple[MarkKind, ...]:
    """Kinds of marks that there are any of."""
    kinds: tuple[MarkKind, ...] = ("face", "thing", "lettering")
    return tuple(kind for kind in kinds if marks(reading, (kind,)))


def _face(face: Face) -> str:
    expression = _expression(face)
    return f"{expression} face" if expression not in (None, "neutral") else "face"


def _expression(face: Face) -> str | None:
    if not face.expression or face.expression[0].score < SURE:
        return None
    return face.expression[0].label


def _face_title(face: Face) -> str:
    return f"{_face(face)}, {_area(face.size)} of the picture"


def _region_title(region: TextRegion) -> str:
    return f"“{region.text}”: {region.phone_px:.0f} pixels high on a phone, {readable(region.legibility)}"


def _area(share: float) -> str:
    return f"under 1{words.NBSP}%" if share < 0.01 else words.share(share)


def readable(legibility: float) -> str:
    """A legibility of 0-1 in words."""
    if legibility >= 0.75:
        return "easy to read"
    if legibility >= 0.4:
        return "readable"
    return "hard to read" if legibility > 0.1 else "cannot be read"


def what_it_shows(reading: ImageReading) -> str:
    """A sentence: people, things, the scene and the text that a viewer meets."""
    parts = [*_people(reading), *_things(reading)]
    said = sentence(listed(parts)) if parts else ""
    scene = _scene(reading)
    read = _lettering(reading)
    if not said and not scene and reading.faces is not None and reading.objects is not None:
        said = "No face, and no object that the detector is sure of."
    return " ".join(part for part in (said, scene, read) if part)


def _people(reading: ImageReading) -> list[str]:
    if reading.faces is None or not reading.faces.faces:
        return []
    faces = reading.faces
    largest = faces.faces[0]
    expression = _expression(largest)
    if faces.count == 1:
        kind = f"one {expression} face" if expression else "one face"
        return [f"{kind} ({_area(largest.size)} of the picture)"]
    led = f", the largest {expression}" if expression else ""
    return [f"{counted(faces.count, 'face')} ({_area(faces.area_share)} of the picture{led})"]


def _things(reading: ImageReading) -> list[str]:
    if reading.objects is None:
        return []
    counts: dict[str, int] = {}
    for thing in reading.objects.things:
        if thing.score >= SURE:
            counts[thing.label] = counts.get(thing.label, 0) + 1
    plurals = {"person": "people", "sheep": "sheep", "knife": "knives", "mouse": "mice"}
    return [
        counted(n, label, plurals.get(label, f"{label}es" if label.endswith(("s", "ch", "sh")) else None))
        for label, n in list(counts.items())[:6]
    ]


def _scene(reading: ImageReading) -> str:
    if reading.scene is None or not reading.scene.classes or reading.scene.classes[0].score < SURE:
        return ""
    best = reading.scene.classes[0]
    name = best.label.partition(",")[0].replace("_", " ")
    return f"As a whole it looks like: {name} ({words.chance(best.score)})."


def _lettering(reading: ImageReading) -> str:
    if reading.words is None or not reading.words.regions:
        return ""
    lines = len(reading.words.regions)
    return f"{sentence(counted(lines, 'line') + ' of text')[:-1]} on {_area(reading.words.area_share)} of it."


def findings(reading: ImageReading) -> tuple[Finding, ...]:
    """What to look at in the picture, from its figures alone."""
    found: list[Finding] = []
    if reading.words is not None and reading.words.regions:
        found.append(_legibility(reading.words))
    if reading.look is not None:
        found += _light(reading.look)
    if reading.technical_quality is not None:
        found += _technical(reading.technical_quality.brisque)
    return tuple(found)


def _legibility(read: Words) -> Finding:
    hard = [region for region in read.regions if region.legibility < 0.4]
    if not hard:
        return Finding("good", "The text can be read on a phone", _smallest(read.regions))
    longest = max(hard, key=lambda region: len(region.text))
    quoted = f"“{words.short(longest.text, 40)}”"
    reasons = []
    if longest.phone_px < FLUENT_PX:
        reasons.append(
            f"is {longest.phone_px:.0f} pixels high where a phone lists it; "
            f"reading comes with ease from {FLUENT_PX:.0f}, and ends below {ACUITY_PX:.0f}"
        )
    if longest.contrast < ENOUGH_CONTRAST:
        reasons.append(
            f"stands out from its ground by {longest.contrast:.1f}:1; {ENOUGH_CONTRAST}:1 is the least for text"
        )
    of = "All" if len(hard) == len(read.regions) else f"{len(hard)} of {len(read.regions)}"
    lines = "lines" if len(read.regions) > 1 else "text"
    title = (
        f"{of} {lines} hard to read on a phone"
        if len(read.regions) > 1
        else "The text is hard to read on a phone"
    )
    return Finding("look", title, f"{quoted} {' and '.join(reasons)}." if reasons else "")


def _smallest(regions: tuple[TextRegion, ...]) -> str:
    least = min(region.phone_px for region in regions)
    return f"Its smallest line is {least:.0f} pixels high where a phone lists it."


def _light(look: Look) -> list[Finding]:
    found = []
    if look.blur > SURE and look.sharpness < 100:
        found.append(
            Finding("look", "The picture is soft", "Its edges are blurred; a sharper original would help.")
        )
    if look.dark_share > 0.4:
        found.append(
            Finding("look", "Much of it is black", f"{words.share(look.dark_share)} is nearly black.")
        )
    elif look.brightness < 0.2:
        found.append(
            Finding("look", "The picture is dark", f"Mean brightness is {words.share(look.brightness)}.")
        )
    if look.bright_share > 0.3:
        found.append(
            Finding("look", "Much of it is white", f"{words.share(look.bright_share)} is nearly white.")
        )
    if look.contrast < 0.1:
        found.append(Finding("look", "Little contrast", "Light and dark parts lie close together."))
    if look.noise > 10:
        found.append(
            Finding(
                "look",
                "The picture is grainy",
                f"Noise of about {look.noise:.0f} of 255 steps of brightness.",
            )
        )
    if not found:
        found.append(Finding("good", "Light and sharpness are in order"))
    return found


def _technical(brisque: float) -> list[Finding]:
    if brisque > 60:
        words_ = f"BRISQUE {brisque:.0f}: compression, blur or noise are visible (above 60 is bad)."
        return [Finding("look", "Technical quality is poor", words_)]
    if brisque < 25:
        return [Finding("good", "Technical quality is good", f"BRISQUE {brisque:.0f}; below 25 is good.")]
    return []


def look_scales(reading: ImageReading) -> tuple[Scale, ...]:
    """Light, colour and quality, each between two words."""
    scales: list[Scale] = []
    if reading.technical_quality is not None:
        brisque = reading.technical_quality.brisque
        words_ = "good" if brisque < 25 else "poor" if brisque > 60 else "fair"
        scales.append(Scale("Technical quality", "poor", "good", 1 - brisque / 100, words_, brisque > 60))
    if reading.look is None:
        return tuple(scales)
    look = reading.look
    scales += [
        Scale("Sharpness", "blurred", "sharp", 1 - look.blur, _sharp(look), look.blur > SURE and look.sharpness < 100),
        Scale("Brightness", "dark", "bright", look.brightness, _three(look.brightness, 0.25, 0.75, "dark", "balanced", "bright"),
              look.brightness < 0.2),
        Scale("Contrast", "flat", "strong", look.contrast / 0.4, _three(look.contrast, 0.1, 0.25, "flat", "medium", "strong"),
              look.contrast < 0.1),
        Scale("Colour", "none", "very colourful", look.colourfulness / 109, colourful(look.colourfulness)),
        Scale("Warmth", "cool", "warm", 0.5 + look.warmth / 0.8, _three(look.warmth, -0.05, 0.05, "cool", "neutral", "warm")),
        Scale("Noise", "clean", "grainy", look.noise / 20, _three(look.noise, 3, 10, "clean", "some grain", "grainy"),
              look.noise > 10),
    ]  # fmt: skip
    return tuple(scales)


def _sharp(look: Look) -> str:
    if look.blur > SURE:
        return "soft" if look.sharpness < 100 else "somewhat soft"
    return "sharp"


def _three(value: float, low: float, high: float, *names: str) -> str:
    return names[0] if value < low else names[2] if value > high else names[1]


def colourful(measure: float) -> str:
    return next((name for bound, name in COLOURFUL if measure < bound), "extremely colourful")


def ratings_frame(reading: ImageReading) -> pd.DataFrame:
    """How a panel would rate the picture, 1 to 10; empty without the aesthetic model."""
    shares = reading.aesthetic.ratings if reading.aesthetic is not None else ()
    return pd.DataFrame(
        {
            "rating": [str(i) for i in range(1, len(shares) + 1)],
            "share": [float(share) for share in shares],
            "words": [words.share(share) for share in shares],
        }
    )


def where_the_eye_goes(reading: ImageReading) -> str:
    """Saliency and composition in a sentence."""
    if reading.saliency is None:
        return ""
    saliency = reading.saliency
    place = _place(saliency.centre_x, saliency.centre_y)
    spread = (
        "gathers"
        if saliency.focus_share < 0.35
        else "spreads out"
        if saliency.focus_share > 0.65
        else "moves"
    )
    said = f"The eye {spread} around the {place}"
    if saliency.focus_share < 0.995:
        said += (
            f": four fifths of what draws it lie within {words.share(saliency.focus_share)} of the picture"
        )
    if reading.composition is not None and reading.composition.rule_of_thirds > 0.9:
        said += ", on a crossing of thirds"
    return said + "."


def _place(x: float, y: float) -> str:
    across = "left" if x < 0.4 else "right" if x > 0.6 else ""
    down = "upper" if y < 0.4 else "lower" if y > 0.6 else ""
    if not across and not down:
        return "middle"
    return f"{down} {across}".strip() if across and down else f"{across} side" if across else f"{down} part"


def lines_frame(read: Words, shown: int = LINES_SHOWN) -> pd.DataFrame:
    """The lines of text that fill most of the picture, in reading order: line, share (legibility), words."""
    largest = sorted(read.regions, key=lambda region: -region.box.width * region.box.height)[:shown]
    rows = [
        (
            f"“{words.short(region.text, 48)}”",
            region.legibility,
            f"{readable(region.legibility)}, {region.phone_px:.0f} px",
        )
        for region in read.regions
        if region in largest
    ]
    return pd.DataFrame(rows, columns=["line", "share", "words"])


def beside_the_channel(look: ChannelLook) -> str:
    """How it sits beside the channel's earlier pictures."""
    names = ((0.7, "much like"), (0.4, "somewhat like"))
    near = next((name for least, name in names if look.consistency > least), "unlike")
    return f"It looks {near} the channel's {look.earlier} earlier pictures (cosine {look.consistency:.2f})."
