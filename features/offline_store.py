"""Feast's DuckDB offline store with DuckDB's own ASOF join.

Feast 0.67 joins points in time by pairing every question with every earlier row of its entity and then
keeping the newest: quadratic in the length of a history (a community of 1,000 posts makes a million
pairs, the platform level of 400,000 posts 10^11). ASOF JOIN gives the same answer in n log n.
"""

from __future__ import annotations

import atexit
import gc
from functools import cache
from typing import Any, Literal

import ibis
import pandas as pd
from feast.feature_view import FeatureView
from feast.infra.offline_stores.duckdb import (
    DuckDBOfflineStore,
    DuckDBOfflineStoreConfig,
    _read_data_source,
    _write_data_source,
)
from feast.infra.offline_stores.ibis import IbisRetrievalJob
from feast.infra.offline_stores.offline_store import RetrievalJob, RetrievalMetadata
from feast.infra.offline_stores.offline_utils import infer_event_timestamp_from_entity_df
from feast.infra.registry.base_registry import BaseRegistry
from feast.repo_config import RepoConfig

UTC_US = "timestamp('UTC', 6)"


class AsofDuckDBOfflineStoreConfig(DuckDBOfflineStoreConfig):  # type: ignore[misc]
    type: Literal["features.offline_store.AsofDuckDBOfflineStore"] = (
        "features.offline_store.AsofDuckDBOfflineStore"
    )


class AsofDuckDBOfflineStore(DuckDBOfflineStore):  # type: ignore[misc]
    """Rows of one entity and timestamp must be unique in a source, as ours are."""

    @staticmethod
    def get_historical_features(
        config: RepoConfig,
        feature_views: list[FeatureView],
        feature_refs: list[str],
        entity_df: pd.DataFrame | str,
        registry: BaseRegistry,  # noqa: ARG004 (the interface is Feast's)
        project: str,  # noqa: ARG004
        full_feature_names: bool = False,
        **options: Any,  # noqa: ARG004
    ) -> RetrievalJob:
        if not isinstance(entity_df, pd.DataFrame):
            raise TypeError("the entity rows must be a DataFrame")
        _disconnect_at_exit()
        asked = infer_event_timestamp_from_entity_df(
            dict(zip(entity_df.columns, entity_df.dtypes, strict=True))
        )
        table = ibis.memtable(entity_df).mutate(**{asked: lambda t: t[asked].cast(UTC_US)})
        keys = [column for column in entity_df.columns if column != asked]
        for view in feature_views:
            wanted = [
                ref.split(":")[1]
                for ref in feature_refs
                if ref.split(":")[0] == view.projection.name_to_use()
            ]
            table = _join(table, asked, view, wanted, full_feature_names, str(config.repo_path))
        span = entity_df[asked].agg(["min", "max"])
        return IbisRetrievalJob(
            table,
            [],
            full_feature_names,
            metadata=RetrievalMetadata(
                features=feature_refs,
                keys=keys,
                min_event_timestamp=span["min"],
                max_event_timestamp=span["max"],
            ),
            data_source_writer=_write_data_source,
            staging_location=None,
            staging_location_endpoint_override=None,
            repo_path=str(config.repo_path),
        )


@cache
def _disconnect_at_exit() -> None:
    """Bindings complain at length of a connection still open when Python ends; ibis keeps one for itself."""

    def disconnect() -> None:
        if ibis.options.default_backend is not None:
            ibis.options.default_backend.disconnect()
            ibis.options.default_backend = None
            gc.collect()

    atexit.register(disconnect)


def _join(
    table: Any, asked: str, view: FeatureView, wanted: list[str], full_names: bool, repo_path: str
) -> Any:
    """`table` with the view's newest row at or before `asked` of the same entity; nulls where none."""
    known = view.batch_source.timestamp_field
    join_keys = view.projection.join_key_map or {column.name: column.name for column in view.entity_columns}
    names = {name: f"{view.projection.name_to_use()}__{name}" if full_names else name for name in wanted}
    rows = _read_data_source(view.batch_source, repo_path)
    # Other platforms' rows lie in the same source: leave them out before sorting.
    for theirs, ours in join_keys.items():
        rows = rows.semi_join(table, rows[theirs] == table[ours])
    rows = rows.select(
        _known_at=rows[known].cast(UTC_US),
        **{f"_key_{theirs}": rows[theirs] for theirs in join_keys},
        **{name: rows[theirs] for theirs, name in names.items()},
    )
    joined = table.asof_join(
        rows,
        on=table[asked] >= rows["_known_at"],
        predicates=[table[ours] == rows[f"_key_{theirs}"] for theirs, ours in join_keys.items()],
    )
    if view.ttl:
        fresh = joined["_known_at"] + ibis.literal(view.ttl) >= joined[asked]
        joined = joined.mutate(**{name: fresh.ifelse(joined[name], None) for name in names.values()})
    return joined.drop("_known_at", *(f"_key_{theirs}" for theirs in join_keys))
