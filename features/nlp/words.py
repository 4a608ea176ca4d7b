"""The words of one piece of content, as they were handed in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

from creatorlens.reading.text import TextField

TEXT_FIELDS: tuple[TextField, ...] = ("title", "caption", "transcript", "on_screen")


@dataclass(frozen=True)
class Words:
    """`text` is the caption. `earlier_titles`: the channel's, oldest first, published before this piece: who asks
    sees to that. `language`: ISO 639-1 hint that decides between near guesses, never against a clear one."""

    title: str = ""
    text: str = ""
    hashtags: tuple[str, ...] = ()
    transcript: str = ""
    on_screen: str = ""
    earlier_titles: tuple[str, ...] = ()
    language: str | None = None

    def digest(self) -> str:
        """sha256 over everything here: equal words are read equally."""
        said = "\x1e".join(_flat(getattr(self, field.name)) for field in fields(self))
        return hashlib.sha256(said.encode("utf-8", errors="surrogatepass")).hexdigest()


def _flat(value: str | tuple[str, ...] | None) -> str:
    if isinstance(value, tuple):
        return "\x1f".join((str(len(value)), *value))
    return "\x00" if value is None else value
