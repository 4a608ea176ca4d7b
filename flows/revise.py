"""Posts that have been seen: their forecasts are revised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import flow, task

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.reporting import narrator, table
from flows.retrying import transient

if TYPE_CHECKING:
    from services.insights.revising import ReviseReport


@task(
    task_run_name="revise what was seen",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=3600,
)
def revise_forecasts(platform: Platform | None) -> ReviseReport:
    from services.insights.revising import revise as revise_ledger

    settings = load_settings()
    report = revise_ledger(open_database(settings), settings, platform=platform, progress=narrator())
    narrator()(f"{report.revised:,} forecasts revised, {report.unchanged:,} were revised before")
    return report


@flow(name="revise", flow_run_name="revise forecasts", timeout_seconds=2 * 3600)
def revise(platform: Platform | None = None) -> ReviseReport:
    """Revise the forecast of every post seen since it was forecast. Doing it twice changes nothing."""
    report = revise_forecasts(platform)
    rows: list[dict[str, object]] = [
        {"platform": name, "revised": count} for name, count in report.by_platform.items()
    ]
    table("revisions", rows, "Forecasts made anew from what was seen of their posts.")
    return report
