"""Feature rows of the newest posts, with outcomes or without: what models are asked about now."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings


def recent_rows(settings: Settings, platform: Platform, length: timedelta, until: datetime) -> pd.DataFrame:
    """Rows as known when each post was published, of the posts within `length` of the newest one known at `until`.

    Raises NotReadyError where the platform was not featurized yet.
    """
    from features.historical import historical_rows
    from features.manifest import features_lock, read_manifest

    if read_manifest(settings, platform) is None:
        raise NotReadyError(f"no features of {platform.value} yet: run `creatorlens featurize` first.")
    spine = settings.features_home / "current" / platform.value / "spine.parquet"
    with features_lock(settings, writing=False):
        published = pd.read_parquet(spine, columns=["published_at"])["published_at"]
    newest = published[published <= pd.Timestamp(until)].max()
    if pd.isna(newest):
        newest = published.min() - length
    rows, _ = historical_rows(settings, platform, newest - length)
    at = rows["published_at"]
    return rows.loc[(at > newest - length) & (at <= pd.Timestamp(until))].reset_index(drop=True)
