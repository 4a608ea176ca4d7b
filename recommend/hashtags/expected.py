"""What one hashtag is worth to one channel: the platform's posterior, moved by channels alike, moved by its own posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommend.hashtags.lifts import TagLifts
from recommend.scoring import Z80, LiftLn, widening

Floats = NDArray[np.float64]
Level = Literal["channel", "channels alike", "platform", "none"]


@dataclass(frozen=True)
class TagLift:
    """`posts`: with a known outcome on the whole platform. `level`: the nearest whose posts had a say."""

    lift: LiftLn
    level: Level
    posts: int


def expected(
    lifts: TagLifts, channel_id: str, alike: Mapping[str, float], tags: Sequence[str], among: int
) -> list[TagLift]:
    """In order. `alike`: likeness (0..1) by channel. Intervals hold for all of `among` tags looked at together (Bonferroni):
    who looks at twenty finds one that stands out by chance.

    Half of what a channel may differ by it shares with channels alike; a channel differs from the platform no more than tags
    differ among themselves, whatever a few posts say.
    """
    place = lifts.names.get_indexer(pd.Index(list(tags), dtype=object))
    deviation = min(lifts.channel_variance, lifts.tag_variance)
    by_tag = _cells(lifts.cells.loc[lifts.cells["tag"].isin(tags)], channel_id, alike)
    wider = widening(among)
    return [
        _one(lifts, int(where), by_tag.get(tag), deviation, wider)
        for tag, where in zip(tags, place, strict=True)
    ]


@dataclass(frozen=True)
class _Cells:
    """One tag's, a row per channel that used it: `likeness` to the channel that asks, whether it is that channel itself."""

    likeness: Floats
    own: NDArray[np.bool_]
    mean: Floats
    variance: Floats


def _cells(cells: pd.DataFrame, channel_id: str, alike: Mapping[str, float]) -> dict[str, _Cells]:
    likeness = cells["channel_id"].map(alike).fillna(0.0).to_numpy(dtype=float)
    own = (cells["channel_id"] == channel_id).to_numpy(dtype=bool)
    mean, variance = cells["mean"].to_numpy(dtype=float), cells["variance"].to_numpy(dtype=float)
    places = cells.groupby("tag", observed=True).indices
    return {str(tag): _Cells(likeness[at], own[at], mean[at], variance[at]) for tag, at in places.items()}


def _one(lifts: TagLifts, place: int, cells: _Cells | None, deviation: float, wider: float) -> TagLift:
    if place < 0:
        return TagLift(_interval(0.0, lifts.tag_variance + deviation, wider), "none", 0)
    level: Level = "platform"
    start = float(lifts.mean[place])
    mean, variance = start, float(lifts.variance[place]) + deviation / 2
    if cells is not None and (cells.likeness > 0).any():
        near = cells.likeness > 0
        weight = cells.likeness[near] / (cells.variance[near] + deviation / 2)
        told = float(weight @ cells.mean[near] / weight.sum())
        mean, variance = _moved(mean, variance, start + told, 1.0 / float(weight.sum()))
        level = "channels alike"
    variance += deviation / 2
    if cells is not None and cells.own.any():
        own = int(cells.own.argmax())
        mean, variance = _moved(mean, variance, start + float(cells.mean[own]), float(cells.variance[own]))
        level = "channel"
    return TagLift(_interval(mean, variance, wider), level, int(lifts.posts[place]))


def _moved(mean: float, variance: float, seen: float, seen_variance: float) -> tuple[float, float]:
    """Normal prior, normal observation."""
    share = variance / (variance + seen_variance)
    return mean + share * (seen - mean), variance * (1 - share)


def _interval(mean: float, variance: float, wider: float) -> LiftLn:
    half = float(Z80 * np.sqrt(variance) * wider)
    return LiftLn(mean, mean - half, mean + half)
