"""Kept drafts: every change is a new version, and nothing of an earlier one is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, insert, select, update

from creatorlens.advice.content import Content, ContentPage, ContentRequest, ContentVersion
from creatorlens.database import tables
from creatorlens.errors import ConflictError, InputError, NotFoundError
from creatorlens.platforms import Platform
from services.analytics.channels import near_channels
from services.content.published import is_published, post_as_content, post_of
from services.insights.ids import time_ordered_id

NOT_DRAFT = {"version", "created_at", "receipt_id"}
"""Fields of a version that are columns of their own; the others are its draft."""
UNSAVED = "unsaved"
ADVICE = "GET /v1/content lists what is kept; POST /v1/content keeps a draft."


def keep(engine: Engine, workspace: str, wanted: ContentRequest, now: datetime | None = None) -> Content:
    """Raises NotFoundError where the channel, the analysis or a file is not known here."""
    held = unsaved(engine, workspace, wanted, now)
    content_id = time_ordered_id()
    with engine.begin() as connection:
        connection.execute(
            insert(tables.contents),
            {
                "workspace_id": workspace, "content_id": content_id, "channel_id": held.channel_id,
                "platform": held.platform.value, "created_at": held.created_at, "version": 1,
                "post_id": held.post_id,
            },
        )  # fmt: skip
        _insert_version(connection, workspace, content_id, held.now)
    return find_content(engine, workspace, content_id)


def unsaved(engine: Engine, workspace: str, wanted: ContentRequest, now: datetime | None = None) -> Content:
    """As `keep`, but nothing is kept: content that exists as long as somebody holds it."""
    moment = now or datetime.now(UTC)
    draft = wanted.to_draft()
    with engine.connect() as connection:
        _must_be_known(engine, connection, workspace, draft.channel_id)
        first = _version(connection, workspace, wanted, 1, moment)
    return Content(
        content_id=UNSAVED,
        channel_id=draft.channel_id,
        platform=draft.platform,
        created_at=moment,
        post_id=wanted.post_id,
        versions=(first,),
    )


def find_content(engine: Engine, workspace: str, content_id: str) -> Content:
    """A kept draft by its id, or a channel's own post as `platform:post_id`. Raises NotFoundError."""
    c = tables.contents.c
    with engine.connect() as connection:
        found = _read(connection, workspace, _kept(workspace).where(c.content_id == content_id))
        content = found[0] if found else post_as_content(connection, workspace, content_id)
    if content is None:
        raise NotFoundError(f"no content {content_id[:64]!r} here.", field="content_id", hint=ADVICE)
    return content


