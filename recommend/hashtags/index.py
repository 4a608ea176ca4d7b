"""Who used which hashtag when, laid out so that any moment of the past can be asked.

Posts lie in the order of publishing: what was there at a moment is a prefix, and every count is one pass over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.asof import Floats, Ints, micros
from features.terms import tag_terms
from recommend.hashtags.words import plain


@dataclass(frozen=True)
class TagIndex:
    """Of n posts that carry hashtags, oldest first. `at_us`, `channel` (codes into `channels`), `vectors` (n x d, unit or
    zero where a post has none); one entry per pair of post and tag, by post: `row`, `tag` (codes into `names`);
    `start`: where each post's entries begin (n + 1)."""

    names: NDArray[np.object_]
    channels: pd.Index
    post_id: NDArray[np.object_]
    at_us: Ints
    channel: Ints
    vectors: NDArray[np.float32]
    row: Ints
    tag: Ints
    start: Ints

    @staticmethod
    def of(posts: pd.DataFrame, vectors: NDArray[np.float32]) -> TagIndex:
        """posts: post_id, channel_id, published_at, hashtags; vectors: aligned, NaN where there is none."""
        order = np.lexsort((posts["post_id"].to_numpy(dtype=str), micros(posts["published_at"])))
        posts, vectors = posts.iloc[order], vectors[order]
        row, term = tag_terms(posts["hashtags"])
        tagged, row = np.unique(row, return_inverse=True)
        posts = posts.iloc[tagged]
        tag, names = pd.factorize(term, sort=True)
        channel, channels = pd.factorize(posts["channel_id"].to_numpy(dtype=object), sort=True)
        counts = np.bincount(row, minlength=len(tagged))
        return TagIndex(
            names=np.asarray(names, dtype=object),
            channels=pd.Index(channels, dtype=object),
            post_id=posts["post_id"].to_numpy(dtype=object),
            at_us=micros(posts["published_at"]),
            channel=channel.astype(np.int64),
            vectors=np.nan_to_num(vectors[tagged].astype(np.float32)),
            row=row.astype(np.int64),
            tag=tag.astype(np.int64),
            start=np.r_[0, np.cumsum(counts)].astype(np.int64),
        )

    def __len__(self) -> int:
        return len(self.at_us)

    def until(self, at_us: int) -> int:
        """Number of posts published before the moment."""
        return int(np.searchsorted(self.at_us, at_us, side="left"))

    def summed(self, weight: Floats) -> Floats:
        """Per tag the weights of the posts that carry it; `weight`: of the first posts, one each."""
        end = int(self.start[len(weight)])
        total: Floats = np.bincount(
            self.tag[:end], weights=weight[self.row[:end]], minlength=len(self.names)
        ).astype(np.float64)
        return total

    def tags_of(self, post: int) -> Ints:
        return self.tag[self.start[post] : self.start[post + 1]]

    def posts_of(self, channel_id: str, until: int) -> Ints:
        """The channel's posts among the first `until`, oldest first."""
        code = self.channels.get_indexer([channel_id])[0]
        mine = self._by_channel.get(int(code))
        return np.zeros(0, np.int64) if mine is None else mine[: np.searchsorted(mine, until)]

    def posts_with(self, code: int, until: int) -> Ints:
        """Posts that carry the tag among the first `until`, oldest first."""
        posts = self._by_tag[self._tag_start[code] : self._tag_start[code + 1]]
        return posts[: np.searchsorted(posts, until)]

    def codes(self, tags: list[str]) -> Ints:
        """Of tags that were ever used; the others are left out."""
        found = self._lookup.get_indexer(pd.Index(tags, dtype=object)) if tags else np.zeros(0, np.int64)
        return np.asarray(found[found >= 0], np.int64)

    @cached_property
    def spelling(self) -> Mapping[str, tuple[int, ...]]:
        """Tags by what they spell without accents."""
        told: dict[str, tuple[int, ...]] = {}
        for code, name in enumerate(self.names):
            key = plain(str(name))
            told[key] = (*told.get(key, ()), code)
        return told

    @cached_property
    def _by_tag(self) -> Ints:
        return self.row[np.argsort(self.tag, kind="stable")]

    @cached_property
    def _tag_start(self) -> Ints:
        return np.r_[0, np.cumsum(np.bincount(self.tag, minlength=len(self.names)))].astype(np.int64)

    @cached_property
    def _lookup(self) -> pd.Index:
        return pd.Index(self.names, dtype=object)

    @cached_property
    def _by_channel(self) -> dict[int, Any]:
        order = np.argsort(self.channel, kind="stable")
        codes, starts = np.unique(self.channel[order], return_index=True)
        return dict(zip(codes.tolist(), np.split(order, starts[1:]), strict=True)) if len(codes) else {}
