"""Kept drafts and published posts: which post a draft became, and a post seen as a draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from creatorlens.advice.content import Content, ContentVersion
from creatorlens.database import tables
from creatorlens.platforms import Platform
from services.insights.grading import LINK_WITHIN
from services.insights.ids import draft_hash


def post_of(
    connection: Connection, workspace: str, channel_id: str, versions: Sequence[ContentVersion]
) -> str | None:
    """The channel's post with the words of one of the versions, the newest that fits, within what grading allows of
    its planned time."""
    planned = [one.planned_at for one in versions]
    if min(planned) - LINK_WITHIN > datetime.now(UTC):
        return None
    c = tables.posts.c
    query = select(c.post_id, c.published_at, c.title, c.text).where(
        c.workspace_id == workspace, c.channel_id == channel_id,
        c.published_at.between(min(planned) - LINK_WITHIN, max(planned) + LINK_WITHIN),
    )  # fmt: skip
    posts = [
        (draft_hash(row.title, row.text), row.published_at, row.post_id) for row in connection.execute(query)
    ]
    for version in reversed(versions):
        words = draft_hash(version.title, version.text)
        near = [
            (abs(at - version.planned_at), post_id)
            for told, at, post_id in posts
            if told == words and abs(at - version.planned_at) <= LINK_WITHIN
        ]
        if near:
            return min(near)[1]
    return None


def is_published(connection: Connection, workspace: str, content: Content) -> bool:
    """Its post is known here; the id alone may be known before it is out."""
    if content.post_id is None:
        return False
    c = tables.posts.c
    query = select(c.post_id).where(
        c.workspace_id == workspace, c.platform == content.platform.value, c.post_id == content.post_id
    )
    return connection.execute(query).first() is not None


def post_as_content(connection: Connection, workspace: str, name: str) -> Content | None:
    """`platform:post_id` as content of one version, to be read only; None where there is no such post."""
    platform, colon, post_id = name.partition(":")
    if not colon or platform not in Platform._value2member_map_:
        return None
    c = tables.posts.c
    row = connection.execute(
        select(tables.posts).where(c.workspace_id == workspace, c.platform == platform, c.post_id == post_id)
    ).first()
    if row is None:
        return None
    files = _files(connection, workspace, platform, post_id)
    version = ContentVersion(
        version=1,
        created_at=row.published_at,
        planned_at=row.published_at,
        title=row.title,
        text=row.text,
        hashtags=tuple(row.hashtags),
        media_type=row.media_type,
        duration_s=row.duration_s,
        category=row.category,
        followers=row.followers,
        analysis_id=None,
        assets=tuple(dict.fromkeys(sha256 for _, sha256 in files)),
        thumbnail=next((sha256 for role, sha256 in files if role == "thumbnail"), None),
    )
    return Content(
        content_id=name,
        channel_id=row.channel_id,
        platform=Platform(platform),
        created_at=row.published_at,
        post_id=post_id,
        versions=(version,),
    )


def _files(connection: Connection, workspace: str, platform: str, post_id: str) -> Iterable[Any]:
    c = tables.post_media.c
    query = select(c.role, c.sha256).where(
        c.workspace_id == workspace, c.platform == platform, c.post_id == post_id
    )
    return connection.execute(query.order_by(c.role)).all()
