"""What one hashtag is worth to one channel: the platform's posterior, moved by channels alike, moved by its own posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from recommend.hashtags.lifts import TagLifts
from recommend.scoring import Z80, LiftLn, widening

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
    cells = lifts.cells.loc[lifts.cells["tag"].isin(tags)]
    by_tag = {str(tag): frame for tag, frame in cells.groupby("tag")}
    wider = widening(among)
    return [
        _one(lifts, int(where), by_tag.get(tag), channel_id, alike, deviation, wider)
        for tag, where in zip(tags, place, strict=True)
    ]


def _one(
    lifts: TagLifts,
    place: int,
    cells: pd.DataFrame | None,
    channel_id: str,
    alike: Mapping[str, float],
    deviation: float,
    wider: float,
) -> TagLift:
    if place < 0:
        return TagLift(_interval(0.0, lifts.tag_variance + deviation, wider), "none", 0)
    level: Level = "platform"
    start = float(lifts.mean[place])
    mean, variance = start, float(lifts.variance[place]) + deviation / 2
    if cells is not None:
        likeness = cells["channel_id"].map(alike).fillna(0.0).to_numpy(dtype=float)
        near = likeness > 0
        if near.any():
            seen = cells.loc[near]
            weight = likeness[near] / (seen["variance"].to_numpy(dtype=float) + deviation / 2)
            told = float(weight @ seen["mean"].to_numpy(dtype=float) / weight.sum())
            mean, variance = _moved(mean, variance, start + told, 1.0 / float(weight.sum()))
            level = "channels alike"
    variance += deviation / 2
    own = None if cells is None else cells.loc[cells["channel_id"] == channel_id]
    if own is not None and len(own):
        told = start + float(own["mean"].iloc[0])
        mean, variance = _moved(mean, variance, told, float(own["variance"].iloc[0]))
        level = "channel"
    return TagLift(_interval(mean, variance, wider), level, int(lifts.posts[place]))


def _moved(mean: float, variance: float, seen: float, seen_variance: float) -> tuple[float, float]:
    """Normal prior, normal observation."""
    share = variance / (variance + seen_variance)
    return mean + share * (seen - mean), variance * (1 - share)


def _interval(mean: float, variance: float, wider: float) -> LiftLn:
    half = float(Z80 * np.sqrt(variance) * wider)
    return LiftLn(mean, mean - half, mean + half)
