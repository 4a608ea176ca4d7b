"""Posts observed at least twice, as pairs: what was seen at one age, and how much was added by a later one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.columns import Floats, moments, outcome_ln

MOST_OBSERVATIONS = 8
"""Of one post: more are thinned out evenly, first and last kept (pairs grow with the square)."""

LATER_BY = 1.05
"""The later observation is at least this many times as old: below, a pair is rounding noise."""

YOUNGEST_H = 0.25

# (ln age in hours, ln(1+value)) of each observation up to the one last seen, oldest first
Track = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class GrowthPairs:
    """Aligned arrays. `growth` = ln(1+later) - ln(1+seen); `surprise` = ln(1+seen) minus what had been forecast for
    that age (NaN where nothing was); `seen_us` when the earlier one was made; `weight`: pairs of one post add up to 1."""

    post_id: NDArray[np.object_]
    channel_id: NDArray[np.object_]
    seen_us: NDArray[np.int64]
    age_h: Floats
    later_h: Floats
    growth: Floats
    surprise: Floats
    weight: Floats
    tracks: tuple[Track, ...]

    def __len__(self) -> int:
        return len(self.growth)

    def take(self, at: NDArray[np.int64] | NDArray[np.bool_]) -> GrowthPairs:
        where = np.flatnonzero(at) if at.dtype == bool else at
        return GrowthPairs(
            self.post_id[where],
            self.channel_id[where],
            self.seen_us[where],
            self.age_h[where],
            self.later_h[where],
            self.growth[where],
            self.surprise[where],
            self.weight[where],
            tuple(self.tracks[i] for i in where),
        )

    @property
    def long_tracks(self) -> NDArray[np.bool_]:
        """Pairs before which the post had been seen at least twice."""
        return np.array([len(track) > 1 for track in self.tracks], bool)

    @property
    def posts(self) -> int:
        return len(set(self.post_id.tolist()))


def growth_pairs(rows: pd.DataFrame, forecast_ln: Floats | None = None) -> GrowthPairs:
    """Every two observations of known age of each post in `rows` (labelled rows), in the order of time.

    forecast_ln: aligned to rows, the middle in ln(1+metric) that was forecast for the row's own age; NaN where
    nothing was.
    """
    expected = np.full(len(rows), np.nan) if forecast_ln is None else np.asarray(forecast_ln, float)
    age = rows["age_h"].to_numpy(np.float64)
    table = pd.DataFrame(
        {
            "post": rows["post_id"].to_numpy(dtype=object),
            "channel": rows["channel_id"].to_numpy(dtype=object),
            "published": moments(rows["published_at"]),
            "age": age,
            "y": outcome_ln(rows),
            "expected": expected,
        }
    )
    table = table[(age >= YOUNGEST_H) & np.isfinite(table["y"])]
    often = table["post"].duplicated(keep=False)
    table = table[often].sort_values(["post", "age"], kind="stable").drop_duplicates(["post", "age"])
    found = [pair for _, post in table.groupby("post", sort=True) for pair in _of_post(post)]
    found.sort(key=lambda pair: (pair[2], str(pair[0]), pair[4]))
    return _arrays(found)


_Pair = tuple[str, str, int, float, float, float, float, float, Track]


def _of_post(post: pd.DataFrame) -> Iterator[_Pair]:
    at = np.arange(len(post))
    if len(post) > MOST_OBSERVATIONS:
        at = np.unique(np.linspace(0, len(post) - 1, MOST_OBSERVATIONS).round().astype(int))
    age, y = post["age"].to_numpy()[at], post["y"].to_numpy()[at]
    expected, published = post["expected"].to_numpy()[at], int(post["published"].iloc[0])
    name, channel = post["post"].iloc[0], post["channel"].iloc[0]
    two = [(i, j) for i in range(len(at)) for j in range(i + 1, len(at)) if age[j] >= LATER_BY * age[i]]
    track = tuple(zip(np.log(age).tolist(), y.tolist(), strict=True))
    for i, j in two:
        yield (
            name, channel, published + int(age[i] * 3.6e9), float(age[i]), float(age[j]), float(y[j] - y[i]),
            float(y[i] - expected[i]), 1.0 / len(two), track[: i + 1],
        )  # fmt: skip


def _arrays(found: Sequence[_Pair]) -> GrowthPairs:
    names = ["post", "channel", "seen_us", "age", "later", "growth", "surprise", "weight", "track"]
    table = pd.DataFrame.from_records(found, columns=names)
    return GrowthPairs(
        table["post"].to_numpy(dtype=object),
        table["channel"].to_numpy(dtype=object),
        table["seen_us"].to_numpy(np.int64),
        table["age"].to_numpy(np.float64),
        table["later"].to_numpy(np.float64),
        table["growth"].to_numpy(np.float64),
        table["surprise"].to_numpy(np.float64),
        table["weight"].to_numpy(np.float64),
        tuple(table["track"].tolist()),
    )
