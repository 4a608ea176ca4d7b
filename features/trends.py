"""What is on the rise on a platform: hashtags, topics and sounds used more of late than they used to be, and how posts
with them did against their channels' level.

Everything counts posts published before `as_of` and outcomes with known_at <= as_of; nothing later has a say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.asof import DAY_US, Floats, Ints, micros
from features.seasons import Z80, known_residuals, spread
from features.terms import CLIP_LN

HALF_LIFE_D = 7.0
PAST_HALF_LIFE_D = 56.0
RECENT_D = 28
PAST_D = 365
MIN_USES = 3
MIN_CHANNELS = 2
MOST = 50
PRIOR_USES = 2.0
"""Strength, in uses of today, of "used as ever" (gamma-Poisson shrinkage, as in DuMouchel 1999)."""
SMALLEST_LIFT_SD = 0.05
PRIOR_POSTS_OF_TIME = 10.0


@dataclass(frozen=True)
class Uses:
    """Which posts use which terms: `row` of the posts' frame and the term, one entry per pair."""

    row: Ints
    term: Any


@dataclass(frozen=True)
class Rising:
    """`posts` and `channels`: in the last `RECENT_D` days. `rise_ln`: ln of recent use over what its own past lets
    expect, shrunk to 0. `lift_ln`: ln residual of posts with it of the last year over the platform's mean, shrunk,
    with 80 % interval; None where no outcome of such a post is known."""

    name: str
    posts: int
    channels: int
    rise_ln: float
    lift_ln: float | None
    lift_low_ln: float | None
    lift_high_ln: float | None


def rising(posts: pd.DataFrame, uses: Uses, residuals: pd.DataFrame, as_of: pd.Timestamp) -> list[Rising]:
    """At most `MOST`, the steepest first. `posts`: post_id, channel_id, published_at; `residuals` as in `seasons`.

    A channel's uses of one day count once. Shown are terms of at least `MIN_USES` such uses and `MIN_CHANNELS`
    channels of late; none where the platform's posts do not reach back beyond `RECENT_D` days.
    """
    age = (micros(pd.Series([as_of]))[0] - micros(posts["published_at"])) / DAY_US
    if not len(posts) or age.max() <= RECENT_D:
        return []
    told = (age[uses.row] > 0) & (age[uses.row] <= PAST_D)
    row, (code, names) = uses.row[told], pd.factorize(np.asarray(uses.term, dtype=object)[told])
    if not len(row):
        return []
    channel = pd.factorize(posts["channel_id"])[0].astype(np.int64)
    rise, late_uses = _rise(age, channel, row, code, len(names))
    late = age[row] <= RECENT_D
    in_posts = np.bincount(code[late], minlength=len(names))
    pairs = pd.DataFrame({"code": code[late], "channel": channel[row[late]]}).drop_duplicates()
    in_channels = np.bincount(pairs["code"], minlength=len(names))
    enough = min(MIN_CHANNELS, len(np.unique(channel[(age > 0) & (age <= RECENT_D)])))
    shown = np.flatnonzero((late_uses >= MIN_USES) & (in_channels >= enough) & (rise > 0))
    order = sorted(shown, key=lambda i: (-rise[i], -in_posts[i], str(names[i])))[:MOST]
    lift = _lift(posts, Uses(row, code), residuals, as_of, len(names))
    return [
        Rising(str(names[i]), int(in_posts[i]), int(in_channels[i]), float(rise[i]), *lift.of(int(i)))
        for i in order
    ]


