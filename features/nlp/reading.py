"""The words of a piece of content → what was read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from creatorlens.reading.base import Part
from creatorlens.reading.text import TextReading
from features.extractor import Extractor
from features.nlp.topics import TopicModel
from features.nlp.words import Words
from features.weights.models import Models

EXTRACTORS: tuple[Extractor[Words], ...] = ()


def read_text(
    words: Words, models: Models, known: Mapping[str, Part] | None = None, *, corpus: TopicModel | None = None
) -> TextReading:
    """Every part not in `known`; `corpus`: what was learned from the workspace's own posts."""
    raise NotImplementedError


def read_texts(
    words: Sequence[Words], models: Models, *, corpus: TopicModel | None = None
) -> list[TextReading]:
    """As `read_text` for many pieces at once; equal records, one pass of each model over all."""
    raise NotImplementedError


def part_keys(words: Words, models: Models, *, corpus: TopicModel | None = None) -> dict[str, str]:
    """By part: what decides its value (words, version, weights). Equal key: equal part."""
    raise NotImplementedError
