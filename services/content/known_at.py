"""When each new observation became known: at its own time, or back-filled.

A channel's first import brings old posts whose earlier counts nobody saw, and some tables have no time
of observation at all. Such outcomes count as known from seven days after publishing.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from creatorlens.platforms import MATURE_AGE_H

MATURE = pd.Timedelta(hours=MATURE_AGE_H)
UTC_US = "datetime64[us, UTC]"


def with_known_at(new: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """`new` with `known_at` and `backfilled`.

    Columns needed of each row: published_at, observed_at (NaT = unknown), seen_before (the post has an
    observation already), post_first_seen and channel_first_seen (the earliest observed_at of the post and
    of its channel, in the store and in this file; NaT where none has a time).
    """
    mature_at = new["published_at"] + MATURE
    untimed = new["observed_at"].isna()
    first_of_post = new["observed_at"] == new["post_first_seen"]
    before_channel = new["published_at"] < new["channel_first_seen"]
    old = new["observed_at"] > mature_at
    backfilled = (untimed & ~new["seen_before"]) | (first_of_post & old & before_channel)
    seen_now = pd.Series(pd.Timestamp(now).tz_convert("UTC"), index=new.index, dtype=UTC_US)
    known_at = new["observed_at"].where(~untimed, seen_now).where(~backfilled, mature_at)
    return new.assign(known_at=known_at.astype(UTC_US), backfilled=backfilled.astype(bool))
