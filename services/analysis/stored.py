"""Analyses as they were made, by id."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Engine, insert, select

from creatorlens.database import tables
from creatorlens.errors import NotFoundError
from creatorlens.reading.analysis import Analysis


def store(engine: Engine, workspace: str, analysis: Analysis) -> None:
    row = {
        "analysis_id": analysis.analysis_id, "workspace_id": workspace, "created_at": analysis.created_at,
        "platform": analysis.platform, "channel_id": analysis.channel_id,
        "result": analysis.model_dump(mode="json"),
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(tables.analyses), row)


def stored_analysis(engine: Engine, workspace: str, analysis_id: str) -> Analysis:
    """Raises NotFoundError."""
    c = tables.analyses.c
    with engine.connect() as connection:
        row = connection.execute(
            select(c.result).where(c.workspace_id == workspace, c.analysis_id == analysis_id)
        ).first()
    if row is None:
        raise NotFoundError(f"there is no analysis {analysis_id[:64]!r} here.", field="analysis_id")
    return Analysis.model_validate(row.result)


def known_analyses(engine: Engine, workspace: str, analysis_ids: Iterable[str]) -> set[str]:
    """Those of the ids that are stored."""
    c = tables.analyses.c
    query = select(c.analysis_id).where(c.workspace_id == workspace, c.analysis_id.in_(set(analysis_ids)))
    with engine.connect() as connection:
        return set(connection.execute(query).scalars())
