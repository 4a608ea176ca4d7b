"""A channel's history as states: one row per moment at which something about it became known.

Two kinds of event change a state: a post is published (public one microsecond later, so that a post's own
publishing is never part of what was known at it), and a post's matured outcome becomes known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from creatorlens.platforms import FLOOR_POSTS, Platform
from features.asof import DAY_US, Ints, asof_positions, last_of_each, micros, moments, take
from features.outcomes import matured_outcomes
from features.windows import newest_known, quantile, sorted_values, values_in, weighted_mean

WINDOW = 40
BAND_POSTS = 20
BAND_MIN_POSTS = 3
FAST_HALF_LIFE = 3.0
SLOW_HALF_LIFE = 5.0
OUTLIER_LN = float(np.log(3.0))
RATE_DAYS = (7, 30, 90)

OUTCOME_COLUMNS = {
    "floor": "float64",
    "floor_n": "float64",
    "band_p10": "float64",
    "band_p50": "float64",
    "band_p90": "float64",
    "n_matured": "float64",
    "ewma_fast": "float64",
    "ewma_slow": "float64",
    "ewma_weight": "float64",
    "last_ln": "float64",
    "median_ln": "float64",
    "p10_ln": "float64",
    "p90_ln": "float64",
    "sd_ln": "float64",
    "trend_ln": "float64",
    "outlier_share": "float64",
    "max_ln": "float64",
    "comments_ln": "float64",
    "engagement_ln": "float64",
    "newest_matured_us": "float64",
}
POSTING_COLUMNS = {
    "n_posts": "float64",
    "first_published_us": "float64",
    "last_published_us": "float64",
    **{f"posts_{days}d": "float64" for days in RATE_DAYS},
}
STATE_COLUMNS = {**OUTCOME_COLUMNS, **POSTING_COLUMNS}


def channel_states(posts: pd.DataFrame, observations: pd.DataFrame, platform: Platform) -> pd.DataFrame:
    """channel_id, event_timestamp and `STATE_COLUMNS`, sorted by both; one row per event moment.

    Microsecond columns (`*_us`) are counts since 1970; `*_ln` are natural logarithms of 1 + metric.
    """
    outcomes = outcome_states(matured_outcomes(observations, platform))
    posting = posting_states(posts)
    events = pd.DataFrame(
        {
            "channel_id": np.concatenate([outcomes["channel_id"], posting["channel_id"]]),
            "at": np.concatenate([outcomes["at"], posting["at"]]),
        }
    )
    events = events.drop_duplicates().sort_values(["channel_id", "at"], kind="stable", ignore_index=True)
    parts = [events[["channel_id"]], moments(events["at"].to_numpy()).rename("event_timestamp")]
    for states, columns in ((outcomes, OUTCOME_COLUMNS), (posting, POSTING_COLUMNS)):
        found = asof_positions(
            states["channel_id"], states["at"].to_numpy(), events["channel_id"], events["at"].to_numpy()
        )
        parts.append(take(states, found, list(columns)))
    frame = pd.concat(parts, axis=1)
    for counted in ("n_matured", "floor_n", "n_posts", *(f"posts_{days}d" for days in RATE_DAYS)):
        frame[counted] = frame[counted].fillna(0.0)
    return frame


def outcome_states(outcomes: pd.DataFrame) -> pd.DataFrame:
    """channel_id, at (microseconds) and `OUTCOME_COLUMNS` after each moment an outcome became known."""
    channel = pd.factorize(outcomes["channel_id"], sort=False)[0].astype(np.int64)
    known = outcomes["known_us"].to_numpy()
    event, window = newest_known(channel, known, WINDOW)
    channel, known = channel[event], known[event]
    ordinal = np.arange(len(event)) - _group_starts(channel)
    ever = outcomes["ln"].iloc[event].groupby(channel).cummax().to_numpy(dtype=float)
    final = last_of_each(channel, known)
    states = _window_statistics(outcomes, window[final])
    states.insert(0, "channel_id", outcomes["channel_id"].to_numpy()[event][final])
    states.insert(1, "at", known[final])
    states["n_matured"] = (ordinal[final] + 1).astype(float)
    states["max_ln"] = ever[final]
    return states[["channel_id", "at", *OUTCOME_COLUMNS]]


def _window_statistics(outcomes: pd.DataFrame, window: Ints) -> pd.DataFrame:
    count = outcomes["outcome"].to_numpy()
    ln = values_in(window, outcomes["ln"].to_numpy())
    floor, floor_n = sorted_values(values_in(window[:, :FLOOR_POSTS], count))
    band, band_n = sorted_values(values_in(window[:, :BAND_POSTS], count))
    ordered, n = sorted_values(ln[:, :BAND_POSTS])
    enough = band_n >= BAND_MIN_POSTS
    age = np.arange(WINDOW, dtype=float)
    fast, _ = weighted_mean(ln, 0.5 ** (age / FAST_HALF_LIFE))
    slow, weight = weighted_mean(ln, 0.5 ** (age / SLOW_HALF_LIFE))
    recent, _ = weighted_mean(ln[:, :FLOOR_POSTS], np.ones(FLOOR_POSTS))
    mean, _ = weighted_mean(ln[:, :BAND_POSTS], np.ones(BAND_POSTS))
    square, _ = weighted_mean((ln[:, :BAND_POSTS] - mean[:, None]) ** 2, np.ones(BAND_POSTS))
    median = quantile(ordered, n, 0.5)
    high = (ln[:, :BAND_POSTS] > median[:, None] + OUTLIER_LN).sum(axis=1)
    return pd.DataFrame(
        {
            "floor": quantile(floor, floor_n, 0.5),
            "floor_n": floor_n.astype(float),
            "band_p10": np.where(enough, quantile(band, band_n, 0.1), np.nan),
            "band_p50": np.where(enough, quantile(band, band_n, 0.5), np.nan),
            "band_p90": np.where(enough, quantile(band, band_n, 0.9), np.nan),
            "ewma_fast": fast,
            "ewma_slow": slow,
            "ewma_weight": weight,
            "last_ln": ln[:, 0],
            "median_ln": median,
            "p10_ln": quantile(ordered, n, 0.1),
            "p90_ln": quantile(ordered, n, 0.9),
            "sd_ln": np.where(n >= BAND_MIN_POSTS, np.sqrt(square), np.nan),
            "trend_ln": np.where(n > FLOOR_POSTS, recent - mean, np.nan),
            "outlier_share": np.where(enough, high / np.maximum(n, 1), np.nan),
            "comments_ln": _ratio(outcomes, window, "comments"),
            "engagement_ln": _ratio(outcomes, window, "likes"),
            "newest_matured_us": outcomes["published_us"].to_numpy()[window[:, 0]].astype(float),
        }
    )


def _ratio(
    outcomes: pd.DataFrame, window: Ints, metric: str
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Median over the band's posts of ln(1 + metric) - ln(1 + primary)."""
    ratio = np.log1p(outcomes[metric].to_numpy(dtype=float).clip(min=0)) - outcomes["ln"].to_numpy()
    ordered, n = sorted_values(values_in(window[:, :BAND_POSTS], ratio))
    return quantile(ordered, n, 0.5)


