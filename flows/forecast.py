"""Forecasts into the ledger: posts of a file before they are imported, or the newest ones that were."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from prefect import flow, runtime, task

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.reporting import narrator, table
from flows.retrying import transient
from flows.selecting import platforms_with_posts, posts_in_files, posts_since, without_forecasts


def _run_name() -> str:
    asked = runtime.flow_run.parameters
    about = ", ".join(asked["platforms"]) if asked.get("platforms") else "every platform"
    return f"forecast {about} from {str(asked['since'])[:10]} on"


@task(
    task_run_name="forecast {platform.value}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=3600,
)
def forecast_platform(
    platform: Platform, since: datetime, files: list[Path] | None, limit: int
) -> dict[str, object]:
    from services.insights.predicting import predict_posts
    from services.insights.registry import ChampionSource

    settings = load_settings()
    engine, source, say = open_database(settings), ChampionSource(settings), narrator()
    served = source.current(platform)
    if files is None:
        asked = posts_since(engine, settings, platform, since, limit)
    else:
        asked = posts_in_files(files, platform)
    new = without_forecasts(engine, settings, platform, asked, served.model_version)
    if new.empty:
        say(f"{platform.value}: all {len(asked):,} posts were forecast before, skipped")
    else:
        at: Literal["published"] | datetime = "published" if files is None else since
        predict_posts(engine, settings, new, at, source=source, progress=say)
    return {
        "platform": platform.value,
        "serves": served.serves,
        "model": f"{served.model_name}/{served.model_version}",
        "posts": len(asked),
        "forecast_now": len(new),
    }


@flow(name="forecast", flow_run_name=_run_name, timeout_seconds=3 * 3600)
def forecast(
    since: datetime,
    platforms: list[Platform] | None = None,
    files: list[Path] | None = None,
    limit: int = 2000,
) -> list[dict[str, object]]:
    """Forecast posts, each once, into the ledger.

    Posts of `files` with what was known at `since` (a plan for the time after it), imported posts published
    from `since` on with what was known when each was published.
    """
    settings = load_settings()
    platforms = platforms or platforms_with_posts(open_database(settings), settings)
    made = [forecast_platform(platform, since, files, limit) for platform in platforms]
    table("forecasts", made, "Posts forecast, by platform, and what served.")
    return made
