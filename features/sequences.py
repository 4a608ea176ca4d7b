"""A channel's last posts in order: what sequence models read. States change when an outcome becomes known, as those
of `features.history` do, so a sequence holds only what was known at its moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creatorlens.metric_definitions import SHORT_MAX_S
from creatorlens.platforms import MediaType
from features.asof import DAY_US, Floats, Ints, asof_positions, last_of_each, micros
from features.windows import newest_known

Singles = NDArray[np.float32]

SEQUENCE = "channel_sequence"
LENGTH = 16
FIELDS = ("ln_outcome", "published_us_days", "ln_age_h", "is_video", "is_short", "ln_gap_d")
"""Per post, in this order: ln(1 + outcome); days since 2000-01-01 UTC at publishing (float32 keeps two minutes);
ln of the hours, at least one, between publishing and the observation, NaN where nobody knows; 1 for a video; 1 up to a
minute long, NaN where the length is not told; ln(1 + days since the channel's post before), NaN for its first."""

_EPOCH_US = int(pd.Timestamp("2000-01-01", tz="UTC").value // 1000)


@dataclass(frozen=True)
class Sequences:
    """States of every channel: `channel_id` and `at` (microseconds) of each, sorted by both; `window` (n x LENGTH) rows
    of `fields` (m x len(FIELDS)), newest first, -1 = none."""

    channel_id: Any
    at: Ints
    window: Ints
    fields: Singles

    def known(self, channel_id: Any, at: Ints) -> list[Singles | None]:
        """For each question the k x len(FIELDS) array of what was known by then, newest last; None = nothing."""
        found = asof_positions(self.channel_id, self.at, channel_id, at)
        states, which = np.unique(found, return_inverse=True)
        flat, counts = self._flat(states[states >= 0])
        arrays: list[Singles | None] = [None] if len(states) and states[0] < 0 else []
        arrays += np.split(flat, np.cumsum(counts)[:-1]) if len(counts) else []
        return [arrays[i] for i in which]

    def packed(self, states: slice) -> tuple[Singles, Ints]:
        """States one after the other as flat numbers, and how many numbers each has."""
        flat, counts = self._flat(np.arange(len(self.at))[states])
        return flat.reshape(-1), counts * len(FIELDS)

    def _flat(self, states: Ints) -> tuple[Singles, Ints]:
        rows = self.window[states, ::-1]
        held = rows >= 0
        return self.fields[rows[held]], held.sum(axis=1)


def channel_sequences(posts: pd.DataFrame, outcomes: pd.DataFrame) -> Sequences:
    """From posts as the database hands them out and `features.outcomes.matured_outcomes` of the same platform."""
    channel = pd.factorize(outcomes["channel_id"], sort=False)[0].astype(np.int64)
    known = outcomes["known_us"].to_numpy()
    event, window = newest_known(channel, known, LENGTH)
    final = last_of_each(channel[event], known[event])
    return Sequences(
        outcomes["channel_id"].to_numpy(dtype=object)[event][final],
        known[event][final],
        window[final],
        _fields(posts, outcomes),
    )


def unpack(packed: Any) -> list[Singles | None]:
    """Rows' arrays from the store's flat lists (None or without numbers = nothing known)."""
    width = len(FIELDS)
    return [
        None if one is None or len(one) == 0 else np.asarray(one, np.float32).reshape(-1, width)
        for one in packed
    ]


def _fields(posts: pd.DataFrame, outcomes: pd.DataFrame) -> Singles:
    place = pd.Series(np.arange(len(posts)), index=posts["post_id"].to_numpy(dtype=object))
    theirs = place.loc[outcomes["post_id"]].to_numpy()
    seconds = pd.to_numeric(posts["duration_s"], errors="coerce").to_numpy(dtype=float)[theirs]
    published = outcomes["published_us"].to_numpy()
    columns = {
        "ln_outcome": outcomes["ln"].to_numpy(dtype=float),
        "published_us_days": (published - _EPOCH_US) / DAY_US,
        "ln_age_h": np.log(np.maximum(outcomes["age_h"].to_numpy(dtype=float), 1.0)),
        "is_video": posts["media_type"].astype(str).to_numpy(dtype=object)[theirs] == MediaType.VIDEO.value,
        "is_short": np.where(np.isnan(seconds), np.nan, seconds <= SHORT_MAX_S),
        "ln_gap_d": _ln_gap_d(posts, outcomes),
    }
    return np.column_stack([columns[name] for name in FIELDS]).astype(np.float32)


def _ln_gap_d(posts: pd.DataFrame, outcomes: pd.DataFrame) -> Floats:
    """Since the channel's post before this instant, whether its outcome is known or not: publishing is public."""
    at = micros(posts["published_at"])
    published = outcomes["published_us"].to_numpy()
    before = asof_positions(posts["channel_id"], at, outcomes["channel_id"], published - 1)
    days = (published - at[before]) / DAY_US if len(at) else np.zeros(len(before))
    return np.log1p(np.where(before >= 0, days, np.nan))
