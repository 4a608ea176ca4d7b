"""Which platforms and which posts a flow is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, func, select

from creatorlens.database import tables
from creatorlens.database.frames import read_observations, read_posts
from creatorlens.errors import InputError
from creatorlens.platforms import SPECS, Platform, channel_id
from creatorlens.settings import Settings


def in_import_order(settings: Settings, files: Sequence[Path]) -> list[Path]:
    """Tables (or folders of them), posts before what speaks of them. Raises InputError for what is no table."""
    from services.content.reading import find_tables, inspect
    from services.content.tables import Kind

    kinds = list(Kind)
    sources = [inspect(file, settings.max_import_bytes) for file in find_tables(list(files))]
    sources.sort(key=lambda source: (kinds.index(source.spec.kind), source.path.name))
    return [source.path for source in sources]


def platforms_with_posts(engine: Engine, settings: Settings) -> list[Platform]:
    query = select(tables.channels.c.platform).where(tables.channels.c.workspace_id == settings.workspace)
    with engine.connect() as connection:
        found = {row[0] for row in connection.execute(query.distinct())}
    return [p for p in Platform if p.value in found and count_posts(engine, settings, p)]


def count_posts(engine: Engine, settings: Settings, platform: Platform) -> int:
    c = tables.posts.c
    query = select(func.count()).where(c.workspace_id == settings.workspace, c.platform == platform.value)
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def newest_weeks(engine: Engine, settings: Settings, platform: Platform, weeks: int) -> datetime:
    """The moment `weeks` before the platform's newest post, at midnight UTC."""
    c = tables.posts.c
    query = select(func.max(c.published_at)).where(
        c.workspace_id == settings.workspace, c.platform == platform.value
    )
    with engine.connect() as connection:
        newest: datetime = connection.execute(query).scalar_one()
    return (newest - timedelta(weeks=weeks)).replace(hour=0, minute=0, second=0, microsecond=0)


def posts_in_files(files: Sequence[Path], platform: Platform) -> pd.DataFrame:
    """Posts of the platform in canonical tables that need not be imported; rows that cannot be are left out."""
    frames = [pd.read_parquet(file) for file in files if ".posts." in file.name]
    if not frames:
        raise InputError(
            "no posts table among the files.", field="posts", hint="A name like x.posts.parquet."
        )
    posts = pd.concat(frames, ignore_index=True)
    posts = posts[(posts["platform"] == platform.value) & posts["published_at"].notna()]
    keys = [channel_id(platform.value, creator) for creator in posts["creator_id"]]
    return posts.assign(channel_id=keys).sort_values(["published_at", "post_id"], ignore_index=True)


def posts_since(
    engine: Engine, settings: Settings, platform: Platform, since: datetime, limit: int
) -> pd.DataFrame:
    """The platform's newest imported posts, at most `limit`, each with the age it was last seen at.

    `horizon_h`: that age where it is known (so that its forecast can be graded), else missing.
    """
    posts = read_posts(engine, settings.workspace, platform)
    newest = posts[posts["published_at"] >= since].tail(limit).assign(platform=platform.value)
    seen = read_observations(
        engine, settings.workspace, platform, channel_ids=_few(newest["channel_id"].unique())
    )
    seen = seen[seen[SPECS[platform].primary_metric].notna() & seen["observed_at"].notna()]
    age = (seen["observed_at"] - seen["published_at"]).dt.total_seconds() / 3600
    last = pd.Series(age.to_numpy(), index=seen["post_id"].to_numpy()).groupby(level=0).max()
    horizon = newest["post_id"].map(last)
    return newest.assign(horizon_h=horizon.where(horizon >= 1)).reset_index(drop=True)


def without_forecasts(
    engine: Engine, settings: Settings, platform: Platform, posts: pd.DataFrame, model_version: str
) -> pd.DataFrame:
    """The posts that this version of the platform's model has not forecast yet."""
    p = tables.predictions.c
    query = select(p.post_id).where(
        p.workspace_id == settings.workspace,
        p.platform == platform.value,
        p.model_version == model_version,
        p.post_id.is_not(None),
    )
    with engine.connect() as connection:
        done = {row[0] for row in connection.execute(query.distinct())}
    return posts[~posts["post_id"].isin(done)].reset_index(drop=True)


def _few(channels: Sequence[str]) -> list[str] | None:
    # databases limit how many values a query may hold
    return list(channels) if len(channels) <= 500 else None
