"""Outcomes: which observation of a post is its matured outcome, and the labels of training rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from creatorlens.metric_definitions import primary_metric
from creatorlens.platforms import MATURE_AGE_H, Platform
from features.asof import HOUR_US, NO_TIME, Floats, micros

LABEL_METRICS = ("views", "likes", "comments", "shares")
"""Counted in the same observation as the outcome; labels carry them as `outcome_<metric>`, NaN = not told."""


def age_hours(observations: pd.DataFrame) -> Floats:
    """Hours between publishing and observing; NaN where nobody knows when it was observed."""
    observed = micros(observations["observed_at"])
    age = (observed - micros(observations["published_at"])) / HOUR_US
    return np.where(observed == NO_TIME, np.nan, age)


def matured_outcomes(observations: pd.DataFrame, platform: Platform) -> pd.DataFrame:
    """One row per post that has matured: its earliest-known outcome that is final enough to learn from.

    Columns: post_id, channel_id, published_us, known_us, outcome, ln (ln(1+outcome)), likes, comments,
    views, age_h (NaN unknown). Sorted by channel, publishing time and post. An outcome counts as matured when it is
    back-filled, of unknown age, or seen at least `MATURE_AGE_H` after publishing.
    """
    metric = pd.to_numeric(observations[primary_metric(platform)], errors="coerce").to_numpy(dtype=float)
    age = age_hours(observations)
    backfilled = observations["backfilled"].to_numpy(dtype=bool)
    matured = (backfilled | np.isnan(age) | (age >= MATURE_AGE_H)) & ~np.isnan(metric)
    kept = observations.loc[matured]
    frame = pd.DataFrame(
        {
            "post_id": kept["post_id"].to_numpy(dtype=object),
            "channel_id": kept["channel_id"].to_numpy(dtype=object),
            "published_us": micros(kept["published_at"]),
            "known_us": micros(kept["known_at"]),
            "observation_key": kept["observation_key"].to_numpy(dtype=object),
            "outcome": metric[matured],
            "age_h": age[matured],
        }
    )
    for column in ("views", "likes", "comments"):
        frame[column] = pd.to_numeric(kept[column], errors="coerce").to_numpy(dtype=float)
    frame["ln"] = np.log1p(frame["outcome"].clip(lower=0))
    frame = frame.sort_values(["known_us", "observation_key"], kind="stable").drop_duplicates("post_id")
    by_time = ["channel_id", "published_us", "post_id"]
    return frame.drop(columns="observation_key").sort_values(by_time, kind="stable", ignore_index=True)


def labels(observations: pd.DataFrame, platform: Platform) -> pd.DataFrame:
    """One row per observation whose primary metric is known: post_id, outcome, outcome_known_at,
    observed_at, age_h (NaN = unknown), backfilled, metric_definition, is_last, outcome_<metric> of `LABEL_METRICS`."""
    outcome = pd.to_numeric(observations[primary_metric(platform)], errors="coerce").to_numpy(dtype=float)
    frame = pd.DataFrame(
        {
            "post_id": observations["post_id"].to_numpy(dtype=object),
            "outcome": outcome,
            "outcome_known_at": observations["known_at"].array,
            "observed_at": observations["observed_at"].array,
            "age_h": age_hours(observations),
            "backfilled": observations["backfilled"].to_numpy(dtype=bool),
            "metric_definition": observations["metric_definition"].to_numpy(dtype=object),
            "observation_key": observations["observation_key"].to_numpy(dtype=object),
        }
    )
    for name in LABEL_METRICS:
        counted = pd.to_numeric(observations[name], errors="coerce").to_numpy(dtype=float)
        frame[f"outcome_{name}"] = np.where(counted >= 0, counted, np.nan)
    frame = frame.loc[~np.isnan(outcome)]
    frame = frame.sort_values(["post_id", "outcome_known_at", "observation_key"], kind="stable")
    frame["is_last"] = ~frame["post_id"].duplicated(keep="last")
    return frame.reset_index(drop=True)
