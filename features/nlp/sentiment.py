"""How English words feel: VADER (Hutto and Gilbert 2014), as features.language reads headlines.

A title is read whole. Longer fields are read sentence by sentence and averaged: VADER was made for sentences, and
over a whole page it only ever says -1 or 1.
"""

from __future__ import annotations

from creatorlens.reading.text import FieldSentiment, Sentiment, TextField
from features.absent import Absent
from features.language import _vader
from features.nlp.languages import english
from features.nlp.segmentation import sentences
from features.nlp.source import Source
from features.text import HEADLINE_CHARS
from features.weights.models import Models

MAX_SENTENCES = 200
MAX_SENTENCE_CHARS = 1000


def read_sentiment(source: Source, _: Models) -> Sentiment | Absent:
    if not source.fields:
        return Absent("no words to read")
    found = [_of(name, text) for name, text in source.fields.items() if english(source, text)]
    if not found:
        return Absent("the mood is read in English only, and no field is English")
    return Sentiment(compound=found[0].compound, fields=tuple(found))


def _of(name: TextField, text: str) -> FieldSentiment:
    units = [text[:HEADLINE_CHARS]] if name == "title" else sentences(text)[:MAX_SENTENCES]
    scores = [_vader().polarity_scores(unit[:MAX_SENTENCE_CHARS]) for unit in units]

    def mean(key: str) -> float:
        return sum(score[key] for score in scores) / len(scores)

    return FieldSentiment(
        field=name, compound=mean("compound"), positive=mean("pos"), neutral=mean("neu"), negative=mean("neg")
    )
