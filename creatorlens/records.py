"""The records that travel between rooms. Frozen; dicts stay at the border."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creatorlens.platforms import MediaType, Platform


@dataclass(frozen=True)
class Draft:
    """Content that is not published yet, on one channel, for one planned time (timezone-aware).

    The offset of `planned_at` is taken as the creator's local clock for calendar features. `analysis_id`: an analysis
    that read its files; `media`: what it read, by the name of the feature.
    """

    channel_id: str
    platform: Platform
    planned_at: datetime
    title: str = ""
    text: str = ""
    hashtags: tuple[str, ...] = ()
    media_type: MediaType = MediaType.VIDEO
    duration_s: float | None = None
    category: str | None = None
    followers: float | None = None
    post_id: str | None = None
    analysis_id: str | None = None
    media: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Driver:
    """One readable reason for a forecast: `effect` is the multiplicative change (-0.06 = -6 %)."""

    feature: str
    words: str
    effect: float


@dataclass(frozen=True)
class Forecast:
    """A forecast of the primary metric at one age (`horizon_h` hours after publishing).

    p10, p50, p90 and floor are counts of the primary metric; where `abstained`, they are the floor's.
    """

    horizon_h: float
    p10: float
    p50: float
    p90: float
    prob_beats_floor: float | None
    floor: float | None
    abstained: bool
    reason: str
    model_version: str
    drivers: tuple[Driver, ...] = ()
