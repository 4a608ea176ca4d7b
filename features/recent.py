"""Feature rows of the newest posts, with outcomes or without: what models are asked about now."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.settings import Settings


def recent_rows(settings: Settings, platform: Platform, length: timedelta, until: datetime) -> pd.DataFrame:
    """Rows as known when each post was published, of the posts within `length` of the newest one known at `until`.

    Raises NotReadyError where the platform was not featurized yet.
    """
    from features.historical import historical_rows

    rows, _ = historical_rows(settings, platform)
    known = rows.loc[rows["published_at"] <= pd.Timestamp(until)]
    newest = known["published_at"].max()
    return known.loc[known["published_at"] > newest - length].reset_index(drop=True)
