"""The data docs of a workspace: every table of the store against its suite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, Engine, select

from creatorlens.database import tables
from creatorlens.settings import Settings
from features.quality.docs import TableQuality, build_docs
from features.quality.rules import Limits
from services.content import storing
from services.content.quarantining import quarantined
from services.content.tables import COUNTS, STATS, Kind


@dataclass(frozen=True)
class QualityReport:
    """`index`: the first page of the data docs. `quarantined`: rows kept apart, by expectation."""

    index: Path
    tables: list[TableQuality]
    quarantined: dict[str, int]


def report_quality(engine: Engine, settings: Settings, now: datetime | None = None) -> QualityReport:
    """Validate what is stored and write data docs under `settings.quality_home`."""
    limits = Limits(now or datetime.now(UTC), settings.max_title_chars, settings.max_text_chars)
    with engine.connect() as connection:
        found, index = build_docs(_frames(connection, settings.workspace), settings.quality_home, limits)
    _, kept_apart = quarantined(engine, settings.workspace, limit=0)
    return QualityReport(index, found, kept_apart)


def _frames(connection: Connection, workspace: str) -> Iterator[tuple[str, pd.DataFrame]]:
    for kind, read in (
        (Kind.POSTS, _posts),
        (Kind.CREATORS, _creators),
        (Kind.OBSERVATIONS, _observations),
        (Kind.EXPERIMENTS, _experiments),
        (Kind.MEDIA, _media),
    ):
        yield kind.value, read(connection, workspace)


def _posts(connection: Connection, workspace: str) -> pd.DataFrame:
    p, c = tables.posts.c, tables.channels.c
    query = (
        select(
            p.post_id, p.platform, c.creator_id, p.published_at, p.media_type, p.title, p.text, p.hashtags,
            p.duration_s, p.followers, p.category,
        )
        .join(tables.channels, (p.workspace_id == c.workspace_id) & (p.channel_id == c.channel_id))
        .where(p.workspace_id == workspace)
    )  # fmt: skip
    frame = storing.fetch(connection, query, ["published_at"])
    return frame.astype({"duration_s": "float64", "followers": "float64"})


def _creators(connection: Connection, workspace: str) -> pd.DataFrame:
    s, c = tables.channel_stats.c, tables.channels.c
    query = (
        select(c.creator_id, c.platform, s.observed_at, *(s[name] for name in STATS), c.timezone)
        .join(tables.channels, (s.workspace_id == c.workspace_id) & (s.channel_id == c.channel_id))
        .where(s.workspace_id == workspace)
    )
    return storing.fetch(connection, query, ["observed_at"]).astype(dict.fromkeys(STATS, "float64"))


def _observations(connection: Connection, workspace: str) -> pd.DataFrame:
    o, p = tables.observations.c, tables.posts.c
    query = (
        select(o.post_id, o.platform, p.published_at, o.observed_at, *(o[name] for name in COUNTS))
        .join(
            tables.posts,
            (o.workspace_id == p.workspace_id) & (o.platform == p.platform) & (o.post_id == p.post_id),
            isouter=True,
        )
        .where(o.workspace_id == workspace)
    )
    frame = storing.fetch(connection, query, ["published_at", "observed_at"])
    return frame.astype(dict.fromkeys(COUNTS, "float64"))


def _media(connection: Connection, workspace: str) -> pd.DataFrame:
    m, p = tables.post_media.c, tables.posts.c
    query = (
        select(m.post_id, m.platform, m.role, m.sha256.label("path"), p.published_at)
        .join(
            tables.posts,
            (m.workspace_id == p.workspace_id) & (m.platform == p.platform) & (m.post_id == p.post_id),
            isouter=True,
        )
        .where(m.workspace_id == workspace)
    )
    return storing.fetch(connection, query, ["published_at"]).assign(refused=None)


def _experiments(connection: Connection, workspace: str) -> pd.DataFrame:
    c = tables.experiments.c
    names = ("experiment_id", "variant_id", "week", "headline", "lede", "image_id", "impressions", "clicks")
    frame = storing.fetch(connection, select(*(c[name] for name in names)).where(c.workspace_id == workspace))
    return frame.astype({"week": "float64", "impressions": "float64", "clicks": "float64"})