def _rise(age: Floats, channel: Ints, row: Ints, code: Ints, n: int) -> tuple[Floats, Ints]:
    """Per term ln((recent + prior) / (expected + prior)), and its uses of the last `RECENT_D` days."""
    day = np.floor(age).astype(np.int64)
    recent, past = _weights(age)
    one = np.flatnonzero((age > 0) & (age <= PAST_D))
    one = one[~pd.DataFrame({"channel": channel[one], "day": day[one]}).duplicated().to_numpy()]
    used = pd.DataFrame({"code": code, "channel": channel[row], "day": day[row]})
    first = ~used.duplicated().to_numpy()
    row, code = row[first], code[first]
    lately = np.bincount(code, weights=recent[row], minlength=n)
    before = np.bincount(code, weights=past[row], minlength=n)
    expected = recent[one].sum() * before / past[one].sum()
    uses = np.bincount(code[age[row] <= RECENT_D], minlength=n).astype(np.int64)
    return np.log((lately + PRIOR_USES) / (expected + PRIOR_USES)), uses


def _weights(age: Floats) -> tuple[Floats, Floats]:
    """What is recent is not past: both decay, and the past begins where the recent ends."""
    days = np.maximum(age, 0.0)
    recent: Floats = 0.5 ** (days / HALF_LIFE_D)
    return recent, 0.5 ** (days / PAST_HALF_LIFE_D) * (1.0 - recent)


def _of_its_time(y: Floats, published_at: pd.Series) -> Floats:
    """Mean of what was published in the same 28 days, shrunk to the year's: a table that keeps only old hits makes
    whatever is new look bad otherwise."""
    months = pd.Series(y).groupby(micros(published_at) // (RECENT_D * DAY_US))
    weight = months.transform("size") / (months.transform("size") + PRIOR_POSTS_OF_TIME)
    return (y.mean() + weight * (months.transform("mean") - y.mean())).to_numpy(dtype=float)


@dataclass(frozen=True)
class _Lifts:
    mean: Floats
    sd: Floats
    known: Any

    def of(self, i: int) -> tuple[float | None, float | None, float | None]:
        if not self.known[i]:
            return None, None, None
        mean, half = float(self.mean[i]), float(Z80 * self.sd[i])
        return mean, mean - half, mean + half


def _lift(posts: pd.DataFrame, uses: Uses, residuals: pd.DataFrame, as_of: pd.Timestamp, n: int) -> _Lifts:
    """Posts of one channel tell less than as many of many: each channel weighs n / (1 + (n - 1) x the share of the
    variance that lies between channels). Spread of the terms' true lifts by the method of moments."""
    known = known_residuals(residuals, as_of, days=PAST_D)
    if known.empty:
        return _Lifts(np.zeros(n), np.zeros(n), np.zeros(n, dtype=bool))
    y = known["residual"].to_numpy(dtype=float).clip(-CLIP_LN, CLIP_LN)
    within, between = spread(y, pd.factorize(known["channel_id"])[0].astype(np.int64))
    alike = between / (within + between)
    place = pd.Series(
        y - _of_its_time(y, known["published_at"]), index=known["post_id"].to_numpy(dtype=object)
    )
    post = posts["post_id"].to_numpy(dtype=object)[uses.row]
    pair = pd.DataFrame(
        {
            "code": uses.term,
            "channel": posts["channel_id"].to_numpy(dtype=object)[uses.row],
            "y": place.reindex(post).to_numpy(),
        }
    ).dropna(subset="y")
    cell = pair.groupby(["code", "channel"], sort=True)["y"].agg(["size", "mean"]).reset_index()
    weight = (cell["size"] / (1.0 + (cell["size"] - 1.0) * alike)).to_numpy(dtype=float)
    code = cell["code"].to_numpy(dtype=np.int64)
    total = np.bincount(code, weights=weight, minlength=n)
    has = total > 0
    summed = np.bincount(code, weights=weight * cell["mean"].to_numpy(dtype=float), minlength=n)
    mean = summed / np.maximum(total, 1e-12)
    variance = (within + between) / np.maximum(total, 1e-12)
    excess = (mean[has] ** 2 / variance[has]).sum() - has.sum()
    spread_of_terms = max(SMALLEST_LIFT_SD**2, excess / (1.0 / variance[has]).sum()) if has.any() else 1.0
    shrink = spread_of_terms / (spread_of_terms + variance)
    return _Lifts(mean * shrink, np.sqrt(shrink * variance), has)
