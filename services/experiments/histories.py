"""What a channel's history tells a plan: clicks per impression, impressions a day, posts a week, how posts vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, Engine, Join, func, select

from creatorlens.database import tables
from creatorlens.errors import NotFoundError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.analytics.channels import near_channels

ENOUGH_IMPRESSIONS = 1000
LAST_POSTS = 20
"""Whose first week says how often the channel is clicked."""
WEEK_DAYS = 7
POSTING_DAYS = 90
SPREAD_POSTS = 200
ENOUGH_POSTS = 8


@dataclass(frozen=True)
class Known:
    """A number and where it is from, in words."""

    value: float
    words: str


def platform_of(engine: Engine, workspace: str, channel_id: str) -> Platform:
    """Raises NotFoundError."""
    c = tables.channels.c
    query = select(c.platform).where(c.workspace_id == workspace, c.channel_id == channel_id)
    with engine.connect() as connection:
        found = connection.execute(query).scalar()
    if found is None:
        raise NotFoundError(
            f"no channel {channel_id!r} here.", field="channel",
            hint=near_channels(engine, workspace, channel_id),
        )  # fmt: skip
    return Platform(found)


def baseline(connection: Connection, workspace: str, channel_id: str | None) -> Known | None:
    """Clicks per impression: of the channel's own tests, else of imported ones."""
    t, o, e = tables.trials.c, tables.trial_observations.c, tables.experiments.c
    own = (
        select(func.sum(o.clicks), func.sum(o.impressions))
        .select_from(_observed())
        .where(t.workspace_id == workspace, t.channel_id == channel_id)
    )
    all_imported = select(func.sum(e.clicks), func.sum(e.impressions)).where(e.workspace_id == workspace)
    places = (
        (own, "clicks per impression of this channel's earlier tests"),
        (all_imported, "clicks per impression of the tests imported here"),
    )
    for query, words in places:
        clicks, impressions = connection.execute(query).one()
        if clicks and impressions and impressions >= ENOUGH_IMPRESSIONS and clicks < impressions:
            rate = float(clicks) / float(impressions)
            return Known(rate, f"{100 * rate:.2g} % {words}")
    return None


def impressions_per_day(
    connection: Connection, workspace: str, channel_id: str | None, clicks_per_impression: float
) -> Known | None:
    """Of the channel's earlier tests; else from the views of its last posts' first weeks, every view taken for a click."""
    t, o = tables.trials.c, tables.trial_observations.c
    query = (
        select(func.sum(o.impressions), func.min(o.period_start), func.max(o.period_end))
        .select_from(_observed())
        .where(t.workspace_id == workspace, t.channel_id == channel_id)
        .group_by(t.experiment_id)
        .order_by(t.experiment_id.desc())
    )
    for impressions, start, end in connection.execute(query):
        days = (end - start) / timedelta(days=1)
        if impressions >= ENOUGH_IMPRESSIONS and days > 0:
            a_day = float(impressions) / max(days, 1.0)
            return Known(a_day, f"{a_day:,.0f} impressions a day, as in this channel's last test")
    views = _views_of_first_weeks(connection, workspace, channel_id)
    if not views:
        return None
    a_day = max(float(np.median(views)) / WEEK_DAYS / clicks_per_impression, 1.0)
    return Known(
        a_day,
        f"{a_day:,.0f} impressions a day: the views of a usual post of this channel in its first week, "
        "each view taken for a click",
    )


def _observed() -> Join:
    t, o = tables.trials.c, tables.trial_observations.c
    same = (t.workspace_id == o.workspace_id) & (t.experiment_id == o.experiment_id) & (t.kind != "time")
    return tables.trials.join(tables.trial_observations, same)


def _views_of_first_weeks(connection: Connection, workspace: str, channel_id: str | None) -> list[float]:
    """Of the last posts, each at its first observation of a week or later."""
    if channel_id is None:
        return []
    p, o = tables.posts.c, tables.observations.c
    query = (
        select(p.post_id, p.published_at, o.views, o.known_at)
        .join(
            tables.observations,
            (p.workspace_id == o.workspace_id) & (p.platform == o.platform) & (p.post_id == o.post_id),
        )
        .where(p.workspace_id == workspace, p.channel_id == channel_id, o.views.is_not(None))
        .order_by(p.published_at.desc(), p.post_id, o.known_at.desc())
        .limit(LAST_POSTS * 50)
    )
    week = timedelta(days=WEEK_DAYS)
    first: dict[str, float] = {}
    for row in connection.execute(query):
        if row.known_at - row.published_at >= week:
            first[row.post_id] = float(row.views)
    return list(first.values())[:LAST_POSTS]


def posts_per_week(connection: Connection, workspace: str, channel_id: str) -> Known | None:
    """Over the last `POSTING_DAYS` before the newest post."""
    p = tables.posts.c
    own = (p.workspace_id == workspace) & (p.channel_id == channel_id)
    newest: datetime | None = connection.execute(select(func.max(p.published_at)).where(own)).scalar()
    if newest is None:
        return None
    since = newest - timedelta(days=POSTING_DAYS)
    count = connection.execute(select(func.count()).where(own, p.published_at > since)).scalar() or 0
    rate = count / (POSTING_DAYS / WEEK_DAYS)
    return Known(rate, f"{rate:.2g} posts a week, as lately")


def spread_ln(settings: Settings, platform: Platform, channel_id: str) -> Known | None:
    """How posts of the channel vary around its level, in ln; where it has few, posts of the platform. None before features
    were computed."""
    from features.stored_residuals import stored_residuals

    try:
        residuals = stored_residuals(settings, platform)
    except NotReadyError:
        return None
    residuals = residuals[residuals["residual"].notna()]
    own = residuals[residuals["channel_id"] == channel_id].tail(SPREAD_POSTS)
    used, words = (own, "this channel's") if len(own) >= ENOUGH_POSTS else (residuals, "the platform's")
    if len(used) < ENOUGH_POSTS:
        return None
    spread = max(float(used["residual"].std()), 0.05)
    return Known(spread, f"{words} posts vary by a factor of {np.exp(spread):.2g} around the usual")


def outcomes_ln(settings: Settings, platform: Platform, post_ids: Sequence[str]) -> dict[str, float]:
    """post_id → outcome over the level expected then, in ln; of those known."""
    from features.stored_residuals import stored_residuals

    if not post_ids:
        return {}
    try:
        residuals = stored_residuals(settings, platform)
    except NotReadyError:
        return {}
    known = residuals[residuals["post_id"].isin(list(post_ids)) & residuals["residual"].notna()]
    known = known.sort_values("known_at").drop_duplicates("post_id", keep="first")
    return {str(name): float(y) for name, y in zip(known["post_id"], known["residual"], strict=True)}


def own_posts(
    engine: Engine, workspace: str, platform: Platform, channel_id: str, post_ids: Sequence[str]
) -> set[str]:
    """Those that are posts of the channel."""
    if not post_ids:
        return set()
    p = tables.posts.c
    query = select(p.post_id).where(
        p.workspace_id == workspace, p.platform == platform.value, p.channel_id == channel_id,
        p.post_id.in_(list(post_ids)),
    )  # fmt: skip
    with engine.connect() as connection:
        return set(connection.execute(query).scalars())
