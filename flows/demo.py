"""The whole way through: tables in, features, models, forecasts before outcomes, grades after them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from prefect import flow

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from flows.analyze import analyze
from flows.featurize import featurize
from flows.forecast import forecast
from flows.grade import grade
from flows.ingest import ingest
from flows.promote import promote
from flows.reporting import narrator
from flows.selecting import newest_weeks, platforms_with_posts
from flows.train import train
from services.content.assets import linked

if TYPE_CHECKING:
    from creatorlens.api import TrackRecord
    from services.analysis.bulk import BulkReport
    from services.content.reports import ImportReport
    from training.promotion import Decision
    from training.train import TrainReport

HELD_BACK_WEEKS = 6
"""Where the tables come without a `later/`, models are trained on all but this many newest weeks."""


@dataclass
class DemoReport:
    """What the demo did; `seconds` by stage."""

    imports: list[ImportReport] = field(default_factory=list)
    trained: dict[Platform, TrainReport] = field(default_factory=dict)
    decisions: dict[Platform, Decision] = field(default_factory=dict)
    forecasts: list[dict[str, object]] = field(default_factory=list)
    track_record: TrackRecord | None = None
    files: BulkReport | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        narrator()(f"== {name}")
        started = time.monotonic()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0) + time.monotonic() - started, 1)


@flow(name="demo", flow_run_name="demo on {tables.name}", timeout_seconds=12 * 3600)
def demo(tables: Path, cut: datetime | None = None, embeddings: bool = True) -> DemoReport:
    """The main job on a folder of canonical tables. Whatever is unchanged since the last time is skipped.

    `cut`: models know only what was known then, and posts from then on are forecast. Tables in `later/`
    are forecast from their files and imported only afterwards.
    """
    report = DemoReport()
    later = sorted((tables / "later").glob("*.*"))
    settings = load_settings()
    with report.stage("import and validation"):
        report.imports += ingest(_tables(tables))
    engine = open_database(settings)
    if linked(engine, settings.workspace):
        with report.stage("reading files"):
            report.files = analyze()
    with report.stage("features"):
        featurize(embeddings=embeddings)
    for platform in platforms_with_posts(engine, settings):
        since = cut or newest_weeks(engine, settings, platform, HELD_BACK_WEEKS)
        with report.stage("training and registration"):
            report.trained[platform] = train([platform], until=since)[0]
        with report.stage("promotion"):
            report.decisions[platform] = promote(platform, report.trained[platform].version)
        with report.stage("forecasts"):
            report.forecasts += forecast(since, [platform], files=later or None)
    if later:
        with report.stage("import of what came later"):
            report.imports += ingest(later)
    with report.stage("grading"):
        report.track_record = grade()
    if later:
        with report.stage("features of what came later"):
            featurize(embeddings=embeddings)
    return report


def _tables(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".parquet", ".csv"})
