"""What the extractors of words read: the words made safe, what was learned from the corpus, sentence vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from creatorlens.reading.text import TextField
from creatorlens.settings import Settings
from features.absent import Absent
from features.nlp.segmentation import sentences
from features.nlp.sentence_vectors import SentenceVectors
from features.nlp.topics import TopicModel
from features.nlp.words import TEXT_FIELDS, Words
from features.text import HEADLINE_CHARS
from features.weights.models import Models

PASSAGES = 12
PASSAGE_WORDS = 40
SHORT_CHARS = 250
PASSAGE_CHARS = 400


@dataclass(frozen=True)
class Prepared:
    """What a batch read for all its pieces at once: guesses of languages by text; by model and text, scores."""

    confidences: Mapping[str, Any] = field(default_factory=dict)
    judged: Mapping[str, Mapping[str, dict[str, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Words and what reading them needs; what several extractors ask for is worked out once."""

    words: Words
    settings: Settings
    vectors: SentenceVectors
    corpus: TopicModel | None = None
    prepared: Prepared = field(default_factory=lambda: Prepared())

    @cached_property
    def guessed(self) -> dict[str, Any]:
        """What was asked of the language detector already."""
        return {}

    @cached_property
    def given(self) -> dict[TextField, str]:
        words = self.words
        return dict(
            zip(TEXT_FIELDS, (words.title, words.text, words.transcript, words.on_screen), strict=True)
        )

    @property
    def lengths(self) -> dict[TextField, int]:
        return {name: len(text) for name, text in self.given.items()}

    @cached_property
    def fields(self) -> dict[TextField, str]:
        """Fields with anything to read, cut at `max_text_chars`; a lone surrogate is '?', so positions stay."""
        longest = self.settings.max_text_chars
        cut = ((name, safe(text[:longest])) for name, text in self.given.items())
        return {name: text for name, text in cut if text.strip()}

    @cached_property
    def earlier(self) -> tuple[str, ...]:
        titles = (" ".join(safe(title[:HEADLINE_CHARS]).split()) for title in self.words.earlier_titles)
        return tuple(title for title in titles if title)

    @cached_property
    def headline(self) -> str:
        """What the models' own text embedding reads (features.text.headlines), for one piece."""
        fields = self.fields
        whole = f"{fields.get('title', '').strip()}\n{fields.get('caption', '').strip()}"
        return " ".join(whole[:HEADLINE_CHARS].split())

    @cached_property
    def passages(self) -> dict[TextField, tuple[str, ...]]:
        """Of each field what the encoder reads: itself where short, otherwise passages spread evenly over it."""
        return {name: passages(text) for name, text in self.fields.items()}

    def field_vectors(self) -> dict[TextField, Any] | Absent:
        """One unit vector per field: the mean of its passages' vectors."""
        flat = [passage for parts in self.passages.values() for passage in parts]
        found = self.vectors.of(flat)
        if isinstance(found, Absent):
            return found
        out, start = {}, 0
        for name, parts in self.passages.items():
            mean = found[start : start + len(parts)].mean(axis=0)
            out[name] = mean / max(float(np.linalg.norm(mean)), 1e-9)
            start += len(parts)
        return out


def safe(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", errors="replace").decode("utf-8")


def passages(text: str) -> tuple[str, ...]:
    """At most `PASSAGES`, evenly spread: whole sentences together up to about `PASSAGE_WORDS` words, longer ones cut."""
    if len(text) <= SHORT_CHARS:
        return (" ".join(text.split()),)
    runs: list[list[str]] = [[]]
    for sentence in sentences(text):
        said = [piece for word in sentence.split() for piece in _pieces(word)]
        for start in range(0, len(said), PASSAGE_WORDS):
            part = said[start : start + PASSAGE_WORDS]
            if len(runs[-1]) + len(part) > PASSAGE_WORDS or sum(map(len, runs[-1])) > SHORT_CHARS:
                runs.append([])
            runs[-1].extend(part)
    told = [" ".join(run)[:PASSAGE_CHARS] for run in runs if run] or [" ".join(text.split())[:PASSAGE_CHARS]]
    chosen = np.unique(np.linspace(0, len(told) - 1, min(PASSAGES, len(told))).round().astype(int))
    return tuple(told[i] for i in chosen)


def _pieces(word: str) -> list[str]:
    """A word, or what nothing parts into words, cut."""
    return [word[start : start + SHORT_CHARS] for start in range(0, len(word), SHORT_CHARS)]


def source(words: Words, models: Models, corpus: TopicModel | None = None) -> Source:
    return Source(words, models.settings, SentenceVectors(models), corpus)
