"""How well can a post be told from its channel's others at all? Three bounds, all blind to our model.

Everything is about the deviation d = ln(1 + outcome) - the channel's level known then (`base_ln`), less the age's slope, centred within
the channel: the part that `within_creator_spearman` ranks.

- `repeats`: pairs of posts of one channel with nearly the same title (cosine of their embeddings at least `ALIKE`) and the same
  format. What content decides they share; what differs is chance and time. With r the correlation of d over
  such pairs, a forecast that knew everything titles tell would correlate with d by sqrt(r) at most (the reliability of a
  measurement bounds its correlation with anything). An interval by resampling channels.
- `neighbours`: r over pairs of consecutive posts of the channel: what time (a channel's drift, a run of luck) shares.
- `hindsight`: rank correlation inside channels of d with the mean d of the two posts before and the two after it: a forecast that may
  look at the future of its channel. No honest one can.

The repeats share their time as well as their title (most lie close together), so sqrt(r) counts drift as if it were content: the bound is
generous. Where there are few pairs, the interval says so.
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
# Pairs of one channel further apart than this many posts are not looked for in very long channels.
_MOST_POSTS = 2000


def ceiling(rows: pd.DataFrame) -> dict[str, Any]:
    """rows: labelled; the last observation of each post is used."""
    posts = rows.loc[rows["is_last"] & rows["base_ln"].notna()].sort_values("published_at", kind="stable")
    posts = posts.reset_index(drop=True)
    d = _deviation(posts)
    channel = posts["channel_id"].to_numpy(dtype=object)
    repeats = _repeats(posts)
    follow = [(group[:-1], group[1:]) for group in _groups(channel)]
    neighbours = np.array([np.concatenate(side) for side in zip(*follow, strict=True)]).T
    return {
        "posts": len(posts),
        "variance_within": rounded(float(d.var())),
        "repeats": _bound(d, channel, repeats),
        "neighbours": _bound(d, channel, neighbours),
        "hindsight": _hindsight(d, channel),
    }


def _deviation(posts: pd.DataFrame) -> Floats:
    above = outcome_ln(posts) - posts["base_ln"].to_numpy(np.float64)
    age = horizon_ln(posts)
    above = np.clip(above - fit_age_slope(above, age, np.ones(len(posts))).at(age), -4, 4)
    out: Floats = (
        above
        - pd.Series(above).groupby(posts["channel_id"].to_numpy(dtype=object)).transform("mean").to_numpy()
    )
    return out


def _groups(channel: Any) -> list[Any]:
    by = pd.Series(np.arange(len(channel))).groupby(channel)
    return [at.to_numpy() for _, at in by if len(at) >= WITHIN_MIN_POSTS]


def _repeats(posts: pd.DataFrame) -> Any:
    """Pairs of positions, each post with the one most like it."""
    vectors = embeddings(posts)
    if vectors is None:
        return np.zeros((0, 2), np.int64)
    form = posts[["is_video", "is_image", "is_album", "is_short"]].to_numpy()
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


def _bound(d: Floats, channel: Any, pairs: Any) -> dict[str, Any]:
    """r of d over the pairs, each pair both ways, and sqrt(r) with a 95 % interval over channels."""
    if len(pairs) < 20:
        return {"pairs": len(pairs)}
    a, b = d[pairs[:, 0]], d[pairs[:, 1]]
    frame = pd.DataFrame({"ab": a * b, "aa": (a * a + b * b) / 2, "n": 1.0})
    sums = frame.groupby(channel[pairs[:, 0]]).sum().to_numpy()
    drawn = (
        np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), _SAMPLES) @ sums
    )
    r = float(sums[:, 0].sum() / sums[:, 1].sum())
    low, high = np.quantile(drawn[:, 0] / np.maximum(drawn[:, 1], 1e-9), [0.025, 0.975])
    return {
        "pairs": len(pairs),
        "channels": len(sums),
        "r": rounded(r),
        "ceiling": rounded(_root(r)),
        "ceiling_interval": [rounded(_root(float(low))), rounded(_root(float(high)))],
    }


def _root(r: float) -> float:
    return float(np.sqrt(max(r, 0.0)))


def _hindsight(d: Floats, channel: Any) -> float | None:
    found = []
    for at in _groups(channel):
        own = d[at]
        padded = np.concatenate([[np.nan] * 2, own, [np.nan] * 2])
        around = np.nanmean(np.stack([padded[:-4], padded[1:-3], padded[3:-1], padded[4:]]), axis=0)
        if np.ptp(own) > 0:
            found.append(rank_correlation(own, around) or 0.0)
    return rounded(float(np.mean(found)) if found else None)
