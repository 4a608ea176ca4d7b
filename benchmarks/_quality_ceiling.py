"""How well can a post be told from its channel's others at all? Bounds that are blind to our model.

`within_creator_spearman` ranks a channel's posts; y = ln(1 + outcome) less the age's slope is what it ranks. Over pairs of posts of
one channel, r = 1 - mean((y_i - y_j)^2 / 2) / (variance of y within those channels): 1 where the two always agree, 0 where they are like any two
posts of the channel. Differences, because centring on a channel's own few posts would push correlations below 0.

- `repeats`: each post with the one most like it (cosine of the titles' embeddings at least `ALIKE`, same format). What a title tells they share;
  what differs is chance and time. A forecast that knew everything such posts share would correlate with y inside the
  channel by sqrt(r) at most: the reliability of a measurement bounds its correlation with anything.
- `neighbours`: consecutive posts of a channel: what time alone (drift, a run of luck) shares.
- `hindsight`: rank correlation inside channels of y with the mean y of the two posts before and the two after: a forecast that may look into
  its channel's future. No honest one can.

`ahead` counts the posts that the benchmark forecasts, `all` every post, above the channel's level known then (`base_ln`). Repeats share much of
their time as well as their title, so their bound counts drift as if it were content: it is generous. Where pairs are few the interval says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from training.columns import Floats, horizon_ln, outcome_ln
from training.level import fit_age_slope
from training.metrics import WITHIN_MIN_POSTS, rank_correlation, rounded
from training.text_directions import embeddings

ALIKE = 0.85
_SAMPLES = 1000
_MIN_PAIRS = 20
# Around a post of a short channel lie those that are left: their mean runs against it.
_HINDSIGHT_POSTS = 20
# Pairs of one channel further apart than this many posts are not looked for in very long channels.
_MOST_POSTS = 2000


def ceiling(rows: pd.DataFrame, start: pd.Timestamp) -> dict[str, Any]:
    """rows: labelled, the last observation of each post is used; start: the first cut-off."""
    posts = rows.loc[rows["is_last"] & rows["base_ln"].notna()]
    posts = posts.sort_values(["published_at", "post_id"], kind="stable").reset_index(drop=True)
    truth, age = outcome_ln(posts), horizon_ln(posts)
    above = truth - posts["base_ln"].to_numpy(np.float64)
    grown = fit_age_slope(above, age, np.ones(len(posts))).at(age)
    ahead = (posts["published_at"] > start).to_numpy()
    return {
        "ahead": _bounds(posts.loc[ahead].reset_index(drop=True), (truth - grown)[ahead]),
        "all": _bounds(posts, above - grown),
    }


def _bounds(posts: pd.DataFrame, y: Floats) -> dict[str, Any]:
    channel = posts["channel_id"].to_numpy(dtype=object)
    follow = [np.stack([at[:-1], at[1:]], axis=1) for at in _groups(channel)]
    neighbours = np.concatenate(follow) if follow else np.zeros((0, 2), np.int64)
    return {
        "posts": len(posts),
        "channels": len(follow),
        "repeats": _bound(y, channel, _repeats(posts)),
        "neighbours": _bound(y, channel, neighbours),
        "hindsight": _hindsight(y, channel),
    }


def _groups(channel: Any, least: int = WITHIN_MIN_POSTS) -> list[Any]:
    by = pd.Series(np.arange(len(channel))).groupby(channel)
    return [at.to_numpy() for _, at in by if len(at) >= least]


def _repeats(posts: pd.DataFrame) -> Any:
    """Pairs of positions, each post with the one most like it."""
    vectors = embeddings(posts)
    if vectors is None:
        return np.zeros((0, 2), np.int64)
    form = posts[["is_video", "is_image", "is_album", "is_short"]].fillna(-1).to_numpy()
    pairs = set()
    for at in _groups(posts["channel_id"].to_numpy(dtype=object)):
        some = at[-_MOST_POSTS:]
        unit = vectors[some] / np.maximum(np.linalg.norm(vectors[some], axis=1, keepdims=True), 1e-9)
        alike = np.nan_to_num(unit @ unit.T, nan=-1.0)
        same = (form[some][:, None, :] == form[some][None, :, :]).all(axis=2)
        alike = np.where(same, alike, -1.0)
        np.fill_diagonal(alike, -1.0)
        nearest = alike.argmax(axis=1)
        for i in np.flatnonzero(alike.max(axis=1) >= ALIKE):
            first, second = sorted((int(some[i]), int(some[nearest[i]])))
            pairs.add((first, second))
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def _bound(y: Floats, channel: Any, pairs: Any) -> dict[str, Any]:
    """r over the pairs and sqrt(r), with 95 % intervals from resampling channels."""
    if len(pairs) < _MIN_PAIRS:
        return {"pairs": len(pairs)}
    variance = pd.Series(np.clip(y, *np.quantile(y, [0.001, 0.999]))).groupby(channel).var()
    of = channel[pairs[:, 0]]
    apart = (y[pairs[:, 0]] - y[pairs[:, 1]]) ** 2 / 2
    frame = pd.DataFrame({"apart": apart, "within": variance.reindex(of).to_numpy()})
    sums = frame.groupby(of).sum().to_numpy()
    drawn = (
        np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), _SAMPLES) @ sums
    )
    r = 1.0 - float(sums[:, 0].sum() / sums[:, 1].sum())
    low, high = np.quantile(1.0 - drawn[:, 0] / np.maximum(drawn[:, 1], 1e-9), [0.025, 0.975])
    return {
        "pairs": len(pairs),
        "channels": len(sums),
        "r": rounded(r),
        "ceiling": rounded(_root(r)),
        "ceiling_interval": [rounded(_root(float(low))), rounded(_root(float(high)))],
    }


def _root(r: float) -> float:
    return float(np.sqrt(max(r, 0.0)))


def _hindsight(y: Floats, channel: Any) -> float | None:
    found = []
    for at in _groups(channel, _HINDSIGHT_POSTS):
        own = y[at]
        padded = np.concatenate([[np.nan] * 2, own, [np.nan] * 2])
        around = np.nanmean(np.stack([padded[:-4], padded[1:-3], padded[3:-1], padded[4:]]), axis=0)
        if np.ptp(own) > 0:
            found.append(rank_correlation(own, around) or 0.0)
    return rounded(float(np.mean(found)) if found else None)
