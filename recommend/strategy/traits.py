"""What posts have in common: topic, words, hashtags, format, how the title is made, when it went out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.asof import Ints
from features.nlp.columns import CUE_COLUMNS, nlp_features
from features.text import text_features
from features.trend_terms import hashtag_uses, phrase_uses
from features.trends import Uses

LEAST = 3
MOST_OF_KIND = 150
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
HOURS = 4
LENGTHS_S = (
    (60, "up to a minute"),
    (300, "1 to 5 minutes"),
    (900, "5 to 15 minutes"),
    (1800, "15 to 30 minutes"),
)
TEXT_CHARS = ((100, "a text of up to 100 characters"), (500, "a text of 100 to 500 characters"))
TITLE_CHARS = (
    (30, "a title of up to 30 characters"),
    (60, "a title of 31 to 60 characters"),
    (90, "a title of 61 to 90 characters"),
)
TAGS = ((0, "no hashtags"), (3, "1 to 3 hashtags"), (10, "4 to 10 hashtags"))
TITLE_FLAGS = {
    "headline_question": "a question in the title",
    "headline_numbers": "a number in the title",
    "headline_bracket": "brackets in the title",
    "headline_first_person": "I, my or we in the title",
    "headline_second_person": "you in the title",
    "headline_versus": "a comparison (vs) in the title",
    "headline_announces": "new, first, review or the like in the title",
}  # fmt: skip
ASKED_OF_OTHERS = ("topic", "words", "hashtag", "format", "title", "category")
"""Kinds that tell what to make; hours are each audience's own."""


@dataclass(frozen=True)
class Traits:
    """`has`: posts x traits, bool. `name`: within its kind; `words`: as in 'posts with …'."""

    kind: tuple[str, ...]
    name: tuple[str, ...]
    words: tuple[str, ...]
    has: Any

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, chosen: Any) -> Traits:
        places = np.flatnonzero(chosen)
        kind, name, words = (
            tuple(column[i] for i in places) for column in (self.kind, self.name, self.words)
        )
        return Traits(kind, name, words, self.has[:, places])


def traits(posts: pd.DataFrame, topics: Uses | None = None) -> Traits:
    """Of posts with post_id, title, text, hashtags, media_type, duration_s, category, and local hour and weekday; `topics`: from
    `features.trend_terms.topic_uses` of the same posts. Traits of fewer than `LEAST` posts, or lacked by fewer, are left
    out; of topics, words and hashtags the commonest `MOST_OF_KIND` of each."""
    if posts.empty:
        return Traits((), (), (), np.zeros((0, 0), bool))
    posts = posts.reset_index(drop=True)
    found: list[tuple[str, str, str, Ints]] = []
    for kind, uses, words in (
        ("topic", topics, "the topic “{}”"),
        ("words", phrase_uses(posts), "“{}” in the title"),
        ("hashtag", hashtag_uses(posts), "#{}"),
    ):
        if uses is not None:
            found += [(kind, name, words.format(name), rows) for name, rows in _common(uses)]
    for kind, column in _columns(posts):
        found += [
            (kind, str(name), str(name), np.asarray(rows, np.int64))
            for name, rows in column.groupby(column).indices.items()
        ]
    for name, flag in _flags(posts):
        found.append(("title", name, name, np.flatnonzero(flag)))
    kept = [one for one in found if LEAST <= len(one[3]) <= len(posts) - LEAST]
    has = np.zeros((len(posts), len(kept)), bool)
    for i, (_, _, _, rows) in enumerate(kept):
        has[rows, i] = True
    told = [tuple(str(one[k]) for one in kept) for k in range(3)]
    return Traits(told[0], told[1], told[2], has)


def _common(uses: Uses) -> Iterator[tuple[str, Ints]]:
    """Term and its posts."""
    if not len(uses.row):
        return
    count = Counter(uses.term.tolist())
    told = pd.Series(uses.row).groupby(pd.Series(uses.term, dtype=object))
    rows = told.unique()
    for name, _ in sorted(count.items(), key=lambda one: (-one[1], one[0]))[:MOST_OF_KIND]:
        yield name, np.asarray(rows[name], np.int64)


def _columns(posts: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """Kinds of which a post has exactly one (or none: NaN)."""
    media = posts["media_type"].astype(str)
    duration = pd.to_numeric(posts["duration_s"], errors="coerce")
    told = duration.notna() & (duration > 0)
    length = _bucket(duration.fillna(0), LENGTHS_S, "over 30 minutes")
    yield "format", media.where(~told, media + " of " + length)
    yield "format", _bucket(posts["text"].fillna("").str.len(), TEXT_CHARS, "a text of over 500 characters")
    yield "format", _bucket(_tags(posts["hashtags"]), TAGS, "more than 10 hashtags")
    title = posts["title"].fillna("").str.strip().str.len()
    yield "title", _bucket(title, TITLE_CHARS, "a title of over 90 characters").where(title > 0)
    yield "category", ("the category " + posts["category"].astype(str)).where(posts["category"].notna())
    start = posts["hour"].astype(int) // HOURS * HOURS
    yield "time", "going out from " + start.astype(str) + " to " + (start + HOURS).astype(str) + " h"
    yield "weekday", "going out on " + posts["weekday"].astype(int).map(dict(enumerate(DAYS)))


def _bucket(values: pd.Series, limits: tuple[tuple[int, str], ...], beyond: str) -> pd.Series:
    place = np.searchsorted([limit for limit, _ in limits], values.to_numpy(float), side="left")
    names = np.array([*(name for _, name in limits), beyond], dtype=object)
    return pd.Series(names[place], index=values.index)


def _tags(hashtags: pd.Series) -> pd.Series:
    return hashtags.map(lambda tags: 0 if tags is None or isinstance(tags, float) else len(tags))


def _flags(posts: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    """How the title (the text's first line where there is none) is made."""
    numbers = text_features(posts["title"], posts["text"], posts["hashtags"])
    for column, words in TITLE_FLAGS.items():
        yield words, numbers[column].to_numpy() > 0
    yield "emoji in title or text", numbers["emoji_count"].to_numpy() > 0
    cues = nlp_features(posts["title"], posts["text"])
    for column, (_, words) in CUE_COLUMNS.items():
        yield words, cues[column].to_numpy() > 0
