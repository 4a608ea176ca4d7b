"""The real tables, on both databases: what is in them is taken, and taken once."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, func, select

from creatorlens.database import open_database, tables
from creatorlens.database.frames import read_observations
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.content.importing import import_files
from services.content.quality import report_quality

NOW = datetime(2026, 6, 1, tzinfo=UTC)
REDDIT_ROWS = 20_000
# rows of each file, and of each kind those that break a rule
ROWS = {
    "instagram.observations.parquet": 5052,
    "instagram.posts.parquet": 5052,
    "tiktok.observations.parquet": 11142,
    "tiktok.posts.parquet": 10102,
    "upworthy.experiments.parquet": 11524,
    "x_barackobama.observations.parquet": 3207,
    "x_barackobama.posts.parquet": 3207,
    "x_realdonaldtrump.observations.parquet": 3232,
    "x_realdonaldtrump.posts.parquet": 3232,
    "youtube.creators.parquet": 1137,
    "youtube.observations.parquet": 4401,
    "youtube.posts.parquet": 4401,
}
CHANNELS = 45 + 131 + 6883 + 2


@pytest.fixture(scope="module")
def some_reddit(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Part of the largest table, so that the suite stays quick; the whole of it is a benchmark."""
    folder = tmp_path_factory.mktemp("reddit")
    posts = pd.read_parquet(shared_data / "reddit.posts.parquet").tail(REDDIT_ROWS)
    seen = pd.read_parquet(shared_data / "reddit.observations.parquet")
    posts.to_parquet(folder / "reddit.posts.parquet")
    seen[seen["post_id"].isin(posts["post_id"])].to_parquet(folder / "reddit.observations.parquet")
    return sorted(folder.iterdir())


def _counts(engine: Engine) -> dict[str, int]:
    stored = (
        tables.posts, tables.observations, tables.channel_stats, tables.experiments, tables.channels, tables.imports,
        tables.quarantine,
    )  # fmt: skip
    with engine.connect() as connection:
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in stored
        }


def test_every_real_table_is_taken_and_taken_once(
    engine: Engine, settings: Settings, shared_data: Path, some_reddit: list[Path]
) -> None:
    files = [shared_data / name for name in ROWS]
    reports = import_files(engine, settings, files, now=NOW)
    assert {report.file: report.rows_taken for report in reports} == ROWS
    assert all(report.rows_quarantined == 0 and report.remarks == () for report in reports)
    assert sum(report.new_channels for report in reports) == CHANNELS
    posts, seen = import_files(engine, settings, some_reddit, now=NOW)
    assert posts.rows_taken == REDDIT_ROWS
    assert seen.rows_taken + seen.rows_quarantined == REDDIT_ROWS
    assert set(seen.reasons) <= {"counts_not_negative"}

    before = _counts(engine)
    assert before["posts"] == sum(n for name, n in ROWS.items() if ".posts" in name) + REDDIT_ROWS
    again = import_files(engine, settings, [*files, *some_reddit], now=NOW)
    assert [report.rows_taken for report in again] == [0] * len(again)
    assert _counts(engine) == before
    _known_at_is_right(engine, settings.workspace)


def test_the_same_rows_in_another_format_are_unchanged(
    engine: Engine, settings: Settings, shared_data: Path, tmp_path: Path
) -> None:
    names = ["youtube.posts", "youtube.creators", "youtube.observations", "upworthy.experiments"]
    import_files(engine, settings, [shared_data / f"{name}.parquet" for name in names], now=NOW)
    before = _counts(engine)
    for name in names:
        table = pd.read_parquet(shared_data / f"{name}.parquet")
        if "hashtags" in table:
            table["hashtags"] = [" ".join(tags) for tags in table["hashtags"]]
        table.to_csv(tmp_path / f"{name}.csv", index=False, sep=";", encoding="utf-16")
    for report in import_files(engine, settings, [tmp_path], now=NOW):
        assert (report.rows_unchanged, report.rows_quarantined) == (report.rows_read, 0), report
    assert _counts(engine) == before


def _known_at_is_right(engine: Engine, workspace: str) -> None:
    week = pd.Timedelta(days=7)
    tiktok = read_observations(engine, workspace, Platform.TIKTOK)
    looked_back = tiktok["backfilled"]
    mature_at = tiktok["published_at"] + week
    assert looked_back.any()
    assert (tiktok["known_at"] == mature_at.where(looked_back, tiktok["observed_at"])).all()
    assert (tiktok["observed_at"] > mature_at)[looked_back].all()
    # of a post seen twice only the first look can be back-filled
    second = tiktok.sort_values("observed_at").duplicated("post_id")
    assert second.sum() == 1040
    assert not tiktok.loc[second[second].index, "backfilled"].any()

    instagram = read_observations(engine, workspace, Platform.INSTAGRAM)
    assert instagram["backfilled"].all()
    assert instagram["observed_at"].isna().all()
    assert (instagram["known_at"] == instagram["published_at"] + week).all()


def test_data_docs_of_real_tables(settings: Settings, shared_data: Path) -> None:
    engine = open_database(settings)
    names = ("youtube.posts", "youtube.creators", "youtube.observations", "upworthy.experiments")
    import_files(engine, settings, [shared_data / f"{name}.parquet" for name in names], now=NOW)
    report = report_quality(engine, settings, now=NOW)
    found: dict[str, Any] = {table.table: (table.rows, table.failed) for table in report.tables}
    assert found == {
        "posts": (4401, ()),
        "creators": (1137, ()),
        "observations": (4401, ()),
        "experiments": (11524, ()),
        "media": (0, ()),
    }
    pages = {path.stem for path in report.index.parent.rglob("*.html")}
    assert {"index", "overview", "posts", "creators", "observations", "experiments", "media"} <= pages
    links = re.findall(r'href="([^"]+)"', report.index.read_text())
    assert len(links) == 6
    assert all((report.index.parent / link).is_file() for link in links)
    # again: replaced, not piled up
    first = len(list(report.index.parent.rglob("*.html")))
    again = report_quality(engine, settings, now=NOW)
    assert len(list(again.index.parent.rglob("*.html"))) == first
    assert [path.name for path in settings.quality_home.iterdir()] == ["docs"]
