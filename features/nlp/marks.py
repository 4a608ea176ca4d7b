"""Hashtags, mentions, emoji and links as they are written."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from creatorlens.reading.text import Marks
from features.absent import Absent
from features.nlp.source import Source, safe
from features.weights.models import Models

LINK = r"(?i)\bhttps?://[^\s<>\"']+|\bwww\.[^\s<>\"']+"
HASHTAG = r"(?<![\w&/#])#([\p{L}\p{M}\p{N}_]*[\p{L}_][\p{L}\p{M}\p{N}_]*)"
MENTION = r"(?<![\w@/.])@([\w](?:[\w.]*[\w])?)"
# Whole sequences: joined people, skin tones, flags, keycaps.
EMOJI = (
    r"[\x{1F1E6}-\x{1F1FF}]{2}|[0-9#*]\x{FE0F}?\x{20E3}"
    r"|\p{Extended_Pictographic}[\x{FE0F}\p{EMod}]*(?:\x{200D}\p{Extended_Pictographic}[\x{FE0F}\p{EMod}]*)*"
)
MAX_EACH = 500


def read_marks(source: Source, _: Models) -> Marks | Absent:
    """Of title, caption and text on screen, and of the hashtags given apart."""
    written = "\n".join(text for name, text in source.fields.items() if name != "transcript")
    given = [safe(tag).strip().lstrip("#") for tag in source.words.hashtags]
    if not written and not given:
        return Absent("no words to read")
    links = _find(LINK, written)
    rest = _compile(LINK).sub(" ", written)
    return Marks(
        hashtags=_distinct([*_find(HASHTAG, rest), *given]),
        mentions=_distinct(_find(MENTION, rest)),
        emoji=_distinct(emoji for emoji in _find(EMOJI, rest) if emoji not in "©®™"),
        links=_distinct(link.rstrip(".,;:!?)]}") for link in links),
    )


def _find(pattern: str, text: str) -> list[str]:
    return _compile(pattern).findall(text)


def _distinct(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in found if one))[:MAX_EACH]


@cache
def _compile(pattern: str) -> Any:
    import re

    import regex

    # One notation for code points everywhere: \x{1F600}, as RE2 writes it.
    python = re.sub(r"\\x\{([0-9A-F]+)\}", lambda code: chr(int(code[1], 16)), pattern)
    return regex.compile(python)
