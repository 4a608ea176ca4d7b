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


def stored_outcomes(settings: Settings, platform: Platform, residuals: pd.DataFrame) -> pd.DataFrame:
    """outcome and age_h (hours at which it was seen, NaN unknown) behind each of `stored_residuals`, in its order."""
    path = settings.features_home / "current" / platform.value / "labels.parquet"
    columns = ["post_id", "outcome_known_at", "outcome", "age_h"]
    with features_lock(settings, writing=False):
        labels = pd.read_parquet(path, columns=columns).astype({"outcome_known_at": UTC_US})
    labels = labels.drop_duplicates(["post_id", "outcome_known_at"]).rename(
        columns={"outcome_known_at": "known_at"}
    )
    asked = residuals[["post_id", "known_at"]]
    return asked.merge(labels, on=["post_id", "known_at"], how="left")[["outcome", "age_h"]]
