"""The feature store: open, apply, materialise the newest states, read them online.

Embedded default: Parquet through DuckDB offline, SQLite online, all under `settings.features_home`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.feature_views import BY_NAME, KNOWN_AT, PROJECT, VIEWS, ViewSpec, feature_views
from features.manifest import read_manifest
from features.similar_posts import Memory, load_memory

# How long a process may serve states older than the last materialisation.
FRESH_S = 1.0
ROWS_PER_WRITE = 20_000


def open_store(settings: Settings, registry: Path | None = None) -> Any:
    """A `feast.FeatureStore` over this home (importing Feast takes seconds: once per process)."""
    with _types_unchecked():
        from feast import FeatureStore
        from feast.repo_config import RepoConfig

    home = settings.features_home
    home.mkdir(parents=True, exist_ok=True)
    config = RepoConfig(
        project=PROJECT,
        provider="local",
        registry=str(registry or registry_path(settings)),
        offline_store={"type": "features.offline_store.AsofDuckDBOfflineStore"},
        online_store={"type": "sqlite", "path": str(home / "online.db")},
        entity_key_serialization_version=3,
        repo_path=str(home),
    )
    return FeatureStore(config=config)


@contextmanager
def _types_unchecked() -> Iterator[None]:
    """typeguard rewrites Feast's classes at every import to check arguments when they are called: half of the seconds
    that importing Feast takes (12.5 and 6.5 on a busy machine). mypy and the tests check our calls."""
    import typeguard

    checked = typeguard.typechecked
    typeguard.typechecked = lambda target: target  # type: ignore[assignment]
    try:
        yield
    finally:
        typeguard.typechecked = checked


def apply_definitions(settings: Settings) -> Any:
    """Write the registry anew under another name and move it: a kill never leaves half a registry."""
    home = settings.features_home
    home.mkdir(parents=True, exist_ok=True)
    draft = home / "registry.applying.db"
    draft.unlink(missing_ok=True)
    open_store(settings, registry=draft).apply(list(feature_views(home).values()))
    draft.replace(registry_path(settings))
    return open_store(settings)


def write_online(store: Any, view: str, latest: pd.DataFrame) -> int:
    """Put rows (key, known_at, features; newest per key) into the online store; their number."""
    spec = BY_NAME[view]
    columns = [spec.key, KNOWN_AT, *spec.columns]
    for start in range(0, len(latest), ROWS_PER_WRITE):
        store.write_to_online_store(view, df=latest[columns].iloc[start : start + ROWS_PER_WRITE])
    return len(latest)


class OnlineStore:
    """The newest states as last materialised; open once per process, reads are cached until the next
    materialisation."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self._clock = clock
        self._one_at_a_time = threading.Lock()
        self._store = open_store(settings)
        self._cache: dict[str, dict[str, tuple[Any, ...]]] = {spec.name: {} for spec in VIEWS}
        self._zones: dict[Platform, pd.Series] = {}
        self._memories: dict[Platform, Memory | None] = {}
        self._looked_at = -np.inf
        self._seen: dict[Platform, str | None] = {}

    def materialised_at(self, platform: Platform) -> datetime:
        """When the platform's states went online. Raises NotReadyError where they never did."""
        manifest = read_manifest(self.settings, platform)
        if manifest is None:
            raise NotReadyError(f"no features of {platform.value} yet: run `creatorlens featurize` first.")
        return datetime.fromisoformat(manifest.materialised_at).astimezone(UTC)

    def read(self, view: str, keys: list[str]) -> pd.DataFrame:
        """One row per key, in their order; missing values where nothing is known of a key."""
        spec = BY_NAME[view]
        with self._one_at_a_time:
            self._forget_if_stale()
            cache = self._cache[view]
            new = [key for key in dict.fromkeys(keys) if key not in cache]
            if new:
                cache.update(self._fetch(spec, new))
            rows = [cache[key] for key in keys]
        if "vector" in spec.columns.values():
            return pd.DataFrame(rows, columns=list(spec.columns), dtype=object)
        values = np.array(rows, dtype=float).reshape(len(rows), len(spec.columns))
        return pd.DataFrame(values, columns=list(spec.columns))

    def timezones(self, platform: Platform) -> pd.Series:
        """channel_id → IANA name of the channels that told theirs."""
        path = self.settings.features_home / "current" / platform.value / "timezones.json"
        with self._one_at_a_time:
            self._forget_if_stale()
            if platform not in self._zones:
                told = json.loads(path.read_text()) if path.exists() else {}
                self._zones[platform] = pd.Series(told, dtype=object)
            return self._zones[platform]

    def memory(self, platform: Platform) -> Memory | None:
        """Earlier posts with known results and their words; None where sentences are not embedded."""
        with self._one_at_a_time:
            self._forget_if_stale()
            if platform not in self._memories:
                folder = self.settings.features_home / "current" / platform.value
                self._memories[platform] = load_memory(folder)
            return self._memories[platform]

    def _fetch(self, spec: ViewSpec, keys: list[str]) -> dict[str, tuple[Any, ...]]:
        answer = self._store.get_online_features(
            features=[f"{spec.name}:{column}" for column in spec.columns],
            entity_rows=[{spec.key: key} for key in keys],
        ).to_dict()
        columns, kinds = [answer[column] for column in spec.columns], spec.columns.values()
        rows = zip(*columns, strict=True)
        return {
            key: tuple(
                _missing(kind) if value is None else value for value, kind in zip(row, kinds, strict=True)
            )
            for key, row in zip(keys, rows, strict=True)
        }

    def _forget_if_stale(self) -> None:
        now = self._clock()
        if now - self._looked_at < FRESH_S:
            return
        self._looked_at = now
        seen = {platform: _stamp(self.settings, platform) for platform in Platform}
        if seen != self._seen:
            self._seen = seen
            self._zones = {}
            self._memories = {}
            self._cache = {spec.name: {} for spec in VIEWS}


def _missing(kind: str) -> Any:
    return None if kind == "vector" else np.nan


def _stamp(settings: Settings, platform: Platform) -> str | None:
    manifest = read_manifest(settings, platform)
    return manifest.materialised_at if manifest is not None else None


def registry_path(settings: Settings) -> Path:
    return settings.features_home / "registry.db"
