"""Put database-shaped frames into a real database, without the importer's checks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Engine, insert

from creatorlens.database import tables
from creatorlens.database.engine import insert_ignore


def fill(engine: Engine, workspace: str, data: Any, *, import_id: str = "import-1") -> None:
    """`data`: posts, observations, stats, channels, platform (see real_tables.Tables)."""
    now = datetime.now(UTC)
    scope = {"workspace_id": workspace}
    by_import = {**scope, "import_id": import_id}
    platform = {"platform": data.platform.value}
    with engine.begin() as connection:
        connection.execute(
            insert(tables.imports),
            {
                **by_import, "file_name": "test", "sha256": "0" * 64, "kind": "posts", "imported_at": now,
                "rows_read": 0, "rows_taken": 0, "rows_unchanged": 0, "rows_quarantined": 0,
            },
        )  # fmt: skip
        rows = records(data.channels[["channel_id", "timezone"]])
        for row in rows:
            row |= {
                **scope,
                **platform,
                "creator_id": row["channel_id"].split(":", 1)[1],
                "first_imported_at": now,
            }
        connection.execute(insert_ignore(connection, tables.channels), rows)
        rows = records(data.posts.drop(columns=["platform", "creator_id"], errors="ignore"))
        connection.execute(
            insert(tables.posts), [row | by_import | platform | {"content_hash": ""} for row in rows]
        )
        rows = records(data.observations.drop(columns=["channel_id", "published_at"]))
        connection.execute(insert(tables.observations), [row | by_import | platform for row in rows])
        known = data.stats.loc[data.stats["channel_id"].isin(data.channels["channel_id"])]
        if len(known):
            connection.execute(insert(tables.channel_stats), [row | by_import for row in records(known)])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [
        {
            name: value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
            for name, value in row.items()
        }
        for row in plain
    ]
