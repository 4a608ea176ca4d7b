"""What could be used on a draft, and how strongly each source speaks for it.

Sources: the channel's own habit and its posts with similar words, similar posts of others, channels that use the same
tags, what is common and what is on the rise on the platform, and the draft's own words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.asof import DAY_US, Floats, Ints
from recommend.hashtags.index import TagIndex
from recommend.hashtags.words import spelled_by

SOURCES = (
    "own_share", "own_last", "own_used", "own_near", "near", "nearest", "alike", "popular", "rise", "words",
)  # fmt: skip
OWN_HALF_LIFE = 8.0
"""Posts: a tag of the last post weighs twice one of eight posts ago."""
COMMON_HALF_LIFE_D = 28.0
NEAR_HALF_LIFE_D = 180.0
RISE_HALF_LIFE_D = 7.0
TEMPERATURE = 0.1
NEAREST = 20
PRIOR = 0.05
FROM_EACH = 40
FLOOR_SHARE = 1e-4


@dataclass(frozen=True)
class Query:
    """A draft: `vector` of its words (unit; zeros where there is none), `words` without hashtags."""

    channel_id: str
    at_us: int
    vector: NDArray[np.float32]
    words: str


@dataclass(frozen=True)
class Candidates:
    """`tag`: codes of the index; `strength`: one row each, columns of `SOURCES`: shares 0..1 of posts that carry it,
    `popular` and `rise` in ln, `words` 0 or 1."""

    tag: Ints
    strength: Floats


def candidates(index: TagIndex, query: Query, always: Ints | None = None) -> Candidates:
    """From posts published before the query's moment alone. `always`: codes that are described whatever their strength."""
    until = index.until(query.at_us)
    size = len(index.names)
    if until == 0:
        return Candidates(np.zeros(0, np.int64), np.zeros((0, len(SOURCES))))
    age = (query.at_us - index.at_us[:until]) / DAY_US
    own = index.posts_of(query.channel_id, until)
    own_share, own_last, own_used, own_near = _habit(index, query, own, until)
    near, nearest = _similar(index, query, own, age)
    common = index.summed(0.5 ** (age / COMMON_HALF_LIFE_D))
    total = (0.5 ** (age / COMMON_HALF_LIFE_D)).sum()
    popular = np.log(common / total + FLOOR_SHARE) - np.log(FLOOR_SHARE)
    late = index.summed(0.5 ** (age / RISE_HALF_LIFE_D))
    expected = (0.5 ** (age / RISE_HALF_LIFE_D)).sum() * common / total
    rise = np.log((late + 2.0) / (expected + 2.0))
    alike = _alike(index, own, until)
    words = np.zeros(size)
    spelled = [code for key in spelled_by(query.words) for code in index.spelling.get(key, ())]
    words[spelled] = common[spelled] > 0
    whole = np.column_stack(
        [own_share, own_last, own_used, own_near, near, nearest, alike, popular, rise, words]
    )
    chosen = np.zeros(size, bool)
    for column in (0, 3, 4, 5, 6, 7):
        chosen |= _strongest(whole[:, column])
    chosen |= (whole[:, 9] > 0) | (whole[:, 2] > 0)
    chosen &= common > 0
    if always is not None:
        chosen[always] = True
    tag = np.flatnonzero(chosen)
    return Candidates(tag, whole[tag])


def _strongest(strength: Floats) -> NDArray[np.bool_]:
    some = np.zeros(len(strength), bool)
    best = (
        np.argpartition(-strength, FROM_EACH)[:FROM_EACH]
        if len(strength) > FROM_EACH
        else np.arange(len(strength))
    )
    some[best] = strength[best] > 0
    return some


def _habit(index: TagIndex, query: Query, own: Ints, until: int) -> tuple[Floats, Floats, Floats, Floats]:
    size = len(index.names)
    if not len(own):
        nothing = np.zeros(size)
        return nothing, nothing, nothing, nothing
    recent = 0.5 ** (np.arange(len(own))[::-1] / OWN_HALF_LIFE)
    closeness = _kernel(index.vectors[own] @ query.vector) * 0.5 ** (
        np.arange(len(own))[::-1] / (8 * OWN_HALF_LIFE)
    )
    weights = np.zeros((4, until))
    weights[0, own] = recent / (recent.sum() + 0.5)
    weights[1, own[-1]] = 1.0
    weights[2, own] = 1.0
    weights[3, own] = closeness / (closeness.sum() + PRIOR)
    share, last, used, near = (_summed_over(index, own, weight) for weight in weights)
    return share, last, np.log1p(used), near


def _summed_over(index: TagIndex, posts: Ints, weight: Floats) -> Floats:
    """As `index.summed`, where only a few posts have weight."""
    out = np.zeros(len(index.names))
    for post in posts:
        out[index.tags_of(int(post))] += weight[post]
    return out


def _similar(index: TagIndex, query: Query, own: Ints, age: Floats) -> tuple[Floats, Floats]:
    """Shares among posts of others weighted by cosine, and among the nearest alone."""
    until = len(age)
    weight = _kernel(index.vectors[:until] @ query.vector) * 0.5 ** (age / NEAR_HALF_LIFE_D)
    weight[own] = 0.0
    if not query.vector.any():
        weight[:] = 0.0
    near = index.summed(weight / (weight.sum() + PRIOR))
    if until > NEAREST:
        least = np.partition(weight, until - NEAREST)[until - NEAREST]
        weight = np.where(weight >= least, weight, 0.0)
    return near, index.summed(weight / (weight.sum() + PRIOR))


def _kernel(cosine: NDArray[np.float32]) -> Floats:
    return np.exp((cosine.astype(np.float64) - 1.0) / TEMPERATURE)


def alike_channels(index: TagIndex, own: Ints, until: int) -> Floats:
    """Per code of `index.channels`, how much its posts' tags are those of the posts `own`: cosine with rare tags counting
    more, averaged over its posts and one more without any (0..1)."""
    if not len(own):
        return np.zeros(len(index.channels))
    used = np.log1p(_summed_over(index, own, np.ones(until)))
    rare = np.log((until + 1.0) / (index.summed(np.ones(until)) + 1.0))
    end = int(index.start[until])
    row, tag = index.row[:end], index.tag[:end]
    dot = np.bincount(row, weights=(used * rare**2)[tag], minlength=until)
    length = np.sqrt(np.bincount(row, weights=(rare**2)[tag], minlength=until))
    cosine = dot / np.maximum(length * np.linalg.norm(used * rare), 1e-9)
    channel = index.channel[:until]
    posts = np.bincount(channel, minlength=len(index.channels))
    likeness: Floats = np.bincount(channel, weights=cosine, minlength=len(index.channels)) / (posts + 1.0)
    likeness[index.channel[own[0]]] = 0.0
    return likeness


def _alike(index: TagIndex, own: Ints, until: int) -> Floats:
    """Shares among posts of channels alike; each channel weighs as its likeness squared."""
    channel = index.channel[:until]
    posts = np.bincount(channel, minlength=len(index.channels))
    weight = alike_channels(index, own, until)[channel] ** 2 / np.maximum(posts[channel], 1)
    return index.summed(weight / (weight.sum() + 1e-3))
