"""A rendered picture looked at again, as a stranger's file, with the detectors: nothing may have been lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from creatorlens.advice.thumbnails import Checks
from creatorlens.reading.image import ImageReading, Words
from features.vision.picture import Picture
from recommend.thumbnails.reframing import Framed
from recommend.thumbnails.seen import Edges, Seen, overlap
from recommend.thumbnails.shapes import Shape

SAME_PLACE = 0.35
"""Intersection over union of a face and where it should be now."""
SAME_WORDS = 0.6
"""Of the letters of a line, read again."""
READ = 0.8
"""Of the letters of the words that were set, read at phone size."""
SURE = 0.8
"""Certainty of a line from which it must be found again; of an unsure one only the place is checked."""

ReadWords = Callable[[Picture], Words | None]


@dataclass(frozen=True, eq=False)
class Rendered:
    """A decoded result: how its source was placed, and what is read in it. `own`: words that were set, None without."""

    picture: Picture
    reading: ImageReading
    framed: Framed
    own: str | None = None


def checked(seen: Seen, made: Rendered, shape: Shape, words_at_phone_size: ReadWords) -> Checks:
    unchecked: dict[str, str] = {}
    for part, name in (("faces", "faces_whole"), ("words", "text_whole")):
        for reading in (seen.reading, made.reading):
            if part in reading.absent:
                unchecked[name] = reading.absent[part]
    own: bool | None = None
    if made.own is not None:
        own, why = _own_read(made, words_at_phone_size)
        if why is not None:
            unchecked["own_text_read"] = why
    wide, tall = made.picture.facts.width, made.picture.facts.height
    return Checks(
        valid=made.picture.facts.format == "JPEG" and made.picture.rgb.shape[:2] == (tall, wide),
        aspect=wide * shape.down == tall * shape.across,
        faces_whole=None if "faces_whole" in unchecked else _faces_whole(seen, made),
        text_whole=None if "text_whole" in unchecked else _text_whole(seen, made),
        own_text_read=own,
        unchecked=unchecked,
    )


def failed(checks: Checks) -> str | None:
    """The first check that was not passed, in words."""
    for passed, words in (
        (checks.valid, "not a valid picture after rendering"),
        (checks.aspect, "not the right shape after rendering"),
        (checks.faces_whole, "a face was not found whole again after rendering"),
        (checks.text_whole, "words of the picture were not found whole again after rendering"),
        (checks.own_text_read, "the words that were set could not be read at phone size"),
    ):
        if passed is False:
            return words
    return None


def _within(edges: Edges, picture: Picture) -> bool:
    """A pixel of rounding is forgiven."""
    return (
        edges[0] >= -1 and edges[1] >= -1 and edges[2] <= picture.width + 1 and edges[3] <= picture.height + 1
    )


def _faces_whole(seen: Seen, made: Rendered) -> bool:
    found = Seen(made.picture, made.reading).faces
    for face in map(made.framed.place, seen.faces):
        if not _within(face, made.picture) or not any(_iou(face, other) >= SAME_PLACE for other in found):
            return False
    return True


def _text_whole(seen: Seen, made: Rendered) -> bool:
    again = Seen(made.picture, made.reading).lines
    for region, edges in seen.lines:
        place = made.framed.place(edges)
        if not _within(place, made.picture):
            return False
        if region.score >= SURE and not _found_again(region.text, place, again):
            return False
    return True


def _found_again(text: str, place: Edges, again: Sequence[tuple[object, Edges]]) -> bool:
    """Read among the lines that touch its place; a line may come back in two, or two in one."""
    touching = [getattr(one, "text", "") for one, edges in again if overlap(place, edges) > 0]
    wanted = _letters(text)
    joined = _letters("".join(touching))
    return (
        not wanted or wanted in joined or any(alike(text, one) >= SAME_WORDS for one in [*touching, joined])
    )


def _own_read(made: Rendered, words_at_phone_size: ReadWords) -> tuple[bool | None, str | None]:
    own = made.own or ""
    if not own.isascii():
        return (
            None,
            "the reader of text knows Latin letters without marks only; glyphs and place were checked",
        )
    found = words_at_phone_size(made.picture)
    if found is None:
        return None, made.reading.absent.get("words", "text was not read")
    return holds(own, found), None


def holds(own: str, found: Words) -> bool:
    """Whether the words stand among what was read, whatever stands around them."""
    wanted, text = _letters(own), _letters(found.text)
    blocks = SequenceMatcher(None, text, wanted, autojunk=False).get_matching_blocks()
    return bool(wanted) and sum(block.size for block in blocks) >= READ * len(wanted)


def alike(one: str, other: str) -> float:
    return SequenceMatcher(None, _letters(one), _letters(other), autojunk=False).ratio()


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _iou(one: Edges, other: Edges) -> float:
    both = overlap(one, other)
    area = sum((e[2] - e[0]) * (e[3] - e[1]) for e in (one, other)) - both
    return both / area if area > 0 else 0.0
