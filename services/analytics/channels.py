"""Channels as their owner sees them: who is known here, what is typical of one, how its last posts did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, func, select

from creatorlens import api
from creatorlens.database import frames, tables
from creatorlens.errors import NotFoundError, nearest
from creatorlens.metric_definitions import default_definition, primary_metric
from creatorlens.platforms import MediaType, Platform
from creatorlens.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

RECENT_POSTS = 30
SPELLINGS_TRIED = 5_000


def channels(
    engine: Engine,
    settings: Settings,
    *,
    platform: Platform | None = None,
    q: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> api.ChannelPage:
    """A page of channels by id; `q` is looked for anywhere in the id, in any case."""
    c, p = tables.channels.c, tables.posts.c
    query = select(c.channel_id, c.platform, c.creator_id).where(c.workspace_id == settings.workspace)
    if platform is not None:
        query = query.where(c.platform == platform.value)
    if q:
        query = query.where(func.lower(c.channel_id).contains(q.lower(), autoescape=True))
    if cursor:
        query = query.where(c.channel_id > cursor)
    with engine.connect() as connection:
        found = connection.execute(query.order_by(c.channel_id).limit(limit + 1)).all()
        page = found[:limit]
        counted = (
            select(p.channel_id, func.count(), func.max(p.published_at))
            .where(p.workspace_id == settings.workspace, p.channel_id.in_([row.channel_id for row in page]))
            .group_by(p.channel_id)
        )
        counts = {row[0]: (row[1], row[2]) for row in connection.execute(counted)}
    return api.ChannelPage(
        channels=tuple(
            api.ChannelSummary(
                channel_id=row.channel_id,
                platform=row.platform,
                creator_id=row.creator_id,
                posts=counts.get(row.channel_id, (0, None))[0],
                last_published_at=counts.get(row.channel_id, (0, None))[1],
            )
            for row in page
        ),
        next_cursor=page[-1].channel_id if len(found) > limit else None,
    )


def channel(
    engine: Engine, settings: Settings, channel_id: str, *, now: datetime | None = None
) -> api.ChannelDetail:
    """Typical band, floor and last posts as known now. Raises NotFoundError with near ids."""
    c = tables.channels.c
    query = select(tables.channels).where(c.workspace_id == settings.workspace, c.channel_id == channel_id)
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(
            f"no channel {channel_id!r} here.",
            field="channel_id",
            hint=near_channels(engine, settings.workspace, channel_id),
        )
    platform = Platform(row.platform)
    posts = frames.read_posts(engine, settings.workspace, platform, channel_ids=[channel_id])
    observations = frames.read_observations(engine, settings.workspace, platform, channel_ids=[channel_id])
    band, floor = _typical(observations, platform, now or datetime.now(UTC))
    return api.ChannelDetail(
        channel_id=channel_id,
        platform=platform,
        creator_id=row.creator_id,
        posts=len(posts),
        last_published_at=None if posts.empty else posts["published_at"].max().to_pydatetime(),
        timezone=row.timezone,
        metric=primary_metric(platform),
        metric_definition=default_definition(platform).id,
        typical_band=band,
        floor=floor,
        recent_posts=_recent(posts, observations, platform),
    )


def _typical(
    observations: pd.DataFrame, platform: Platform, now: datetime
) -> tuple[api.Band | None, float | None]:
    """The same functions that make the features, so that the screen and the model speak of one band."""
    from features.history import BAND_POSTS, outcome_states
    from features.outcomes import matured_outcomes

    outcomes = matured_outcomes(observations[observations["known_at"] <= now], platform)
    if outcomes.empty:
        return None, None
    state = outcome_states(outcomes).iloc[-1]
    if state["band_p50"] != state["band_p50"]:
        return None, float(state["floor"])
    band = api.Band(
        p10=state["band_p10"],
        p50=state["band_p50"],
        p90=state["band_p90"],
        n=min(int(state["n_matured"]), BAND_POSTS),
    )
    return band, float(state["floor"])


def _recent(
    posts: pd.DataFrame, observations: pd.DataFrame, platform: Platform
) -> tuple[api.RecentPost, ...]:
    from features.outcomes import labels

    last = posts.tail(RECENT_POSTS).iloc[::-1]
    of_last = observations[observations["post_id"].isin(last["post_id"])]
    seen = labels(of_last, platform)
    newest: dict[str, Any] = {row.post_id: row for row in seen[seen["is_last"]].itertuples()}
    return tuple(_post(row, newest.get(row.post_id)) for row in last.itertuples())


def _post(post: Any, seen: Any) -> api.RecentPost:
    return api.RecentPost(
        post_id=post.post_id,
        published_at=post.published_at.to_pydatetime(),
        title=post.title or post.text[:300],
        media_type=MediaType(post.media_type),
        outcome=None if seen is None else seen.outcome,
        observed_age_h=None if seen is None or seen.age_h != seen.age_h else seen.age_h,
        backfilled=None if seen is None else bool(seen.backfilled),
    )


def near_channels(engine: Engine, workspace: str, channel_id: str) -> str:
    """A hint for somebody who named a channel that is not here."""
    c = tables.channels.c
    query = select(c.channel_id).where(c.workspace_id == workspace)
    platform, colon, _ = channel_id.partition(":")
    if colon:
        query = query.where(c.platform == platform)
    with engine.connect() as connection:
        known = [row[0] for row in connection.execute(query.limit(SPELLINGS_TRIED))]
    alike = nearest(channel_id, known)
    return f"Did you mean {', '.join(alike)}?" if alike else "GET /v1/channels lists those that are known."
