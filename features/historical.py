"""Training rows read through Feast's point-in-time retrieval."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.asof import UTC_US, micros
from features.audience import AUDIENCE_COLUMNS
from features.catalogue import MEDIA_NAMES
from features.feature_views import (
    BY_NAME,
    EMBEDDING,
    HISTORY_VIEWS,
    MEDIA_VIEW,
    PICTURE,
    POST_VIEWS,
    SIMILAR_VIEW,
)
from features.histories import Known
from features.history import STATE_COLUMNS
from features.manifest import features_lock, read_manifest
from features.platform_level import PLATFORM_COLUMNS
from features.rows import assemble
from features.sequences import SEQUENCE, unpack
from features.similar_posts import SIMILAR_NAMES
from features.terms import TermKeys


def historical_rows(
    settings: Settings, platform: Platform, since: pd.Timestamp | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Feature rows of all posts (published from `since` on) as known when each was published, and all labels.

    Raises NotReadyError where the platform was not featurized yet.
    """
    with features_lock(settings, writing=False):
        return _historical_rows(settings, platform, since)


def _historical_rows(
    settings: Settings, platform: Platform, since: pd.Timestamp | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    from features.feature_store import open_store

    manifest = read_manifest(settings, platform)
    if manifest is None:
        raise NotReadyError(f"no features of {platform.value} yet: run `creatorlens featurize` first.")
    store = open_store(settings)
    folder = settings.features_home / "current" / platform.value
    spine = pd.read_parquet(folder / "spine.parquet").astype({"published_at": UTC_US})
    keys = TermKeys.from_frame(pd.read_parquet(folder / "terms.parquet"))
    if since is not None:
        spine, keys = _from(since, spine, keys)
    entities = spine.drop(columns="post_id").rename(columns={"published_at": "event_timestamp"})
    views = (*HISTORY_VIEWS, *POST_VIEWS)
    found = retrieve(store, entities, views)
    terms = pd.DataFrame({"term_key": keys.key})
    terms["event_timestamp"] = spine["published_at"].take(keys.row).array
    lift = retrieve(store, terms, ("term_history",))["term_lift"].to_numpy(dtype=float)
    sequence = unpack(retrieve(store, entities[["channel_id", "event_timestamp"]], (SEQUENCE,))[SEQUENCE])
    known = known_of(found, lift, sequence)
    content = found[[column for view in POST_VIEWS for column in BY_NAME[view].columns]]
    rows = assemble(spine, micros(spine["published_at"]), platform, content, keys, known)
    of_posts = entities[["post_key", "event_timestamp"]]
    if manifest.encoder is not None:
        rows[EMBEDDING] = _vectors(retrieve(store, of_posts, (EMBEDDING,))[EMBEDDING])
        similar = retrieve(store, of_posts, (SIMILAR_VIEW,))[list(SIMILAR_NAMES)].astype(np.float32)
        rows = pd.concat([rows, similar], axis=1)
    if manifest.with_media:
        read = retrieve(store, of_posts, (MEDIA_VIEW,))[list(MEDIA_NAMES)].astype(np.float32)
        rows = pd.concat([rows, read], axis=1)
        rows[PICTURE] = _vectors(retrieve(store, of_posts, (PICTURE,))[PICTURE])
    label = pd.read_parquet(folder / "labels.parquet")
    return rows, label.astype({"observed_at": UTC_US, "outcome_known_at": UTC_US})


def _from(since: pd.Timestamp, spine: pd.DataFrame, keys: TermKeys) -> tuple[pd.DataFrame, TermKeys]:
    """The posts published from then on, and their terms."""
    keep = (spine["published_at"] >= since).to_numpy()
    place, of_kept = np.cumsum(keep) - 1, keep[keys.row]
    return spine.loc[keep].reset_index(drop=True), TermKeys(
        place[keys.row[of_kept]], keys.slot[of_kept], keys.key[of_kept]
    )


def _vectors(column: pd.Series) -> list[Any]:
    return [None if v is None else np.asarray(v, np.float32) for v in column]


def retrieve(store: Any, entities: pd.DataFrame, views: tuple[str, ...]) -> pd.DataFrame:
    """Columns of the views as known at each row's `event_timestamp`, in the order of `entities`."""
    refs = [f"{view}:{column}" for view in views for column in BY_NAME[view].columns]
    asked = entities.assign(row_id=np.arange(len(entities)))
    with warnings.catch_warnings():
        # ibis 12 calls what DuckDB 2 renamed
        warnings.filterwarnings("ignore", message="fetch_arrow_table", category=DeprecationWarning)
        found = store.get_historical_features(entity_df=asked, features=refs).to_df()
    return found.sort_values("row_id", ignore_index=True).drop(columns="row_id")


def known_of(found: pd.DataFrame, lift: Any, sequence: Any) -> Known:
    return Known(
        state=found[list(STATE_COLUMNS)].astype(float),
        audience=found[list(AUDIENCE_COLUMNS)].astype(float),
        level=found[list(PLATFORM_COLUMNS)].astype(float),
        lift=lift,
        sequence=sequence,
    )
