"""Residuals of matured outcomes as they lie with a platform's features."""

from __future__ import annotations

import pandas as pd

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.asof import UTC_US
from features.manifest import features_lock


def stored_residuals(settings: Settings, platform: Platform) -> pd.DataFrame:
    """`features.histories.Histories.residuals` of the platform. Each row is complete at its known_at: those known at a
    moment are what one would have had then. Raises NotReadyError where they were not computed yet."""
    path = settings.features_home / "current" / platform.value / "residuals.parquet"
    with features_lock(settings, writing=False):
        if not path.exists():
            raise NotReadyError(f"no features of {platform.value} yet: run `creatorlens featurize` first.")
        return pd.read_parquet(path).astype({"published_at": UTC_US, "known_at": UTC_US})