def contents(
    engine: Engine,
    workspace: str,
    *,
    channel_id: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> ContentPage:
    """Newest first."""
    c = tables.contents.c
    query = _kept(workspace)
    if channel_id is not None:
        query = query.where(c.channel_id == channel_id)
    if cursor is not None:
        query = query.where(c.content_id < cursor)
    with engine.connect() as connection:
        found = _read(connection, workspace, query.order_by(c.content_id.desc()).limit(limit + 1))
    page = found[:limit]
    return ContentPage(contents=tuple(page), next_cursor=page[-1].content_id if len(found) > limit else None)


def change(
    engine: Engine,
    workspace: str,
    content_id: str,
    wanted: ContentRequest,
    *,
    version: int,
    now: datetime | None = None,
) -> Content:
    """A new version in place of `version`. Raises ConflictError where that is not the newest, or it is published."""
    moment = now or datetime.now(UTC)
    content = find_content(engine, workspace, content_id)
    must_be_open(engine, workspace, content, version)
    if wanted.to_draft().channel_id != content.channel_id:
        raise InputError(
            f"the draft is one of {content.channel_id}.", field="channel",
            hint="Keep it as content of its own on another channel: POST /v1/content.",
        )  # fmt: skip
    with engine.connect() as connection:
        new = _version(connection, workspace, wanted, version + 1, moment)
    with engine.begin() as connection:
        add_version(connection, workspace, content_id, new)
    return find_content(engine, workspace, content_id)


def delete(engine: Engine, workspace: str, content_id: str, now: datetime | None = None) -> Content:
    """It is no longer listed or found; its versions and receipts stay until the workspace is erased. Gives it as it was."""
    content = find_content(engine, workspace, content_id)
    if content.content_id.partition(":")[1]:
        raise ConflictError(
            f"{content_id} is a published post.", field="content_id", hint="Only kept drafts can be deleted."
        )
    c = tables.contents.c
    with engine.begin() as connection:
        connection.execute(
            update(tables.contents)
            .where(c.workspace_id == workspace, c.content_id == content_id)
            .values(deleted_at=now or datetime.now(UTC))
        )
    return content


def must_be_open(engine: Engine, workspace: str, content: Content, version: int) -> None:
    """Raises ConflictError where `version` is not the newest, or the content is published."""
    with engine.connect() as connection:
        out = is_published(connection, workspace, content)
    if out:
        raise ConflictError(
            f"this is published as {content.platform.value}:{content.post_id}.", field="content_id",
            hint="What is out can no longer be changed here; keep a draft of its own.",
        )  # fmt: skip
    if content.now.version != version:
        raise ConflictError(
            f"the content is at version {content.now.version}, not {version}.", field="version",
            hint="Somebody changed it since: look at it anew and try again.",
        )  # fmt: skip


def add_version(connection: Connection, workspace: str, content_id: str, new: ContentVersion) -> None:
    """`new.version` takes the place of the one before, in the caller's transaction. Raises ConflictError where another
    change came first."""
    c = tables.contents.c
    moved = connection.execute(
        update(tables.contents)
        .where(
            c.workspace_id == workspace, c.content_id == content_id, c.version == new.version - 1,
            c.deleted_at.is_(None),
        )
        .values(version=new.version)
    )  # fmt: skip
    if moved.rowcount != 1:
        raise ConflictError(
            f"the content is no longer at version {new.version - 1}.", field="version",
            hint="Somebody changed it since: look at it anew and try again.",
        )  # fmt: skip
    _insert_version(connection, workspace, content_id, new)


def _insert_version(connection: Connection, workspace: str, content_id: str, new: ContentVersion) -> None:
    connection.execute(
        insert(tables.content_versions),
        {
            "workspace_id": workspace, "content_id": content_id, "version": new.version,
            "created_at": new.created_at, "draft": new.model_dump(mode="json", exclude=NOT_DRAFT),
            "receipt_id": new.receipt_id,
        },
    )  # fmt: skip


def _version(
    connection: Connection, workspace: str, wanted: ContentRequest, number: int, now: datetime
) -> ContentVersion:
    draft = wanted.to_draft()
    files = dict.fromkeys(wanted.assets)
    if wanted.thumbnail is not None:
        files[wanted.thumbnail] = None
    must_hold(connection, workspace, list(files))
    files |= dict.fromkeys(_analysed(connection, workspace, wanted.analysis_id))
    return ContentVersion(
        version=number,
        created_at=now,
        planned_at=draft.planned_at,
        title=draft.title,
        text=draft.text,
        hashtags=draft.hashtags,
        media_type=draft.media_type,
        duration_s=draft.duration_s,
        category=draft.category,
        followers=draft.followers,
        analysis_id=draft.analysis_id,
        assets=tuple(files),
        thumbnail=wanted.thumbnail,
    )


def _must_be_known(engine: Engine, connection: Connection, workspace: str, channel_id: str) -> None:
    c = tables.channels.c
    query = select(c.channel_id).where(c.workspace_id == workspace, c.channel_id == channel_id)
    if connection.execute(query).first() is None:
        raise NotFoundError(
            f"no channel {channel_id!r} here.", field="channel",
            hint=near_channels(engine, workspace, channel_id),
        )  # fmt: skip


def must_hold(connection: Connection, workspace: str, sha256s: Sequence[str], field: str = "assets") -> None:
    """Raises NotFoundError for the first file that was never taken in."""
    if not sha256s:
        return
    c = tables.assets.c
    query = select(c.sha256).where(c.workspace_id == workspace, c.sha256.in_(sha256s))
    known = set(connection.execute(query).scalars())
    for sha256 in sha256s:
        if sha256 not in known:
            raise NotFoundError(
                f"no file with the sha256 {sha256} was taken in here.", field=field,
                hint="POST /v1/analyze takes files in.",
            )  # fmt: skip


def _analysed(connection: Connection, workspace: str, analysis_id: str | None) -> list[str]:
    """sha256 of the files that the analysis read. Raises NotFoundError where there is no such analysis."""
    if analysis_id is None:
        return []
    c = tables.analyses.c
    query = select(c.result["files"].label("files")).where(
        c.workspace_id == workspace, c.analysis_id == analysis_id
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(
            f"there is no analysis {analysis_id[:64]!r} here.", field="analysis_id",
            hint="POST /v1/analyze makes one and answers its id.",
        )  # fmt: skip
    return [str(one["file"]["sha256"]) for one in row.files]


def _kept(workspace: str) -> Select[Any]:
    c = tables.contents.c
    columns = (c.content_id, c.channel_id, c.platform, c.created_at, c.post_id)
    return select(*columns).where(c.workspace_id == workspace, c.deleted_at.is_(None))


def _read(connection: Connection, workspace: str, query: Select[Any]) -> list[Content]:
    rows = connection.execute(query).all()
    versions = _versions(connection, workspace, [row.content_id for row in rows])
    return [
        Content(
            content_id=row.content_id,
            channel_id=row.channel_id,
            platform=Platform(row.platform),
            created_at=row.created_at,
            post_id=row.post_id or post_of(connection, workspace, row.channel_id, versions[row.content_id]),
            versions=tuple(versions[row.content_id]),
        )
        for row in rows
    ]


def _versions(
    connection: Connection, workspace: str, content_ids: Sequence[str]
) -> dict[str, list[ContentVersion]]:
    c = tables.content_versions.c
    query = (
        select(c.content_id, c.version, c.created_at, c.draft, c.receipt_id)
        .where(c.workspace_id == workspace, c.content_id.in_(content_ids))
        .order_by(c.content_id, c.version)
    )
    found: dict[str, list[ContentVersion]] = {}
    for row in connection.execute(query):
        told = {
            **row.draft, "version": row.version, "created_at": row.created_at, "receipt_id": row.receipt_id,
        }  # fmt: skip
        found.setdefault(row.content_id, []).append(ContentVersion.model_validate(told))
    return found
