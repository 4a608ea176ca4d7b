"""What an analysis read from a draft's files, brought to its forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.errors import NotFoundError
from services.insights.jobs import Job


def with_media(
    engine: Engine, workspace: str, jobs: Sequence[Job]
) -> tuple[list[Job], dict[int, NotFoundError]]:
    """The jobs, with the numbers of the analyses their drafts name; and by place those that name an unknown one."""
    wanted = {job.draft.analysis_id for job in jobs if job.draft.analysis_id is not None}
    if not wanted:
        return list(jobs), {}
    c = tables.analyses.c
    query = select(c.analysis_id, c.result["features"].label("features"))
    with engine.connect() as connection:
        found = connection.execute(query.where(c.workspace_id == workspace, c.analysis_id.in_(wanted)))
        media = {
            row.analysis_id: tuple((name, value) for name, value in row.features.items() if value is not None)
            for row in found
        }
    told, unknown = [], {}
    for i, job in enumerate(jobs):
        name = job.draft.analysis_id
        if name is not None and name not in media:
            unknown[i] = NotFoundError(
                f"there is no analysis {name[:64]!r} here.",
                field="analysis_id",
                hint="POST /v1/analyze makes one and answers its id.",
            )
        told.append(
            job if name is None else replace(job, draft=replace(job.draft, media=media.get(name, ())))
        )
    return told, unknown
