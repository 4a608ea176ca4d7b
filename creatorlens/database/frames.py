"""Reading the system of record into pandas, in the shape the feature functions take.

Every time column is `datetime64[us, UTC]`: nanoseconds break Feast's materialisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, Select, Table, select

from creatorlens.database import tables
from creatorlens.platforms import Platform

UTC_US = "datetime64[us, UTC]"


def read_posts(
    engine: Engine,
    workspace: str,
    platform: Platform,
    *,
    channel_ids: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Posts by time: post_id, channel_id, published_at, media_type, title, text, hashtags (list),
    duration_s, followers, category."""
    c = tables.posts.c
    query = select(
        c.post_id, c.channel_id, c.published_at, c.media_type, c.title, c.text, c.hashtags, c.duration_s,
        c.followers, c.category,
    )  # fmt: skip
    return _read(
        engine,
        _scoped(query, tables.posts, workspace, platform, channel_ids),
        ["published_at"],
    )


def read_observations(
    engine: Engine,
    workspace: str,
    platform: Platform,
    *,
    channel_ids: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Observations: post_id, channel_id, published_at, observation_key, observed_at (NaT = unknown),
    known_at, backfilled, metric_definition, views, likes, comments, shares, saves."""
    o, p = tables.observations.c, tables.posts.c
    query = select(
        o.post_id, p.channel_id, p.published_at, o.observation_key, o.observed_at, o.known_at, o.backfilled,
        o.metric_definition, o.views, o.likes, o.comments, o.shares, o.saves,
    ).join(
        tables.posts,
        (o.workspace_id == p.workspace_id) & (o.platform == p.platform) & (o.post_id == p.post_id),
    )  # fmt: skip
    scoped = _scoped(query, tables.posts, workspace, platform, channel_ids)
    return _read(engine, scoped, ["published_at", "observed_at", "known_at"])


def read_channels(engine: Engine, workspace: str, platform: Platform | None = None) -> pd.DataFrame:
    """Channels: channel_id, platform, creator_id, timezone (None = not told)."""
    c = tables.channels.c
    query = select(c.channel_id, c.platform, c.creator_id, c.timezone).where(c.workspace_id == workspace)
    if platform is not None:
        query = query.where(c.platform == platform.value)
    return _read(engine, query.order_by(c.channel_id), [])


def read_channel_stats(
    engine: Engine,
    workspace: str,
    platform: Platform,
    *,
    channel_ids: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Audience as observed: channel_id, observed_at, followers, total_views, posts."""
    s, c = tables.channel_stats.c, tables.channels.c
    query = (
        select(s.channel_id, s.observed_at, s.followers, s.total_views, s.posts)
        .join(
            tables.channels,
            (s.workspace_id == c.workspace_id) & (s.channel_id == c.channel_id),
        )
        .where(s.workspace_id == workspace, c.platform == platform.value)
        .order_by(s.channel_id, s.observed_at)
    )
    if channel_ids is not None:
        query = query.where(s.channel_id.in_(list(channel_ids)))
    return _read(engine, query, ["observed_at"])


def _scoped(
    query: Select[Any],
    table: Table,
    workspace: str,
    platform: Platform,
    channel_ids: Sequence[str] | None,
) -> Select[Any]:
    c = table.c
    query = query.where(c.workspace_id == workspace, c.platform == platform.value)
    if channel_ids is not None:
        query = query.where(c.channel_id.in_(list(channel_ids)))
    return query.order_by(c.published_at, c.post_id)


def _read(source: Engine | Connection, query: Select[Any], times: Sequence[str]) -> pd.DataFrame:
    if isinstance(source, Engine):
        with source.connect() as connection:
            return _read(connection, query, times)
    result = source.execute(query)
    frame = pd.DataFrame.from_records(result.fetchall(), columns=list(result.keys()))
    for column in times:
        frame[column] = pd.to_datetime(frame[column], utc=True).astype(UTC_US)
    return frame
