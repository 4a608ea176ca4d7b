"""The posts table: what is stored, and how a row is told from one stored already."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from creatorlens.database import tables
from creatorlens.platforms import SPECS
from services.content import storing
from services.content.batches import Batch, Stored, keys_of
from services.content.channels import add_channels

COLUMNS = [
    "platform", "post_id", "creator_id", "published_at", "media_type", "title", "text", "hashtags", "duration_s",
    "category", "followers_then",
]  # fmt: skip


def prepare(_: Connection, batch: Batch) -> pd.DataFrame:
    return batch.frame


def key(frame: pd.DataFrame) -> pd.Series:
    return keys_of(frame, ["platform", "post_id"])


file_key = key


def fingerprint(frame: pd.DataFrame) -> pd.Series:
    """Follower counts collected after posting change from export to export: they are no part of a post."""
    then = [p.value for p, spec in SPECS.items() if spec.followers_at_posting]
    followers = frame["followers"].where(frame["platform"].isin(then))
    return storing.fingerprints(frame.assign(followers_then=followers), COLUMNS)


def stored(connection: Connection, batch: Batch, frame: pd.DataFrame) -> pd.Series:
    c = tables.posts.c
    found = storing.fetch_for_keys(
        connection,
        select(c.platform, c.post_id, c.content_hash),
        (c.workspace_id == batch.workspace) & c.platform.in_(list(frame["platform"].unique())),
        c.post_id,
        frame["post_id"].tolist(),
    )
    return pd.Series(found["content_hash"].to_numpy(), index=key(found).to_numpy(), dtype=object)


def store(connection: Connection, batch: Batch, frame: pd.DataFrame, _: pd.DataFrame) -> Stored:
    """Insert the rows; the channels not seen before."""
    frame = frame.assign(channel_id=frame["platform"] + ":" + frame["creator_id"])
    new = add_channels(connection, batch, frame)
    rows = pd.DataFrame(
        {
            "workspace_id": batch.workspace,
            **{name: frame[name] for name in (
                "platform", "post_id", "channel_id", "published_at", "media_type", "title", "text", "hashtags",
                "duration_s", "followers", "category",
            )},
            "content_hash": frame["fingerprint"],
            "import_id": batch.import_id,
        }
    )  # fmt: skip
    storing.insert_frame(connection, tables.posts, rows)
    return Stored(new)
