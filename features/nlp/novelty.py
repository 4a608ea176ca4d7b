"""How far a title is from what its channel said before: cosines of sentence vectors to earlier titles only."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creatorlens.reading.text import ChannelTitles
from features.absent import Absent
from features.nlp.agreement import content_words_of
from features.nlp.source import Source
from features.text import HEADLINE_CHARS
from features.weights.models import Models

LOOK_BACK = 50
BLOCK = 256
NOVELTY_FEATURES = (
    ("novelty_nearest", "how far the title is from the nearest of the channel's last titles"),
    ("novelty_usual", "how far the title is from the channel's last titles on average"),
)
NOVELTY_NAMES: tuple[str, ...] = tuple(name for name, _ in NOVELTY_FEATURES)


def read_channel(source: Source, _: Models) -> ChannelTitles | Absent:
    """The title (or headline) beside the last `LOOK_BACK` earlier titles it was handed."""
    earlier = source.earlier[-LOOK_BACK:]
    if not source.headline:
        return Absent("no title to compare")
    if not earlier:
        return Absent("no earlier titles of the channel are known")
    title = _title(source)
    found = source.vectors.of([title, *earlier])
    if isinstance(found, Absent):
        cosines = np.array([_word_cosine(title, other) for other in earlier])
    else:
        cosines = (found[1:] @ found[0]).astype(np.float64).clip(-1, 1)
    nearest = int(len(cosines) - 1 - np.argmax(cosines[::-1]))
    best = float(cosines[nearest])
    return ChannelTitles(
        nearest=earlier[nearest],
        cosine=best,
        novelty=min(1.0, max(0.0, 1 - best)),
        mean_cosine=float(cosines.mean()),
        earlier=len(earlier),
        method="words" if isinstance(found, Absent) else "embedding",
    )


def channel_texts(source: Source) -> list[str]:
    """What `read_channel` will ask vectors of."""
    earlier = source.earlier[-LOOK_BACK:]
    return [_title(source), *earlier] if earlier and source.headline else []


def _title(source: Source) -> str:
    return " ".join(source.fields.get("title", "").split())[:HEADLINE_CHARS] or source.headline


def title_novelty(embeddings: Any, channel_ids: Any, published_at: Any) -> pd.DataFrame:
    """float32 columns of `NOVELTY_FEATURES`, index 0..n-1, in the order given: 1 - cosine to the nearest, and on
    average, of the channel's last `LOOK_BACK` titles published strictly before.

    `embeddings`: n x d unit vectors, rows of NaN where there is none (None: no encoder, all NaN). NaN without an
    earlier title. Each row is computed by itself: what comes later changes no bit of it.
    """
    names = [name for name, _ in NOVELTY_FEATURES]
    n = len(channel_ids)
    out = np.full((n, 2), np.nan, np.float32)
    if embeddings is not None and n:
        order, first, start = _before(channel_ids, published_at)
        vectors = np.ascontiguousarray(np.asarray(embeddings, np.float32)[order])
        for at in range(0, n, BLOCK):
            rows = slice(at, min(at + BLOCK, n))
            out[order[rows]] = _of_block(vectors, rows, first[rows], start[rows])
    return pd.DataFrame(out, columns=names)


def _before(channel_ids: Any, published_at: Any) -> tuple[Any, Any, Any]:
    """Posts by channel and time; for each the first of its own instant, and the first of its channel."""
    channel = pd.factorize(np.asarray(channel_ids, dtype=object))[0]
    moment = (
        pd.to_datetime(pd.Series(np.asarray(published_at)), utc=True)
        .to_numpy("datetime64[ns]")
        .astype(np.int64)
    )
    order = np.lexsort((moment, channel))
    channel, moment = channel[order], moment[order]
    new_channel = np.r_[True, channel[1:] != channel[:-1]]
    new_instant = new_channel | np.r_[True, moment[1:] != moment[:-1]]
    at = np.arange(len(order))
    first = np.maximum.accumulate(np.where(new_instant, at, 0))
    start = np.maximum.accumulate(np.where(new_channel, at, 0))
    return order, first, start


def _of_block(vectors: Any, rows: slice, first: Any, start: Any) -> NDArray[np.float32]:
    mine = vectors[rows]
    n = len(mine)
    best = np.full(n, -np.inf, np.float32)
    total, count = np.zeros(n), np.zeros(n)
    for back in range(1, LOOK_BACK + 1):
        other = first - back
        there = other >= start
        if not there.any():
            break
        # einsum adds along one row at a time, always in the same order; a matrix product would not.
        cosine = np.einsum("ij,ij->i", mine[there], vectors[other[there]])
        told = ~np.isnan(cosine)
        at = np.flatnonzero(there)[told]
        best[at] = np.maximum(best[at], cosine[told])
        total[at] += cosine[told]
        count[at] += 1
    with np.errstate(invalid="ignore", divide="ignore"):
        nearest = np.where(count > 0, 1 - best.clip(-1, 1), np.nan)
        usual = np.where(count > 0, 1 - total / count, np.nan)
    return np.column_stack([nearest, usual]).astype(np.float32)


def _word_cosine(one: str, other: str) -> float:
    a, b = Counter(content_words_of(one)), Counter(content_words_of(other))
    norm = (sum(n * n for n in a.values()) * sum(n * n for n in b.values())) ** 0.5
    return min(1.0, sum(n * b[word] for word, n in a.items()) / norm) if norm else 0.0
