"""Audience size of a channel as it became known, from channel statistics and from posts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from creatorlens.platforms import SPECS, Platform
from features.asof import DAY_US, Ints, asof_positions, last_of_each, micros, moments

GROWTH_DAYS = 30
# Younger than this, two counts of a channel say more about rounding than about growth.
GROWTH_MIN_DAYS = 5
AUDIENCE_COLUMNS = {"followers": "float64", "followers_growth": "float64"}


def audience_states(
    posts: pd.DataFrame, observations: pd.DataFrame, stats: pd.DataFrame, platform: Platform
) -> pd.DataFrame:
    """channel_id, event_timestamp, followers, followers_growth (ln per 30 days; NaN where unknown).

    A count in the posts table is believed at posting only where the platform's spec says so; elsewhere
    it was collected with the metrics and is known from the post's first observation on.
    """
    seen = pd.concat(
        [_from_stats(stats), _from_posts(posts, observations, platform)], ignore_index=True
    ).sort_values(["channel_id", "at"], kind="stable", ignore_index=True)
    seen = seen.loc[last_of_each(seen["channel_id"].to_numpy(), seen["at"].to_numpy())].reset_index(drop=True)
    at = seen["at"].to_numpy(dtype=np.int64)
    frame = pd.DataFrame({"channel_id": seen["channel_id"].to_numpy(dtype=object)})
    frame["event_timestamp"] = moments(at)
    frame["followers"] = seen["followers"].to_numpy(dtype=float)
    frame["followers_growth"] = _growth(seen["channel_id"], at, frame["followers"].to_numpy())
    return frame


def _growth(
    channel: pd.Series, at: Ints, followers: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> pd.Series:
    """ln growth per 30 days since the count nearest to 30 days ago (at most twice as long ago)."""
    before = asof_positions(channel, at, channel, at - GROWTH_DAYS * DAY_US)
    # Where the channel was first seen less than 30 days ago, its first count is what there is.
    codes = pd.factorize(channel)[0]
    first = pd.Series(np.arange(len(codes))).groupby(codes).transform("min").to_numpy(dtype=np.int64)
    before = np.where(before < 0, first, before)
    days = (at - at[before]) / DAY_US
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = (np.log1p(followers) - np.log1p(followers[before])) * (GROWTH_DAYS / days)
    return pd.Series(np.where((days >= GROWTH_MIN_DAYS) & (days <= 2 * GROWTH_DAYS), growth, np.nan))


def _from_stats(stats: pd.DataFrame) -> pd.DataFrame:
    known = stats.loc[pd.to_numeric(stats["followers"], errors="coerce").notna().to_numpy()]
    return pd.DataFrame(
        {
            "channel_id": known["channel_id"].to_numpy(dtype=object),
            "at": micros(known["observed_at"]),
            "followers": known["followers"].to_numpy(dtype=float),
        }
    )


def _from_posts(posts: pd.DataFrame, observations: pd.DataFrame, platform: Platform) -> pd.DataFrame:
    followers = pd.to_numeric(posts["followers"], errors="coerce").to_numpy(dtype=float)
    rows = pd.DataFrame(
        {
            "post_id": posts["post_id"].to_numpy(dtype=object),
            "channel_id": posts["channel_id"].to_numpy(dtype=object),
            "at": micros(posts["published_at"]),
            "followers": followers,
        }
    ).loc[~np.isnan(followers)]
    if not SPECS[platform].followers_at_posting:
        first = pd.Series(micros(observations["known_at"])).groupby(observations["post_id"].to_numpy()).min()
        at = rows["post_id"].map(first)
        rows = rows.assign(at=at).loc[at.notna()].astype({"at": "int64"})
    return rows[["channel_id", "at", "followers"]]


def own_followers(posts: pd.DataFrame, platform: Platform) -> pd.Series:
    """Followers believed to be those at posting: the posts' own where the platform allows, else NaN."""
    if not SPECS[platform].followers_at_posting:
        return pd.Series(np.nan, index=posts.index, dtype=float)
    return pd.to_numeric(posts["followers"], errors="coerce").astype(float)
