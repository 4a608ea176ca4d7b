"""A look at the models that serve: drift of inputs, embeddings and errors, and whether to train again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import flow, runtime, task

from creatorlens.database import open_database
from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.reporting import markdown, narrator, table
from flows.retrying import transient
from flows.selecting import platforms_with_posts

if TYPE_CHECKING:
    from creatorlens.api_operations import DriftedFeature, DriftReport

SHOWN = 20


def _run_name() -> str:
    platforms = runtime.flow_run.parameters.get("platforms")
    return f"watch {', '.join(platforms) if platforms else 'every platform'}"


@task(
    task_run_name="watch {platform.value}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=3600,
)
def watch_platform(platform: Platform) -> DriftReport | None:
    """None where nothing serves the platform yet."""
    from services.monitoring.watching import watch as look

    settings = load_settings()
    try:
        return look(open_database(settings), settings, platform, progress=narrator())
    except NotReadyError as error:
        narrator()(str(error))
        return None


@flow(name="watch", flow_run_name=_run_name, timeout_seconds=6 * 3600)
def watch(platforms: list[Platform] | None = None) -> list[DriftReport]:
    """Look at the platforms given, or all with posts; each report is kept, and shown as a table."""
    settings = load_settings()
    chosen = platforms or platforms_with_posts(open_database(settings), settings)
    reports = [report for platform in chosen if (report := watch_platform(platform)) is not None]
    for report in reports:
        name, word = report.platform.value, "train again" if report.retrain else "nothing to do"
        narrator()(f"{name}: {word}: {report.reason}")
        markdown(f"watch-{name}", f"**{name} version {report.model_version}**: {word}. {report.reason}.\n")
        every = [*([report.embedding] if report.embedding else []), *report.features]
        rows = [_row(one) for one in sorted(every, key=lambda one: (-one.harm, -one.distance))[:SHOWN]]
        table(f"drift-{name}", rows, "What moved, by how far it moves forecasts (ln).")
    return reports


def _row(one: DriftedFeature) -> dict[str, object]:
    return {
        "feature": one.feature, "words": one.words, "distance": one.distance, "drifted": one.drifted, "harm": one.harm,
    }  # fmt: skip
