"""Clickbait and curiosity cues, each with the words that make it: see how they relate to clicks in docs/reading/text.md."""

from __future__ import annotations

import re
from functools import cache

from creatorlens.reading.text import Cue, CueKind, Cues, Match, TextField
from features.absent import Absent
from features.nlp.cue_patterns import CUES
from features.nlp.source import Source
from features.weights.models import Models

READ: tuple[TextField, ...] = ("title", "caption", "on_screen")
MAX_CHARS = 20_000
MAX_FOUND = 50


def read_cues(source: Source, _: Models) -> Cues | Absent:
    """In title, caption and text on screen: what is said aloud is not read before the click."""
    texts = {name: straight(source.fields[name][:MAX_CHARS]) for name in READ if name in source.fields}
    if not texts:
        return Absent("no words to read")
    cues = []
    for kind in CUES:
        found = [match for name, text in texts.items() for match in matches(kind, name, text)]
        if found:
            cues.append(Cue(kind=kind, found=tuple(found)))
    return Cues(cues=tuple(cues))


def matches(kind: CueKind, field: TextField, text: str) -> list[Match]:
    out = []
    for match in _pattern(kind).finditer(text):
        said = match.group().strip()
        if not said:
            continue
        start = match.start() + match.group().index(said)
        out.append(Match(field=field, text=said, start=start, end=start + len(said)))
        if len(out) == MAX_FOUND:
            break
    return out


def straight(text: str) -> str:
    """Typographic apostrophes as the patterns write them; no position moves."""
    return text.replace("’", "'").replace("‘", "'")


@cache
def _pattern(kind: CueKind) -> re.Pattern[str]:
    # ASCII, as RE2 reads \\b and \\w.
    return re.compile(CUES[kind], re.ASCII)
