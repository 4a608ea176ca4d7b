"""The vector of title and caption that the forecasting models read too."""

from __future__ import annotations

from creatorlens.reading.text import Embedding
from features.absent import Absent
from features.nlp.source import Source
from features.weights.models import Models


def read_embedding(source: Source, _: Models) -> Embedding | Absent:
    """Of the headline; of the first passage of what else there is where there is none."""
    texts = embedding_texts(source)
    if not texts:
        return Absent("no words to read")
    found = source.vectors.of(texts)
    if isinstance(found, Absent):
        return found
    return Embedding(vector=tuple(map(float, found[0])), model=source.vectors.model_id or "")


def embedding_texts(source: Source) -> list[str]:
    if source.headline:
        return [source.headline]
    return [parts[0] for parts in list(source.passages.values())[:1]]
