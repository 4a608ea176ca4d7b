"""Outcomes meet forecasts; the track record afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import flow, task

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.reporting import narrator, table
from flows.retrying import transient

if TYPE_CHECKING:
    from creatorlens.api import TrackRecord
    from services.insights.grading import GradeReport


@task(
    task_run_name="grade what has come in",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=3600,
)
def grade_outcomes(platform: Platform | None) -> GradeReport:
    from services.insights.grading import grade as grade_ledger

    settings = load_settings()
    report = grade_ledger(open_database(settings), settings, platform)
    narrator()(f"{report.graded:,} graded, {report.waiting:,} waiting for their outcome")
    return report


@flow(name="grade", flow_run_name="grade forecasts", timeout_seconds=2 * 3600)
def grade(platform: Platform | None = None) -> TrackRecord:
    """Grade what can be graded and sum up how the forecasts came out, those behind applied suggestions apart. Doing it twice
    changes nothing."""
    from services.advice.receipts import receipt_record
    from services.analytics.track_record import track_record

    grade_outcomes(platform)
    settings = load_settings()
    engine = open_database(settings)
    record = track_record(engine, settings, platform)
    table(
        "track-record", track_rows(record), "Coverage and skill against the floor, by platform and horizon."
    )
    applied = receipt_record(engine, settings.workspace)
    if applied.receipts:
        narrator()(f"{applied.graded} of {applied.receipts} applied suggestions have their outcome")
        table("receipts", [applied.model_dump()], "Forecasts with and without the change, against outcomes.")
    return record


def track_rows(record: TrackRecord) -> list[dict[str, object]]:
    return [
        {
            "platform": one.platform.value if one.platform else "all",
            "horizon_h": one.horizon_h,
            "made": one.made,
            "outcomes": one.outcomes,
            **one.skill.model_dump(),
        }
        for one in record.by_horizon
    ]
