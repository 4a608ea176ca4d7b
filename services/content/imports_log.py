"""The log of imports: one row for each import that changed something."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, Engine, func, insert, select, update

from creatorlens.database import tables
from services.content.batches import Batch
from services.content.reports import ImportReport
from services.content.tables import Kind

_TABLES = {
    Kind.POSTS: tables.posts,
    Kind.CREATORS: tables.channel_stats,
    Kind.OBSERVATIONS: tables.observations,
    Kind.EXPERIMENTS: tables.experiments,
    Kind.MEDIA: tables.post_media,
}


def begin(connection: Connection, batch: Batch, file_name: str, kind: Kind, sha256: str) -> None:
    """The row that the imported rows point to; its counts follow in `finish`."""
    connection.execute(
        insert(tables.imports).values(
            import_id=batch.import_id,
            workspace_id=batch.workspace,
            file_name=file_name,
            sha256=sha256,
            kind=kind.value,
            imported_at=batch.now,
            rows_read=len(batch.frame),
            rows_taken=0,
            rows_unchanged=0,
            rows_quarantined=0,
        )
    )


def finish(connection: Connection, report: ImportReport) -> None:
    connection.execute(
        update(tables.imports)
        .where(tables.imports.c.import_id == report.import_id)
        .values(
            rows_taken=report.rows_taken,
            rows_unchanged=report.rows_unchanged,
            rows_quarantined=report.rows_quarantined,
        )
    )


def latest(engine: Engine, workspace: str, sha256: str) -> str | None:
    """The newest import of a file with this content."""
    c = tables.imports.c
    query = select(c.import_id).where(c.workspace_id == workspace, c.sha256 == sha256)
    with engine.connect() as connection:
        return connection.execute(query.order_by(c.imported_at.desc()).limit(1)).scalar()


def taken_whole(
    engine: Engine, workspace: str, file_name: str, kind: Kind, sha256: str
) -> ImportReport | None:
    """A report where this very file was imported without a bad row and all of its rows are still there:
    then reading it again could change nothing."""
    c = tables.imports.c
    query = select(c.import_id, c.rows_read).where(
        c.workspace_id == workspace, c.sha256 == sha256, c.kind == kind.value, c.rows_read == c.rows_taken
    )
    table = _TABLES[kind]
    with engine.connect() as connection:
        for import_id, rows in connection.execute(query).all():
            count = select(func.count()).select_from(table).where(table.c.import_id == import_id)
            if connection.execute(count).scalar() == rows:
                return replace(_NOTHING, file=file_name, kind=kind.value, import_id=import_id,
                               rows_read=rows, rows_unchanged=rows)  # fmt: skip
    return None


_NOTHING = ImportReport("", "", None, 0, 0, 0, 0, 0)
