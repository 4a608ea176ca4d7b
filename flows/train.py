"""Feature rows to a registered model, platform by platform."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from prefect import flow, runtime, task

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.reporting import link, narrator, run_address, table
from flows.retrying import transient
from flows.selecting import platforms_with_posts

if TYPE_CHECKING:
    from training.train import TrainReport


def _run_name() -> str:
    asked = runtime.flow_run.parameters
    about = ", ".join(asked["platforms"]) if asked.get("platforms") else "every platform"
    until = f" until {str(asked['until'])[:10]}" if asked.get("until") else ""
    return f"train {about}{until}"


@task(
    task_run_name="train {platform.value}",
    retries=1,
    retry_delay_seconds=30,
    retry_condition_fn=transient,
    timeout_seconds=3 * 3600,
)
def train_platform(platform: Platform, until: datetime | None) -> TrainReport:
    from training.train import train_platform as fit_and_register

    settings = load_settings()
    return fit_and_register(open_database(settings), settings, platform, until=until, progress=narrator())


@flow(name="train", flow_run_name=_run_name, timeout_seconds=12 * 3600)
def train(platforms: list[Platform] | None = None, until: datetime | None = None) -> list[TrainReport]:
    """Train on what was known at `until` (default: now) and register; nothing is promoted yet."""
    settings = load_settings()
    platforms = platforms or platforms_with_posts(open_database(settings), settings)
    reports = [train_platform(platform, until) for platform in platforms]
    table("training", [metrics_row(report) for report in reports], "The backtest, against the floor.")
    for report in reports:
        link(f"mlflow-{report.platform}", _address(report), f"{report.model_name} version {report.version}")
    return reports


def metrics_row(report: TrainReport) -> dict[str, object]:
    """What of a training matters at a glance: the model's figures beside the floor's."""
    shown: dict[str, object] = {"platform": report.platform, "version": report.version, "rows": report.rows}
    for name in (
        "n",
        "spearman",
        "mae_ln",
        "within_creator_spearman",
        "coverage80",
        "width80",
        "share_shown",
    ):
        for who in ("", "floor_"):
            if (value := report.metrics.get(f"backtest_{who}{name}")) is not None:
                shown[f"{who}{name}"] = round(value, 4)
    return shown


def _address(report: TrainReport) -> str:
    from training.tracking import connect

    settings = load_settings()
    run = connect(settings).get_run(report.run_id)
    return run_address(settings, run.info.experiment_id, report.run_id)
