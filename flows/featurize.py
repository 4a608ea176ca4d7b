"""Database to feature store, platform by platform."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from prefect import flow, runtime, task

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.reporting import narrator, table
from flows.retrying import transient
from flows.selecting import count_posts, platforms_with_posts

if TYPE_CHECKING:
    from features.featurize import FeaturizeReport

EMBED_BELOW = 50_000
"""A sentence embedding costs about 5 ms: above this many posts they are a step of their own."""


def _run_name() -> str:
    platforms = runtime.flow_run.parameters.get("platforms")
    return f"featurize {', '.join(platforms) if platforms else 'every platform'}"


@task(
    task_run_name="featurize {platform.value}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=3 * 3600,
)
def featurize_platform(platform: Platform, embeddings: bool) -> FeaturizeReport:
    from features.featurize import featurize as write_features

    settings = load_settings()
    return write_features(
        open_database(settings), settings, platform, embeddings=embeddings, progress=narrator()
    )


@task(task_run_name="learn topics", retries=1, retry_condition_fn=transient, timeout_seconds=3600)
def learn_topics() -> None:
    """Of the workspace's own posts, for whoever reads words; unchanged posts are not learned from again."""
    from features.absent import Absent
    from features.nlp.workspace_topics import learn_topics as learn

    settings = load_settings()
    found = learn(open_database(settings), settings, progress=narrator())
    if isinstance(found, Absent):
        narrator()(f"topics: {found.reason}")


@flow(name="featurize", flow_run_name=_run_name, timeout_seconds=6 * 3600)
def featurize(platforms: list[Platform] | None = None, embeddings: bool = True) -> list[FeaturizeReport]:
    """Features of the platforms given, or of all with posts. Unchanged platforms are skipped."""
    settings = load_settings()
    engine = open_database(settings)
    reports = []
    for platform in platforms or platforms_with_posts(engine, settings):
        embed = embeddings and count_posts(engine, settings, platform) < EMBED_BELOW
        reports.append(featurize_platform(platform, embed))
    if embeddings:
        learn_topics()
    table("features", [asdict(report) for report in reports], "What is in the feature store, by platform.")
    return reports
