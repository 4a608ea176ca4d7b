"""What a count meant when it was taken. Rows of different definitions never train together.

YouTube changed what a Shorts view is on 2025-03-31 (every start or replay counts, no minimum watch
time). A Short observed after that day may mix both counts when it was published before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from creatorlens.platforms import SPECS, Platform

SHORT_MAX_S = 60.0
SHORTS_CHANGED_AT = datetime(2025, 3, 31, tzinfo=UTC)


@dataclass(frozen=True)
class MetricDefinition:
    id: str
    platform: Platform
    metric: str
    meaning: str


DEFINITIONS: dict[str, MetricDefinition] = {
    d.id: d
    for d in (
        MetricDefinition("youtube-views-1", Platform.YOUTUBE, "views", "Views of long-form videos."),
        MetricDefinition(
            "youtube-shorts-views-1",
            Platform.YOUTUBE,
            "views",
            "Views of Shorts with a minimum watch time, published before 2025-03-31.",
        ),
        MetricDefinition(
            "youtube-shorts-views-2",
            Platform.YOUTUBE,
            "views",
            "Starts and replays of Shorts, published from 2025-03-31 on.",
        ),
        MetricDefinition("tiktok-views-1", Platform.TIKTOK, "views", "Plays."),
        MetricDefinition("instagram-likes-1", Platform.INSTAGRAM, "likes", "Likes."),
        MetricDefinition("x-likes-1", Platform.X, "likes", "Likes."),
        MetricDefinition("reddit-score-1", Platform.REDDIT, "likes", "Score: up minus down votes."),
        MetricDefinition("facebook-likes-1", Platform.FACEBOOK, "likes", "Reactions."),
    )
}

_DEFAULT = {
    Platform.YOUTUBE: "youtube-views-1",
    Platform.TIKTOK: "tiktok-views-1",
    Platform.INSTAGRAM: "instagram-likes-1",
    Platform.X: "x-likes-1",
    Platform.REDDIT: "reddit-score-1",
    Platform.FACEBOOK: "facebook-likes-1",
}


def default_definition(platform: Platform) -> MetricDefinition:
    return DEFINITIONS[_DEFAULT[platform]]


def definition_ids(platform: Platform, published_at: pd.Series, duration_s: pd.Series) -> pd.Series:
    """The definition id of the primary metric for each post (aligned Series in, Series out)."""
    ids = pd.Series(_DEFAULT[platform], index=published_at.index, dtype=object)
    if platform is Platform.YOUTUBE:
        short = (pd.to_numeric(duration_s, errors="coerce") <= SHORT_MAX_S).to_numpy()
        old = (published_at < SHORTS_CHANGED_AT).to_numpy()
        ids[:] = np.select(
            [short & old, short],
            ["youtube-shorts-views-1", "youtube-shorts-views-2"],
            _DEFAULT[platform],
        )
    return ids


def primary_metric(platform: Platform) -> str:
    return SPECS[platform].primary_metric
