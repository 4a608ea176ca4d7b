"""A draft that names an analysis is forecast with what the analysis read."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, insert

from creatorlens.database import tables
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from services.insights.draft_media import with_media
from services.insights.jobs import Job

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def asking(analysis_id: str | None) -> Job:
    return Job(
        Draft("youtube:ann", Platform.YOUTUBE, NOON, title="A title", analysis_id=analysis_id), (24.0,)
    )


def test_numbers_of_the_analysis_come_with_the_draft_and_missing_ones_do_not(engine: Engine) -> None:
    features = {"image_faces": 2.0, "image_brightness": 0.25, "audio_lufs": None}
    with engine.begin() as connection:
        connection.execute(
            insert(tables.analyses).values(
                analysis_id="a1", workspace_id="local", created_at=NOON, result={"features": features}
            )
        )
    jobs, unknown = with_media(engine, "local", [asking(None), asking("a1"), asking("a2")])
    assert [dict(job.draft.media) for job in jobs] == [{}, {"image_faces": 2.0, "image_brightness": 0.25}, {}]
    assert list(unknown) == [2]
    assert unknown[2].field == "analysis_id"
    assert "a2" in str(unknown[2])


def test_an_analysis_of_another_workspace_is_unknown(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(tables.workspaces).values(workspace_id="other", created_at=NOON))
        connection.execute(
            insert(tables.analyses).values(
                analysis_id="a1",
                workspace_id="other",
                created_at=NOON,
                result={"features": {"image_faces": 1}},
            )
        )
    _, unknown = with_media(engine, "local", [asking("a1")])
    assert list(unknown) == [0]
