"""Channels alike: those that post about the same things and are of a size to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.asof import Floats

MOST = 8
MIN_POSTS = 5
MIN_COSINE = 0.2
TENFOLD_LN = 2.3
"""A channel of ten times (or a tenth of) the size counts e^-1/2 as much."""


@dataclass(frozen=True)
class Contents:
    """What posts are about. `vectors`: posts x d unit vectors around the platform's mean, so that a cosine of 0 is "no more alike
    than any two posts"; `place`: post_id → row."""

    place: pd.Index
    vectors: Floats

    def mean(self, post_ids: Any) -> Floats | None:
        """Unit vector of what the posts have in common; None where none of them has words."""
        rows = self.place.get_indexer(pd.Index(post_ids, dtype=object))
        rows = rows[rows >= 0]
        return _unit(self.vectors[rows].mean(axis=0)[None])[0] if len(rows) else None


@dataclass(frozen=True)
class Alike:
    """`size_ln`: usual outcome over the channel's own, in ln; NaN where one is not known."""

    channel_id: str
    cosine: float
    size_ln: float
    posts: int


def contents_of(post_ids: Any, vectors: Any) -> Contents:
    """vectors: n x d, of any length; rows of zeros have no words and are left out."""
    vectors = np.asarray(vectors, dtype=np.float32)
    told = (vectors != 0).any(axis=1)
    unit = _unit(vectors[told])
    centred = _unit(unit - unit.mean(axis=0)) if len(unit) else unit
    return Contents(pd.Index(np.asarray(post_ids, dtype=object)[told]), centred)


def written_alike(post_ids: Any, texts: list[str], seed: int = 0) -> Contents:
    """Without sentence vectors: by shared words (TF-IDF, its first 64 directions)."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    from features.nlp.vocabulary import terms_of

    try:
        weights = TfidfVectorizer(analyzer=terms_of, min_df=2, max_df=0.5, max_features=20_000).fit_transform(
            texts
        )
    except ValueError:  # no two posts share a word
        return contents_of([], np.zeros((0, 1)))
    directions = min(64, weights.shape[1] - 1, weights.shape[0] - 1)
    if directions < 1:
        return contents_of([], np.zeros((0, 1)))
    return contents_of(post_ids, TruncatedSVD(directions, random_state=seed).fit_transform(weights))


def alike(contents: Contents, posts: pd.DataFrame, size_ln: pd.Series, channel_id: str) -> list[Alike]:
    """The nearest first. posts: post_id, channel_id; size_ln: usual ln outcome by channel_id."""
    own = contents.mean(posts.loc[posts["channel_id"] == channel_id, "post_id"])
    if own is None:
        return []
    found = []
    for other, theirs in posts.groupby("channel_id", sort=True):
        if other == channel_id or len(theirs) < MIN_POSTS:
            continue
        mean = contents.mean(theirs["post_id"])
        if mean is None:
            continue
        cosine = float(own @ mean)
        size = float(size_ln.get(other, np.nan)) - float(size_ln.get(channel_id, np.nan))
        if cosine >= MIN_COSINE:
            found.append(Alike(str(other), cosine, size, len(theirs)))
    return sorted(found, key=lambda one: (-_weight(one), one.channel_id))[:MOST]


def _weight(one: Alike) -> float:
    apart = one.size_ln if np.isfinite(one.size_ln) else TENFOLD_LN
    return one.cosine * float(np.exp(-0.5 * (apart / TENFOLD_LN) ** 2))


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(length, 1e-12)