def posting_states(posts: pd.DataFrame) -> pd.DataFrame:
    """channel_id, at (publishing + 1 microsecond) and `POSTING_COLUMNS`: how often the channel posts."""
    frame = pd.DataFrame(
        {"channel_id": posts["channel_id"].to_numpy(dtype=object), "us": micros(posts["published_at"])}
    ).sort_values(["channel_id", "us"], kind="stable", ignore_index=True)
    channel = pd.factorize(frame["channel_id"])[0].astype(np.int64)
    us = frame["us"].to_numpy()
    starts = _group_starts(channel)
    n_posts = np.arange(len(frame)) - starts + 1
    states = pd.DataFrame(
        {
            "channel_id": frame["channel_id"],
            "at": us + 1,
            "n_posts": n_posts.astype(float),
            "first_published_us": us[starts].astype(float) if len(us) else np.zeros(0),
            "last_published_us": us.astype(float),
        }
    )
    for days in RATE_DAYS:
        before = asof_positions(channel, us, channel, us - days * DAY_US)
        states[f"posts_{days}d"] = n_posts - np.where(before >= 0, n_posts[before], 0).astype(float)
    return states.loc[last_of_each(channel, us)].reset_index(drop=True)


def _group_starts(codes: Ints) -> Ints:
    """For sorted codes, the position at which each row's group starts."""
    if len(codes) == 0:
        return np.zeros(0, dtype=np.int64)
    new = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    return np.repeat(new, np.diff(np.r_[new, len(codes)]))
