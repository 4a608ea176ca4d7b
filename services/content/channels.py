"""Channels come into being with their first post or statistic."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from creatorlens.database import tables
from services.content import storing
from services.content.batches import Batch


def add_channels(connection: Connection, batch: Batch, frame: pd.DataFrame) -> tuple[str, ...]:
    """Add the channels of `frame` (channel_id, platform, creator_id) that are not there; their ids."""
    wanted = frame[["channel_id", "platform", "creator_id"]].drop_duplicates("channel_id")
    known = stored_channels(connection, batch.workspace, wanted["channel_id"].tolist())
    new = wanted.loc[~wanted["channel_id"].isin(known["channel_id"])].sort_values("channel_id")
    rows = pd.DataFrame(
        {
            "workspace_id": batch.workspace,
            **{name: new[name] for name in ("channel_id", "platform", "creator_id")},
            "timezone": None,
            "first_imported_at": storing.all_at(batch.now, new.index),
        },
        index=new.index,
    )
    storing.insert_frame(connection, tables.channels, rows)
    return tuple(new["channel_id"])


def stored_channels(connection: Connection, workspace: str, channel_ids: list[str]) -> pd.DataFrame:
    c = tables.channels.c
    return storing.fetch_for_keys(
        connection, select(c.channel_id, c.timezone), c.workspace_id == workspace, c.channel_id, channel_ids
    )
