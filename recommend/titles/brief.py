"""What generators are asked, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from creatorlens.platforms import SPECS, Platform
from features.nlp.segmentation import sentences

TextField = Literal["title", "text"]
TEXT_LIMITS = {Platform.YOUTUBE: 5_000, Platform.REDDIT: 40_000, Platform.FACEBOOK: 63_206}
"""Characters of the text beside a title; elsewhere the caption is the only text and has the title's limit."""
SEEN = {"title": "title", "text": "description", "transcript": "transcript", "on_screen": "text on screen"}


@dataclass(frozen=True)
class TitleBrief:
    """A draft's words and what was read of its files. `language`: ISO 639-1, None where it cannot be told. `banned`: words
    that may not appear. `earlier`: the channel's own titles, oldest first; what they show is how words are written, never
    what this content says. Sources beyond title and text are empty where nothing was read."""

    platform: Platform
    title: str = ""
    text: str = ""
    transcript: str = ""
    on_screen: str = ""
    hashtags: tuple[str, ...] = ()
    keyphrases: tuple[str, ...] = ()
    language: str | None = None
    banned: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()

    @property
    def field(self) -> TextField:
        """What is seen first of it: the title, or the caption where there is none."""
        return "title" if self.title.strip() else "text"

    @property
    def current(self) -> str:
        return self.title if self.field == "title" else self.text

    @cached_property
    def sources(self) -> dict[str, str]:
        """What the content says, by name; only what there is."""
        told = {name: getattr(self, name) for name in SEEN}
        if self.hashtags:
            told["hashtags"] = " ".join(self.hashtags)
        return {name: text for name, text in told.items() if text.strip()}

    @cached_property
    def said(self) -> str:
        return "\n".join(self.sources.values())

    @cached_property
    def spoken_sentences(self) -> tuple[str, ...]:
        """Whole sentences of description, transcript and text on screen."""
        beside = [text for name, text in self.sources.items() if name not in ("title", "hashtags")]
        return tuple(dict.fromkeys(one for text in beside for one in sentences(text)))

    def limit(self, field: TextField) -> int:
        """Most characters the platform takes."""
        if field == "title":
            return SPECS[self.platform].title_limit
        return TEXT_LIMITS.get(self.platform, SPECS[self.platform].title_limit)


@dataclass(frozen=True)
class Candidate:
    """Other words for one field. `operator` says in words what was done; `made_by`: the generator."""

    field: TextField
    words: str
    operator: str
    made_by: str


class Generator(Protocol):
    """`propose` gives at most about `n` candidates, unfiltered. It may raise `GeneratorAbsentError`."""

    @property
    def name(self) -> str: ...

    def propose(self, brief: TitleBrief, n: int) -> list[Candidate]: ...


class GeneratorAbsentError(Exception):
    """This generator cannot answer; says why in words, without secrets."""
