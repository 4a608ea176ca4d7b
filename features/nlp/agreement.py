"""Do title, caption, transcript and text on screen speak of the same thing?

`overlap`: the share of the shorter field's distinct content words that the other has too (the overlap coefficient).
"""

from __future__ import annotations

from itertools import combinations

from creatorlens.reading.text import Agreement, FieldPair
from features.absent import Absent
from features.nlp.segmentation import words
from features.nlp.source import Source
from features.nlp.stopwords import STOP_WORDS
from features.weights.models import Models


def read_agreement(source: Source, _: Models) -> Agreement | Absent:
    if len(source.fields) < 2:
        return Absent("needs two of title, caption, transcript and text on screen")
    vectors = source.field_vectors()
    content = {name: frozenset(content_words_of(text)) for name, text in source.fields.items()}
    pairs = []
    for one, other in combinations(source.fields, 2):
        cosine = None
        if not isinstance(vectors, Absent):
            cosine = min(1.0, max(-1.0, float(vectors[one] @ vectors[other])))
        pairs.append(
            FieldPair(one=one, other=other, cosine=cosine, overlap=overlap(content[one], content[other]))
        )
    return Agreement(pairs=tuple(pairs))


def content_words_of(text: str) -> list[str]:
    """Lower case, without stop words; a plain English plural counts as its singular."""
    low = (word.lower() for word in words(text))
    return [_singular(word) for word in low if word not in STOP_WORDS]


def overlap(one: frozenset[str], other: frozenset[str]) -> float | None:
    shorter = min(len(one), len(other))
    return len(one & other) / shorter if shorter else None


def _singular(word: str) -> str:
    return (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )
