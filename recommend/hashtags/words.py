"""Hashtags in written words, and words that a hashtag spells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from features.terms import MAX_CHARS

LONGEST_RUN = 4
MOST_WORDS = 120
_TAG = re.compile(r"#([^\s#@.,;:!?()\[\]{}\"“”'’|/\\]+)")
_TAG_AND_SPACE = re.compile(rf"([ \t]*){_TAG.pattern}")
_WORD = re.compile(r"[^\W_]+")


def clean(tag: str) -> str:
    """As `features.terms.tag_terms` keeps it: without case and '#'."""
    return tag.strip().lstrip("#").lower()[:MAX_CHARS]


def tags_in(text: str) -> list[str]:
    """Hashtags written in the text, in order, each once."""
    return list(dict.fromkeys(clean(found) for found in _TAG.findall(text) if clean(found)))


def without_tags(text: str) -> str:
    return " ".join(_TAG.sub(" ", text).split())


def plain(text: str) -> str:
    """Lower case, accents gone ('Gia Lai' and #gialai are the same); letters of other scripts stay."""
    apart = unicodedata.normalize("NFKD", text.lower()).replace("đ", "d")
    return "".join(one for one in apart if not unicodedata.combining(one))


def spelled_by(text: str) -> set[str]:
    """What a hashtag could spell of the text: its words and runs of up to `LONGEST_RUN` of them, joined and plain."""
    words = _WORD.findall(plain(text))[:MOST_WORDS]
    return {
        "".join(words[start : start + size])
        for size in range(1, LONGEST_RUN + 1)
        for start in range(len(words) - size + 1)
        if size > 1 or len(words[start]) > 2
    }


def without(text: str, tags: Container[str]) -> str:
    """The text without the named hashtags (as `clean` names them); other words and lines stay."""
    return _TAG_AND_SPACE.sub(lambda found: "" if clean(found[2]) in tags else found[0], text)
