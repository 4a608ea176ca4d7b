"""Where a platform's features come from: one id for the imported files and the generation made of them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from creatorlens.platforms import Platform

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


def record_lineage(engine: Engine, workspace: str, platform: Platform, generation: str) -> str:
    """Write the row of `lineages` where it is not there yet; the id is the same for the same files and generation."""
    from creatorlens.database.engine import insert_ignore
    from creatorlens.database.tables import lineages

    with engine.connect() as connection:
        imports = _imports(connection, workspace, platform)
    name = lineage_id([one["sha256"] for one in imports], generation)
    row = {
        "workspace_id": workspace, "lineage_id": name, "platform": platform.value, "created_at": datetime.now(UTC),
        "imports": imports, "generation": generation,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert_ignore(connection, lineages), [row])
    return name


def lineage_id(sha256s: list[str], generation: str) -> str:
    """sha256, shortened to 32 digits, over the files' own and the name of the generation."""
    told = json.dumps([sorted(set(sha256s)), generation])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _imports(connection: Connection, workspace: str, platform: Platform) -> list[dict[str, Any]]:
    """Files that brought a row which the platform's features are made of, oldest first."""
    from sqlalchemy import select, union

    from creatorlens.database.tables import channel_stats, channels, imports, observations, post_media, posts

    of_platform = [
        select(table.c.import_id).where(table.c.workspace_id == workspace, table.c.platform == platform.value)
        for table in (posts, observations, post_media)
    ]
    of_channels = (
        select(channel_stats.c.import_id)
        .join(
            channels,
            (channel_stats.c.channel_id == channels.c.channel_id)
            & (channel_stats.c.workspace_id == channels.c.workspace_id),
        )
        .where(channels.c.workspace_id == workspace, channels.c.platform == platform.value)
    )
    used = union(*of_platform, of_channels).subquery()
    i = imports.c
    query = select(i.import_id, i.file_name, i.sha256, i.kind).where(
        i.import_id.in_(select(used.c.import_id))
    )
    rows = connection.execute(query.order_by(i.imported_at, i.import_id))
    return [dict(row._mapping) for row in rows]
