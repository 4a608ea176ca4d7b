"""Drift reports as kept: append-only, newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select

from creatorlens.api_operations import DriftReport, DriftReports
from creatorlens.database import tables
from creatorlens.platforms import Platform

SHOWN = 50
_IN_RESULT = {"features", "embedding", "errors"}


def record(engine: Engine, workspace: str, report: DriftReport) -> None:
    told = report.model_dump(mode="json", include=_IN_RESULT)
    row: dict[str, Any] = report.model_dump(exclude=_IN_RESULT)
    row |= {"platform": report.platform.value, "workspace_id": workspace, "result": told}
    with engine.begin() as connection:
        connection.execute(tables.drift_reports.insert(), row)


def drift_reports(
    engine: Engine, workspace: str, platform: Platform | None = None, limit: int = SHOWN
) -> DriftReports:
    d = tables.drift_reports.c
    query = select(tables.drift_reports).where(d.workspace_id == workspace)
    if platform is not None:
        query = query.where(d.platform == platform.value)
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(d.created_at.desc(), d.report_id).limit(limit)).all()
    return DriftReports(reports=tuple(_report(row) for row in rows))


def _report(row: Any) -> DriftReport:
    return DriftReport(
        report_id=row.report_id,
        created_at=row.created_at,
        platform=Platform(row.platform),
        model_version=row.model_version,
        window_from=row.window_from,
        window_until=row.window_until,
        retrain=row.retrain,
        reason=row.reason,
        features=row.result["features"],
        embedding=row.result["embedding"],
        errors=row.result["errors"],
    )
