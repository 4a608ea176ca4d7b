"""The model of headlines, trained anew on the tests known; the gate decides whether it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import flow, task

from creatorlens.database import open_database
from creatorlens.settings import load_settings
from flows.reporting import narrator, table
from flows.retrying import transient

if TYPE_CHECKING:
    from training.headline_training import HeadlineReport


@task(
    task_run_name="train on tests of headlines",
    retries=1,
    retry_delay_seconds=30,
    retry_condition_fn=transient,
    timeout_seconds=3 * 3600,
)
def train_on_tests(until_week: int | None) -> HeadlineReport:
    from training.headline_training import train_headlines

    settings = load_settings()
    return train_headlines(open_database(settings), settings, until_week, narrator())


@flow(name="headlines", flow_run_name="model of headlines", timeout_seconds=4 * 3600)
def headlines(until_week: int | None = None) -> HeadlineReport:
    """Train and judge. The same tests and code again change nothing."""
    report = train_on_tests(until_week)
    rows: list[dict[str, object]] = [
        {"figure": name, "value": value} for name, value in report.figures.items()
    ]
    table("headlines", rows, f"Version {report.version} {report.decision}: {report.reason}")
    return report
