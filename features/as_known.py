"""Channel states as they were known at a moment: the online store's answers, from the files it was filled from."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.asof import UTC_US
from features.feature_views import BY_NAME, KNOWN_AT

if TYPE_CHECKING:
    from features.similar_posts import Memory


class StatesAsOf:
    """Stands in for `features.feature_store.OnlineStore` where a draft's features are computed for a past moment.

    States come from the newest generation, so that what was imported later with an earlier `known_at` shows.
    Raises NotReadyError where the platform has no features.
    """

    def __init__(self, settings: Settings, platform: Platform, moment: datetime) -> None:
        self._folder = settings.features_home / "current" / platform.value
        if not self._folder.is_dir():
            raise NotReadyError(f"no features of {platform.value} yet: run `creatorlens featurize` first.")
        self._moment = moment

    def materialised_at(self, platform: Platform) -> datetime:
        return self._moment

    def read(self, view: str, keys: list[str]) -> pd.DataFrame:
        """One row per key, in their order; missing values where nothing was known of a key."""
        spec = BY_NAME[view]
        wanted = list(dict.fromkeys(keys))
        states = pd.read_parquet(self._folder / f"{view}.parquet", filters=[(spec.key, "in", wanted)])
        known = states.loc[states[KNOWN_AT].astype(UTC_US) <= pd.Timestamp(self._moment)]
        # Files are sorted by key and time: the last row of a key is its newest.
        newest = known.drop_duplicates(spec.key, keep="last").set_index(spec.key)
        rows = newest.reindex(keys)[list(spec.columns)].reset_index(drop=True)
        if "vector" in spec.columns.values():
            return pd.DataFrame({name: _arrays(rows[name]) for name in rows}, dtype=object)
        return rows.astype(float)

    def timezones(self, platform: Platform) -> pd.Series:
        path = self._folder / "timezones.json"
        return pd.Series(json.loads(path.read_text()) if path.exists() else {}, dtype=object)

    def memory(self, platform: Platform) -> Memory | None:
        from features.similar_posts import load_memory

        return load_memory(self._folder)


def _arrays(column: pd.Series) -> list[Any]:
    return [value if isinstance(value, (list, np.ndarray)) else None for value in column]
