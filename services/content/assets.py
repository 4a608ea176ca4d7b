"""Files by content: their bytes in the blobs, once, and what is known of them in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, Select, select, update

from creatorlens.blobs import BlobStore
from creatorlens.database import tables
from creatorlens.database.engine import insert_ignore
from creatorlens.errors import NotFoundError
from creatorlens.reading.files import FileFacts, FrameHash, Identity
from creatorlens.reading.image import Embedding
from creatorlens.settings import Settings


@dataclass(frozen=True)
class Asset:
    """`name` as it is called now: the same bytes come under many names."""

    file: FileFacts
    blob_key: str
    read_with: str | None = None


@dataclass(frozen=True)
class Summary:
    """What models and searches need of an asset that was read. `read_with` names the extractors that did it."""

    read_with: str
    read_at: datetime
    identity: Identity | None = None
    numbers: Mapping[str, float] | None = None
    picture: Embedding | None = None


def blob_key(sha256: str, folder: str = "assets") -> str:
    return f"{folder}/{sha256[:2]}/{sha256}"


def take_in(engine: Engine, settings: Settings, file: FileFacts, path: Path, now: datetime) -> Asset:
    """Keep the bytes and remember the file. The same bytes again change nothing."""
    key = blob_key(file.sha256)
    BlobStore(settings.blobs).write_file(key, path)
    row = {
        "workspace_id": settings.workspace, "sha256": file.sha256, "kind": file.kind, "mime": file.mime,
        "bytes": file.bytes, "blob_key": key, "first_seen_at": now,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert_ignore(connection, tables.assets), row)
    return Asset(file, key)


def find(engine: Engine, workspace: str, sha256: str, name: str | None = None) -> Asset:
    """Raises NotFoundError where no such bytes were ever taken in."""
    with engine.connect() as connection:
        row = connection.execute(_assets(workspace).where(tables.assets.c.sha256 == sha256)).first()
    if row is None:
        raise NotFoundError(f"no file with the sha256 {sha256} was taken in here.", field="blobs")
    return _asset(row, name)


def of_kinds(
    engine: Engine, workspace: str, current: Mapping[str, str], sha256s: Iterable[str] | None = None
) -> Iterator[Asset]:
    """Assets that `current` (kind -> what reads it now) has not read yet, those of posts first and in order of their
    hash: a run that was cut off goes on where it stopped."""
    c = tables.assets.c
    query = _assets(workspace).where(c.kind.in_(list(current))).order_by(c.sha256)
    chosen = None if sha256s is None else set(sha256s)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    for row in rows:
        if row.read_with != current[row.kind] and (chosen is None or row.sha256 in chosen):
            yield _asset(row, None)


def linked(engine: Engine, workspace: str) -> set[str]:
    """sha256 of every file that belongs to a post."""
    c = tables.post_media.c
    with engine.connect() as connection:
        return set(
            connection.execute(select(c.sha256).where(c.workspace_id == workspace).distinct()).scalars()
        )


def settle(engine: Engine, workspace: str, sha256: str, summary: Summary) -> None:
    """What was read of an asset, in short."""
    identity, picture = summary.identity, summary.picture
    values: dict[str, Any] = {"read_at": summary.read_at, "read_with": summary.read_with}
    if identity is not None:
        values |= {
            "image_hash": identity.image_hash,
            "video_hashes": [one.model_dump() for one in identity.video_hashes] or None,
            "audio_fingerprint": identity.audio_fingerprint,
        }
    values["numbers"] = None if summary.numbers is None else dict(summary.numbers)
    values["picture"] = None if picture is None else np.asarray(picture.vector, "<f4").tobytes()
    values["picture_model"] = None if picture is None else picture.model
    c = tables.assets.c
    with engine.begin() as connection:
        connection.execute(
            update(tables.assets).where(c.workspace_id == workspace, c.sha256 == sha256).values(**values)
        )


def identities(engine: Engine, workspace: str) -> list[tuple[str, Identity]]:
    """What every asset that was read looks and sounds like."""
    c = tables.assets.c
    query = select(c.sha256, c.image_hash, c.video_hashes, c.audio_fingerprint).where(
        c.workspace_id == workspace, c.read_at.is_not(None)
    )
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(c.sha256)).all()
    return [
        (
            row.sha256,
            Identity(
                image_hash=row.image_hash,
                video_hashes=tuple(FrameHash.model_validate(one) for one in row.video_hashes or ()),
                audio_fingerprint=row.audio_fingerprint,
            ),
        )
        for row in rows
        if row.image_hash or row.video_hashes or row.audio_fingerprint
    ]


def pictures_of_channel(
    engine: Engine, workspace: str, channel_id: str, before: datetime, model: str, most: int = 50
) -> list[Embedding]:
    """What the channel's newest posts before then looked like to `model`, newest first."""
    post, link, asset = tables.posts.c, tables.post_media.c, tables.assets.c
    query = (
        select(asset.picture)
        .join(tables.post_media, (link.workspace_id == asset.workspace_id) & (link.sha256 == asset.sha256))
        .join(
            tables.posts,
            (post.workspace_id == link.workspace_id)
            & (post.platform == link.platform)
            & (post.post_id == link.post_id),
        )
        .where(
            post.workspace_id == workspace, post.channel_id == channel_id, post.published_at < before,
            link.role.in_(("thumbnail", "image")), asset.picture_model == model,
        )
        .order_by(post.published_at.desc(), post.post_id)
        .limit(most)
    )  # fmt: skip
    with engine.connect() as connection:
        found = connection.execute(query).scalars().all()
    return [Embedding(vector=tuple(np.frombuffer(one, "<f4").tolist()), model=model) for one in found]


def _assets(workspace: str) -> Select[Any]:
    c = tables.assets.c
    columns = (c.sha256, c.kind, c.mime, c.bytes, c.blob_key, c.read_with)
    return select(*columns).where(c.workspace_id == workspace)


def _asset(row: Any, name: str | None) -> Asset:
    called = name or row.sha256[:12]
    file = FileFacts(name=called, bytes=row.bytes, sha256=row.sha256, kind=row.kind, mime=row.mime)
    return Asset(file, row.blob_key, row.read_with)
