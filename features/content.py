"""What a post or draft itself tells, history aside: text, calendar and format features."""

from __future__ import annotations

import numpy as np
import pandas as pd

from creatorlens.metric_definitions import SHORT_MAX_S
from creatorlens.platforms import MediaType
from features.posting_time import calendar_features
from features.text import text_features


def content_features(posts: pd.DataFrame, local: pd.DataFrame) -> pd.DataFrame:
    """Text, calendar and format columns, float32, index 0..n-1; `local` from `features.posting_time`."""
    text = text_features(posts["title"], posts["text"], posts["hashtags"])
    return pd.concat([text, calendar_features(local), format_features(posts)], axis=1).astype("float32")


def format_features(posts: pd.DataFrame) -> pd.DataFrame:
    media = posts["media_type"].astype(str).to_numpy(dtype=object)
    seconds = pd.to_numeric(posts["duration_s"], errors="coerce").to_numpy(dtype=float)
    out = {f"is_{kind.value}": (media == kind.value).astype(float) for kind in MediaType}
    out["is_short"] = np.where(np.isnan(seconds), np.nan, seconds <= SHORT_MAX_S)
    out["duration_ln_s"] = np.log1p(np.where(seconds >= 0, seconds, np.nan))
    return pd.DataFrame(out)
