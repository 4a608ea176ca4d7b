"""Results of posts made comparable: over what was expected of the channel then, at equal age, against the platform of its
time, on the scale of the channel's usual spread."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.asof import DAY_US, Floats, Ints, micros
from features.terms import CLIP_LN

YEARS_D = 3 * 365.25
MOST_PER_CHANNEL = 400
MIN_BEFORE = 3
"""Results known of the channel when a post went out: with fewer, its level was a guess from the platform's."""
LEVEL_POSTS = 20
"""Posts whose mean age stands for the level's."""
ENOUGH_FOR_SLOPE = 100
STEEPEST = 1.0
TIME_D = 28
PRIOR_POSTS_OF_TIME = 10.0
PRIOR_CENTRE = 3.0
PRIOR_SPREAD = 8.0
USUAL_SPREAD = 0.5
SMALLEST_SPREAD = 0.05
STANDS_OUT = 2.0
"""Spreads above the usual: one result in forty, where nothing but chance is at work."""
LEAST_ABOVE_LN = np.log(1.3)


def comparable(residuals: pd.DataFrame, ages: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per result known at `as_of`, by channel and time: post_id, channel_id, published_at, hour, weekday, ln (over
    usual), spread (the channel's, of ln), stands_out.

    residuals: as `features.stored_residuals`; ages: hours at which the outcome was seen (NaN unknown), aligned to them.
    The last `YEARS_D` before the newest, at most `MOST_PER_CHANNEL` of a channel.
    """
    told = (residuals["known_at"] <= as_of) & residuals["residual"].notna()
    known = residuals.loc[told].assign(age_h=ages.loc[told].to_numpy(dtype=float))
    if known.empty:
        columns = ["post_id", "channel_id", "published_at", "hour", "weekday"]
        return known[columns].assign(ln=0.0, spread=1.0, stands_out=False)
    known = known[known["published_at"] >= known["published_at"].max() - pd.Timedelta(days=YEARS_D)]
    known = known.sort_values(["channel_id", "published_at", "post_id"], kind="stable", ignore_index=True)
    channel = pd.factorize(known["channel_id"])[0].astype(np.int64)
    published, seen = micros(known["published_at"]), micros(known["known_at"])
    before = known_before(channel, published, seen)
    y = age_matched(known["residual"].to_numpy(float), channel, before, known["age_h"].to_numpy(float))
    kept = (before >= MIN_BEFORE) & (
        known.groupby("channel_id").cumcount(ascending=False).to_numpy() < MOST_PER_CHANNEL
    )
    known, channel, published = known[kept].reset_index(drop=True), channel[kept], published[kept]
    y = y[kept].clip(-CLIP_LN, CLIP_LN)
    y = y - of_its_time(y, channel, published)
    ln, spread = _centred(y, channel)
    out = known[["post_id", "channel_id", "published_at", "hour", "weekday"]]
    return out.assign(ln=ln, spread=spread, stands_out=(ln >= STANDS_OUT * spread) & (ln >= LEAST_ABOVE_LN))


def known_before(channel: Ints, published_us: Ints, known_us: Ints) -> Ints:
    """How many earlier results of the channel were known when each post went out. Rows sorted by channel and time."""
    out = np.zeros(len(channel), np.int64)
    for own in np.split(np.arange(len(channel)), np.flatnonzero(np.diff(channel)) + 1):
        out[own] = np.searchsorted(np.sort(known_us[own]), published_us[own], side="right")
    return out


def age_matched(residual: Floats, channel: Ints, before: Ints, age_h: Floats) -> Floats:
    """Results as if seen at the age of those that the channel's level was made of.

    In a table with one snapshot an older post had longer to gather than the newer ones beside it. The slope of ln outcome
    in ln age is the platform's, from how results fall with the age difference, shrunk to none by its standard error.
    """
    older = np.log(np.maximum(age_h, 1.0)) - _level_age(np.log(np.maximum(age_h, 1.0)), channel, before)
    told = np.isfinite(older) & (before >= MIN_BEFORE) & (np.abs(residual) <= CLIP_LN)
    if told.sum() < ENOUGH_FOR_SLOPE or np.ptp(older[told]) < 1e-6:
        return residual
    x, y = older[told] - older[told].mean(), residual[told] - residual[told].mean()
    slope = float(x @ y / (x @ x))
    error = float(((y - slope * x) ** 2).mean() / (x @ x))
    slope = float(np.clip(slope * slope**2 / (slope**2 + error), 0.0, STEEPEST))
    return np.where(np.isfinite(older), residual - slope * np.nan_to_num(older), residual)


def of_its_time(y: Floats, channel: Ints, published_us: Ints) -> Floats:
    """Mean result of other channels' posts of the same `TIME_D` days, shrunk to zero where there are few."""
    time = pd.factorize(published_us // (TIME_D * DAY_US))[0].astype(np.int64)
    total, count = np.bincount(time, weights=y), np.bincount(time).astype(float)
    own = pd.Series(y).groupby([channel, time])
    others = count[time] - own.transform("size").to_numpy(float)
    summed = total[time] - own.transform("sum").to_numpy(float)
    return summed / (others + PRIOR_POSTS_OF_TIME)


def _level_age(ln_age: Floats, channel: Ints, before: Ints) -> Floats:
    """Mean ln age of the last `LEVEL_POSTS` earlier results that were known; NaN where none were."""
    first = np.searchsorted(channel, channel, side="left")
    last = first + before
    start = np.maximum(first, last - LEVEL_POSTS)
    summed = np.r_[0.0, np.cumsum(np.nan_to_num(ln_age))]
    counted = np.r_[0, np.cumsum(np.isfinite(ln_age))]
    n = counted[last] - counted[start]
    return np.where(n > 0, (summed[last] - summed[start]) / np.maximum(n, 1), np.nan)


def _centred(y: Floats, channel: Ints) -> tuple[Floats, Floats]:
    """Results around the channel's own median, and its spread (median absolute deviation, as a standard deviation); few
    posts: shrunk to the platform's."""
    groups = pd.Series(y).groupby(channel)
    n = groups.transform("size").to_numpy(float)
    centred = y - (groups.transform("median") * n / (n + PRIOR_CENTRE)).to_numpy(float)
    deviation = pd.Series(np.abs(centred)).groupby(channel)
    own = 1.4826 * deviation.transform("median").to_numpy(float)
    many = n >= PRIOR_SPREAD
    usual = float(np.median(own[many])) if many.any() else USUAL_SPREAD
    variance = (PRIOR_SPREAD * usual**2 + n * own**2) / (PRIOR_SPREAD + n)
    return centred, np.sqrt(np.maximum(variance, SMALLEST_SPREAD**2))
