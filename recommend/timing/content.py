"""What a channel's posts share beside their time: kernels of one channel's content, each scaled to 1 on its diagonal.

The time effect is estimated with all of them in the model (a Gaussian process), so that a good series which runs on
Sundays is not taken for a good Sunday.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.asof import Floats, Ints
from features.similar_posts import LARGEST
from recommend.timing.series import series_of

CONTENT = ("format", "category", "series", "hashtags", "words", "length")
DRIFT_DAYS = 45.0
TEMPERATURE = 0.25
MOST_OWN = 400
"""Newest outcomes of a channel that are looked at: the cost grows with their cube."""
HASHED_WORDS = 256
MOST_CHANNELS = 2_000
OUTLIER_SD = 3.5


@dataclass(frozen=True)
class Occasions:
    """Posts of one channel with an outcome, oldest first. `y`: ln outcome over the level expected then; `day`: days since 1970;
    `terms`: format, category, series per post (None: none); `tags`: per post; `vectors`: n x d unit vectors, zeros where
    there are none; `lengths`: n x k, standardised."""

    channel_id: str
    y: Floats
    hour: Ints
    weekday: Ints
    day: Floats
    terms: dict[str, Any]
    tags: list[tuple[str, ...]]
    vectors: Floats
    lengths: Floats

    def __len__(self) -> int:
        return len(self.y)


def occasions(frame: pd.DataFrame, vectors: Any = None) -> list[Occasions]:
    """`frame`: channel_id, published_at, y, hour, weekday, media_type, title, text, hashtags, duration_s, category, and age_h
    (hours; NaN unknown). `vectors`: n x d int8 as `features.similar_posts.to_bytes` makes them; without them words are
    compared by themselves. The newest `MOST_OWN` of each channel, most outcomes first."""
    if frame.empty:
        return []
    frame = frame.assign(row=np.arange(len(frame))).sort_values("published_at", kind="stable")
    words = _hashed(frame) if vectors is None else None
    found = []
    for channel, rows in frame.groupby("channel_id", sort=True).indices.items():
        newest = rows[-MOST_OWN:]
        own = frame.iloc[newest]
        if words is not None:
            theirs = words[newest]
        else:
            theirs = np.asarray(vectors[np.asarray(own["row"])], np.float64) * (LARGEST / 127)
        found.append(_of_channel(str(channel), own, theirs))
    return sorted(found, key=lambda one: (-len(one), one.channel_id))[:MOST_CHANNELS]


def _of_channel(channel: str, frame: pd.DataFrame, vectors: Floats) -> Occasions:
    from creatorlens.metric_definitions import SHORT_MAX_S

    duration = pd.to_numeric(frame["duration_s"], errors="coerce").to_numpy(dtype=float)
    short = np.where(duration <= SHORT_MAX_S, ":short", "").astype(object)
    heads = [title or text for title, text in zip(frame["title"], frame["text"], strict=True)]
    tags = [_tags(one) for one in frame["hashtags"]]
    lengths = np.column_stack(
        [
            np.log1p(duration),
            np.log1p([len(head) for head in heads]),
            np.log1p([len(text) for text in frame["text"]]),
            np.log1p([len(one) for one in tags]),
            np.log1p(frame["age_h"].to_numpy(dtype=float)),
        ]
    )
    return Occasions(
        channel_id=channel,
        y=winsorised(frame["y"].to_numpy(dtype=float)),
        hour=frame["hour"].to_numpy(np.int64),
        weekday=frame["weekday"].to_numpy(np.int64),
        day=frame["published_at"].astype("int64").to_numpy(dtype=float) / 86_400e6,
        terms={
            "format": frame["media_type"].to_numpy(dtype=object) + short,
            "category": frame["category"].to_numpy(dtype=object),
            "series": np.array(series_of(heads), dtype=object),
        },
        tags=tags,
        vectors=vectors,
        lengths=standardised(lengths),
    )


def winsorised(y: Floats) -> Floats:
    """Beyond `OUTLIER_SD` robust standard deviations values are taken as that far: one hit must not make an hour."""
    middle = float(np.median(y))
    sd = 1.4826 * float(np.median(np.abs(y - middle)))
    if len(y) < 5 or sd <= 0:
        return y
    return y.clip(middle - OUTLIER_SD * sd, middle + OUTLIER_SD * sd)


def standardised(columns: Floats) -> Floats:
    """Per channel; what is unknown or the same everywhere becomes zero."""
    out = np.zeros_like(columns)
    for j in range(columns.shape[1]):
        known = ~np.isnan(columns[:, j])
        spread = float(columns[known, j].std()) if known.any() else 0.0
        if spread > 1e-9:
            out[known, j] = (columns[known, j] - columns[known, j].mean()) / spread
    return out


def kernels(posts: Occasions, names: tuple[str, ...]) -> Floats:
    """len(names) x n x n; `names` of level, drift and `CONTENT`."""
    made: dict[str, Callable[[], Floats]] = {
        "level": lambda: np.ones((len(posts), len(posts))),
        "drift": lambda: np.exp(-np.abs(posts.day[:, None] - posts.day[None, :]) / DRIFT_DAYS),
        "hashtags": lambda: _tag_kernel(posts.tags),
        "words": lambda: _word_kernel(posts.vectors),
        "length": lambda: posts.lengths @ posts.lengths.T / max(1, posts.lengths.shape[1]),
    }
    return np.stack([made[name]() if name in made else _same(posts.terms[name]) for name in names])


def _same(term: Any) -> Floats:
    code = pd.factorize(term)[0]
    return ((code[:, None] == code[None, :]) & (code >= 0)[:, None]).astype(float)


def _tag_kernel(tags: list[tuple[str, ...]]) -> Floats:
    """Cosine of the sets."""
    names = {name: i for i, name in enumerate(sorted({tag for one in tags for tag in one}))}
    used = np.zeros((len(tags), max(1, len(names))))
    for row, one in enumerate(tags):
        used[row, [names[tag] for tag in one]] = 1.0
    return _cosine(used)


def _word_kernel(vectors: Floats) -> Floats:
    near = np.exp((_cosine(vectors) - 1.0) / TEMPERATURE)
    told = (vectors != 0).any(axis=1)
    return np.where(told[:, None] & told[None, :], near, 0.0)


def _cosine(rows: Floats) -> Floats:
    length = np.sqrt((rows**2).sum(axis=1))
    unit = rows / np.where(length > 0, length, 1.0)[:, None]
    return unit @ unit.T


def _tags(one: Any) -> tuple[str, ...]:
    if one is None or isinstance(one, float):
        return ()
    return tuple(dict.fromkeys(str(tag).strip().lstrip("#").lower() for tag in one if tag))


def _hashed(frame: pd.DataFrame) -> Floats:
    from sklearn.feature_extraction.text import HashingVectorizer

    told = [f"{title} {text}" for title, text in zip(frame["title"], frame["text"], strict=True)]
    made = HashingVectorizer(n_features=HASHED_WORDS, alternate_sign=False).transform(told)
    return np.asarray(made.toarray(), dtype=float)
