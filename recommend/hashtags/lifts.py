"""What a hashtag, and a number of hashtags, is worth: posterior effects on ln outcome over the channel's level.

A mixed model, residual = mean + channel + 28 days it fell in + format + how similar posts did + number of hashtags +
hashtags + noise; channels are absorbed, so that tags are compared within them as far as their posts allow, and tags that
come together share what they are worth. The spread of each kind of effect is found by EM, as in `features.seasons`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.asof import DAY_US, Floats, Ints, micros
from features.seasons import known_residuals, spread
from features.terms import CLIP_LN, tag_terms
from features.trends import PAST_D, RECENT_D

MIN_POSTS = 4
MOST_TAGS = 600
MIN_OUTCOMES = 50
ROUNDS = 40
SMALLEST_VARIANCE = 1e-6
FREE = 1.0
"""Variance of what is adjusted for: near enough to none at all."""
COUNTS = (0, 1, 3, 6, 11, 21)
"""Where each range of numbers of hashtags begins."""


@dataclass(frozen=True)
class TagLifts:
    """Posterior mean and variance in ln of the tags `names`, of the ranges `COUNTS` (`count_covariance`: k x k), and how
    the residuals looked like without any tag's share. `posts`: with a known outcome, per tag and per range.

    `cells`: per channel and tag what its own posts say: channel_id, tag, mean (ln, over the platform's effect), variance."""

    names: pd.Index
    mean: Floats
    variance: Floats
    posts: Ints
    tag_variance: float
    channel_variance: float
    count_mean: Floats
    count_covariance: Floats
    count_posts: Ints
    cells: pd.DataFrame
    outcomes: int


def tag_lifts(
    posts: pd.DataFrame, residuals: pd.DataFrame, similar: pd.DataFrame | None, as_of: pd.Timestamp
) -> TagLifts | None:
    """From outcomes known at `as_of` of posts of the last year; None below `MIN_OUTCOMES`.

    posts: post_id, channel_id, published_at, media_type, hashtags; residuals: as `features.histories.Histories`;
    similar: indexed by post_id, columns of results of similar posts as known when it was published, NaN where unknown.
    """
    known = known_residuals(residuals, as_of, days=PAST_D)
    place = pd.Index(posts["post_id"]).get_indexer(pd.Index(known["post_id"]))
    known, place = known.loc[place >= 0], place[place >= 0]
    if len(known) < MIN_OUTCOMES:
        return None
    theirs = posts.iloc[place].reset_index(drop=True)
    y = known["residual"].to_numpy(dtype=float).clip(-CLIP_LN, CLIP_LN)
    channel, channels = pd.factorize(theirs["channel_id"].to_numpy(dtype=object))
    row, term = tag_terms(theirs["hashtags"])
    tag, names = _frequent(term)
    blocks = _Blocks.of(theirs, row, tag, len(names), similar)
    fitted = _posterior(y, channel.astype(np.int64), blocks)
    tags, counts = blocks.place("tags"), blocks.place("count")
    rest = y - np.asarray(blocks.x @ fitted.mean) - fitted.channel_mean[channel]
    cells, between = _cells(rest, channel, channels, row, tag, names, fitted.noise)
    return TagLifts(
        names=pd.Index(names, dtype=object),
        mean=fitted.mean[tags],
        variance=np.maximum(np.diag(fitted.covariance)[tags], 0.0),
        posts=np.bincount(tag[tag >= 0], minlength=len(names)).astype(np.int64),
        tag_variance=fitted.variance["tags"],
        channel_variance=between,
        count_mean=fitted.mean[counts],
        count_covariance=fitted.covariance[counts, counts],
        count_posts=np.bincount(count_range(np.bincount(row, minlength=len(theirs))), minlength=len(COUNTS)),
        cells=cells,
        outcomes=len(y),
    )


def count_range(counts: Any) -> Ints:
    """Which of `COUNTS` numbers of hashtags fall in."""
    return np.searchsorted(COUNTS, np.asarray(counts), side="right").astype(np.int64) - 1


def _frequent(term: Any) -> tuple[Ints, Any]:
    """Codes of the tags with at least `MIN_POSTS` posts, the most frequent `MOST_TAGS`; -1 for the rest."""
    code, names = pd.factorize(term, sort=True)
    n = np.bincount(code, minlength=len(names))
    kept = np.flatnonzero(n >= MIN_POSTS)
    kept = np.sort(kept[np.argsort(-n[kept], kind="stable")][:MOST_TAGS])
    new = np.full(len(names), -1, np.int64)
    new[kept] = np.arange(len(kept))
    return (new[code] if len(code) else np.zeros(0, np.int64)), np.asarray(names, dtype=object)[kept]


@dataclass(frozen=True)
class _Blocks:
    """Columns of the regression, one block per kind of effect: `sizes` in order; `free`: blocks with no spread to find."""

    x: Any
    sizes: dict[str, int]
    free: tuple[str, ...] = ("format", "similar", "mean")

    @staticmethod
    def of(posts: pd.DataFrame, row: Ints, tag: Ints, n_tags: int, similar: pd.DataFrame | None) -> _Blocks:
        from scipy.sparse import csr_matrix, hstack

        n = len(posts)

        def ones(rows: Ints, codes: Ints, size: int) -> Any:
            return csr_matrix((np.ones(len(rows)), (rows, codes)), shape=(n, size))

        every = np.arange(n, dtype=np.int64)
        count = count_range(np.bincount(row, minlength=n))
        month = pd.factorize(micros(posts["published_at"]) // (RECENT_D * DAY_US))[0].astype(np.int64)
        form = pd.factorize(posts["media_type"].to_numpy(dtype=object))[0].astype(np.int64)
        told = tag >= 0
        parts = {
            "tags": ones(row[told], tag[told], n_tags),
            "count": ones(every, count, len(COUNTS)),
            "month": ones(every, month, int(month.max()) + 1),
            "format": ones(every, form, int(form.max()) + 1),
            "similar": csr_matrix(_similar(posts, similar)),
            "mean": csr_matrix(np.ones((n, 1))),
        }
        return _Blocks(
            hstack(list(parts.values()), format="csr"), {name: part.shape[1] for name, part in parts.items()}
        )

    def place(self, name: str) -> slice:
        names = list(self.sizes)
        start = sum(self.sizes[other] for other in names[: names.index(name)])
        return slice(start, start + self.sizes[name])


def _similar(posts: pd.DataFrame, similar: pd.DataFrame | None) -> Floats:
    """Where nothing is known of a post, it is as the mean post."""
    if similar is None or similar.empty:
        return np.zeros((len(posts), 1))
    values = similar.reindex(posts["post_id"]).to_numpy(dtype=float)
    told = ~np.isnan(values)
    mean = np.where(told, values, 0.0).sum(axis=0) / np.maximum(told.sum(axis=0), 1)
    return np.where(told, values - mean, 0.0)


@dataclass(frozen=True)
class _Posterior:
    mean: Floats
    covariance: Floats
    variance: dict[str, float]
    channel_mean: Floats
    noise: float


def _posterior(y: Floats, channel: Ints, blocks: _Blocks) -> _Posterior:
    """`spread` of channels, then EM over the spread of each kind of effect."""
    from scipy.sparse import csr_matrix

    n = np.bincount(channel)
    noise, own = spread(y, channel)
    absorbed = own / (noise + n * own)
    owner_of = csr_matrix((np.ones(len(y)), (channel, np.arange(len(y)))), shape=(len(n), len(y)))
    per_channel = (owner_of @ blocks.x).tocsr()
    sums = np.bincount(channel, weights=y)
    a = (
        blocks.x.T @ blocks.x - per_channel.T @ per_channel.multiply(absorbed[:, None]).tocsr()
    ).toarray() / noise
    b = (blocks.x.T @ y - per_channel.T @ (absorbed * sums)) / noise
    variance = {name: FREE if name in blocks.free else 0.01 for name in blocks.sizes}
    for _ in range(ROUNDS):
        before = dict(variance)
        prior = np.concatenate([np.full(size, 1.0 / variance[name]) for name, size in blocks.sizes.items()])
        covariance = np.linalg.inv(a + np.diag(prior))
        mean = covariance @ b
        for name, size in blocks.sizes.items():
            if name not in blocks.free and size:
                part = blocks.place(name)
                second = mean[part] ** 2 + np.diag(covariance)[part]
                variance[name] = max(float(second.mean()), SMALLEST_VARIANCE)
        if all(abs(np.log(variance[name] / before[name])) < 0.02 for name in variance):
            break
    left = np.bincount(channel, weights=y - np.asarray(blocks.x @ mean))
    channel_mean: Floats = np.asarray(absorbed * left, np.float64)
    return _Posterior(mean, covariance, variance, channel_mean, noise)


def _cells(
    rest: Floats, channel: Ints, channels: Any, row: Ints, tag: Ints, names: Any, noise: float
) -> tuple[pd.DataFrame, float]:
    """Per channel and tag: its posts with the tag over its posts without, beyond the platform's effect; and how much
    channels truly differ in that (method of moments)."""
    told = tag >= 0
    n = np.bincount(channel)
    total = np.bincount(channel, weights=rest)
    pair = pd.DataFrame({"channel": channel[row[told]], "tag": tag[told], "rest": rest[row[told]]})
    cell = pair.groupby(["channel", "tag"], sort=True)["rest"].agg(["size", "sum"]).reset_index()
    with_tag = cell["size"].to_numpy(dtype=float)
    whose = cell["channel"].to_numpy(dtype=np.int64)
    without = n[whose] - with_tag
    mean = cell["sum"].to_numpy() / with_tag - (total[whose] - cell["sum"].to_numpy()) / np.maximum(
        without, 1.0
    )
    variance = noise * (1.0 / with_tag + 1.0 / np.maximum(without, 1e-9))
    kept = (without >= 2) & (with_tag >= 2)
    weight = 1.0 / variance[kept] ** 2
    excess = float((weight * (mean[kept] ** 2 - variance[kept])).sum() / weight.sum()) if kept.any() else 0.0
    frame = (
        pd.DataFrame(
            {
                "channel_id": np.asarray(channels, dtype=object)[whose],
                "tag": np.asarray(names, dtype=object)[cell["tag"].to_numpy(dtype=np.int64)],
                "mean": mean,
                "variance": variance,
                "posts": cell["size"].to_numpy(dtype=np.int64),
            }
        )
        .loc[kept]
        .reset_index(drop=True)
    )
    return frame, max(excess, SMALLEST_VARIANCE)
