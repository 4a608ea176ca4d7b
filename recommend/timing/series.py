"""Which posts of a channel belong to one series, by what their titles share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

MIN_POSTS = 4
MOST_WORDS = 6
LEAST_CHARS = 4
_PARTS = re.compile(r"\s*[:|｜]\s*|\s+[-–—]\s+|\s*#(?=\d)")
_NUMBER = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")


def series_of(titles: Sequence[str]) -> list[str | None]:
    """Per title of one channel the series it is of, None where it stands alone. A series is a name before or after a
    separator, or a beginning of three words, that at least `MIN_POSTS` titles share; numbers of episodes do not count."""
    named = [list(dict.fromkeys(_names(title))) for title in titles]
    count = Counter(name for names in named for name in names)
    found: list[str | None] = []
    for names in named:
        shared = [name for name in names if count[name] >= MIN_POSTS]
        found.append(max(shared, key=lambda name: (count[name], len(name))) if shared else None)
    return found


def _names(title: str) -> list[str]:
    plain = _SPACE.sub(" ", _NUMBER.sub("0", title.lower())).strip()
    parts = [part for part in _PARTS.split(plain) if part]
    names = [part for part in (parts[:1] + parts[-1:] if len(parts) > 1 else []) if _is_name(part)]
    words = plain.split(" ")
    return names + ([" ".join(words[:3])] if len(words) > 3 else [])


def _is_name(part: str) -> bool:
    return len(part) >= LEAST_CHARS and len(part.split(" ")) <= MOST_WORDS
