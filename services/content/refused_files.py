"""Files that are not read: kept apart with a reason for machines and words for people, and who had what read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select

from creatorlens.blobs import BlobStore
from creatorlens.database import tables
from creatorlens.database.engine import insert_ignore
from creatorlens.reading.analysis import RefusedFile
from creatorlens.reading.files import Refusal
from creatorlens.settings import Settings
from services.content.assets import blob_key

MOST_KEPT_BYTES = 256 * 1024**2
"""Larger ones are remembered without their bytes: a refused file must not fill the disk."""


@dataclass(frozen=True)
class Quarantined:
    sha256: str
    name: str
    bytes: int
    reason: str
    words: str
    refused_at: datetime


def refuse(engine: Engine, settings: Settings, file: RefusedFile, path: Path | None, now: datetime) -> None:
    """Keep the bytes under quarantine/ and remember why. The same bytes again renew the reason."""
    if file.sha256 is None:
        return
    kept = path is not None and 0 < file.bytes <= MOST_KEPT_BYTES
    key = blob_key(file.sha256, "quarantine") if kept else None
    if kept and path is not None and key is not None:
        BlobStore(settings.blobs).write_file(key, path)
    row = {
        "workspace_id": settings.workspace, "sha256": file.sha256, "name": file.name, "bytes": file.bytes,
        "reason": file.refusal.reason, "words": file.refusal.words, "blob_key": key, "refused_at": now,
    }  # fmt: skip
    c = tables.refused_files.c
    with engine.begin() as connection:
        mine = (c.workspace_id == settings.workspace) & (c.sha256 == file.sha256)
        connection.execute(delete(tables.refused_files).where(mine))
        connection.execute(insert_ignore(connection, tables.refused_files), row)


def admit(engine: Engine, workspace: str, sha256: str) -> None:
    """Was refused, and can be read now."""
    c = tables.refused_files.c
    with engine.connect() as connection:
        known = connection.execute(
            select(c.sha256).where(c.workspace_id == workspace, c.sha256 == sha256)
        ).first()
    if known is not None:
        with engine.begin() as connection:
            connection.execute(
                delete(tables.refused_files).where(c.workspace_id == workspace, c.sha256 == sha256)
            )


def refused_files(engine: Engine, workspace: str, limit: int = 100) -> list[Quarantined]:
    """Newest first."""
    c = tables.refused_files.c
    query = (
        select(c.sha256, c.name, c.bytes, c.reason, c.words, c.refused_at)
        .where(c.workspace_id == workspace)
        .order_by(c.refused_at.desc(), c.sha256)
        .limit(limit)
    )
    with engine.connect() as connection:
        return [Quarantined(*row) for row in connection.execute(query)]


def why(refusal: Refusal) -> str:
    return f"{refusal.reason}: {refusal.words}" + (f" {refusal.hint}" if refusal.hint else "")


@dataclass(frozen=True)
class Use:
    """`outcome`: read, cached, or the reason of the refusal."""

    sha256: str
    name: str
    outcome: str
    seconds: float


def log_use(engine: Engine, workspace: str, source: str, uses: Sequence[Use], now: datetime) -> None:
    """`source`: cli, api or flow."""
    rows = [
        {
            "workspace_id": workspace, "used_at": now, "source": source, "sha256": use.sha256, "name": use.name,
            "outcome": use.outcome, "seconds": use.seconds,
        }
        for use in uses
    ]  # fmt: skip
    if rows:
        with engine.begin() as connection:
            connection.execute(insert(tables.media_usage), rows)
