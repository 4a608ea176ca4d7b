"""How long each field is: characters, words, sentences, and tokens of the sentence encoder."""

from __future__ import annotations

from creatorlens.reading.text import FieldTokens, Tokens
from features.absent import Absent
from features.nlp.segmentation import sentences, words
from features.nlp.source import Source
from features.weights.models import Models


def read_tokens(source: Source, _: Models) -> Tokens | Absent:
    if not source.fields:
        return Absent("no words to read")
    counted = source.vectors.token_counts(list(source.fields.values()))
    given = source.lengths
    fields = [
        FieldTokens(
            field=name,
            characters=given[name],
            words=len(words(text)),
            sentences=len(sentences(text)),
            model_tokens=None if counted is None else counted[i],
            read_share=len(text) / given[name],
        )
        for i, (name, text) in enumerate(source.fields.items())
    ]
    return Tokens(fields=tuple(fields))
