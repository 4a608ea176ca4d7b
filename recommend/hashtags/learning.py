"""What creators chose on their latest posts, each described by what was there just before it: what the ranking learns from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from recommend.hashtags.candidates import Candidates, Query, candidates
from recommend.hashtags.index import TagIndex
from recommend.hashtags.ranker import Ranker, fit_ranker

LEARN_FROM = 400
SHARE_LEARNT_FROM = 0.5
"""Of the posts that were there: the first half has too little before it."""


def query_of(index: TagIndex, words: Mapping[str, str], post: int) -> Query:
    """The post as it was asked for before it was out. `words`: of posts by post_id, without hashtags."""
    return Query(
        channel_id=str(index.channels[index.channel[post]]),
        at_us=int(index.at_us[post]),
        vector=index.vectors[post],
        words=words.get(str(index.post_id[post]), ""),
    )


def learn(index: TagIndex, words: Mapping[str, str], at_us: int, most: int = LEARN_FROM) -> Ranker:
    """From at most `most` of the posts before the moment, the newest."""
    until = index.until(at_us)
    first = max(until - most, round(until * SHARE_LEARNT_FROM))
    examples: list[tuple[Candidates, np.ndarray[tuple[int], np.dtype[np.bool_]]]] = []
    for post in range(first, until):
        found = candidates(index, query_of(index, words, post))
        examples.append((found, np.isin(found.tag, index.tags_of(post))))
    return fit_ranker(examples)
