"""Featurizing again: after more was imported, after time has passed, after a kill -9."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features import featurize as module
from features.feature_store import OnlineStore
from features.featurize import featurize
from features.manifest import read_manifest
from features.rows import labelled_rows, training_rows

REPO = Path(__file__).parents[2]


def computed(tables: Any) -> pd.DataFrame:
    return labelled_rows(tables.posts, tables.observations, tables.stats, tables.channels, tables.platform)


def halves(tables: Any) -> tuple[Any, Any]:
    """The tables cut at the middle post; the second half's stats come with the first."""
    middle = tables.posts["published_at"].quantile(0.5)
    old = tables.posts["published_at"] <= middle
    seen = tables.observations["post_id"].isin(tables.posts.loc[old, "post_id"])
    first = replace(tables, posts=tables.posts[old], observations=tables.observations[seen])
    second = replace(
        tables, posts=tables.posts[~old], observations=tables.observations[~seen], stats=tables.stats.head(0)
    )
    return first, second


def test_more_posts_are_taken_up_on_either_database(
    engine: Engine, settings: Settings, made_up: Callable[..., Any], fill: Callable[..., None]
) -> None:
    tables = made_up(2, posts=60)
    first, second = halves(tables)
    fill(engine, settings.workspace, first)
    featurize(engine, settings, tables.platform, embeddings=False)
    pd.testing.assert_frame_equal(training_rows(settings, tables.platform), computed(first), check_exact=True)
    online = OnlineStore(settings, clock=iter(range(0, 10_000, 10)).__next__)
    before = online.read("channel_history", ["youtube:c0"]).loc[0, "n_posts"]
    fill(engine, settings.workspace, second, import_id="import-2")
    report = featurize(engine, settings, tables.platform, embeddings=False)
    assert not report.skipped
    assert report.posts == 60
    pd.testing.assert_frame_equal(
        training_rows(settings, tables.platform), computed(tables), check_exact=True
    )
    after = online.read("channel_history", ["youtube:c0"]).loc[0, "n_posts"]
    assert before < after == (tables.posts["channel_id"] == "youtube:c0").sum()
    kept = list((settings.features_home / "generations").iterdir())
    assert len(kept) == 1


def test_backfilled_outcomes_go_online_when_their_time_has_come(
    settings: Settings,
    made_up: Callable[..., Any],
    fill: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = made_up(4, posts=60)
    engine = open_database(settings)
    fill(engine, settings.workspace, tables)

    class Clock(module.datetime):
        moment = tables.posts["published_at"].quantile(0.5).to_pydatetime()

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls.moment

    monkeypatch.setattr(module, "datetime", Clock)
    featurize(engine, settings, tables.platform, embeddings=False)
    manifest = read_manifest(settings, tables.platform)
    assert manifest is not None
    assert manifest.next_event_at is not None
    early = OnlineStore(settings).read("platform_level", ["youtube"])
    Clock.moment = tables.observations["known_at"].max().to_pydatetime()
    assert featurize(engine, settings, tables.platform, embeddings=False).skipped
    late = OnlineStore(settings).read("platform_level", ["youtube"])
    last = pd.read_parquet(settings.features_home / "current" / "youtube" / "platform_level.parquet").iloc[-1]
    assert late.loc[0, "level_ln"] == last["level_ln"] != early.loc[0, "level_ln"]


RUN = """
import sys
from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.settings import load_settings
from features.featurize import featurize
settings = load_settings()
featurize(open_database(settings), settings, Platform.YOUTUBE, embeddings=False,
          progress=lambda line: print(line, flush=True))
"""


def killed_at(settings: Settings, line: str) -> None:
    """A real process, killed with -9 as soon as it prints a line with these words."""
    environment = os.environ | {"CREATORLENS_HOME": str(settings.home)}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN], cwd=REPO, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    reached = any(line in printed for printed in process.stdout)
    process.send_signal(signal.SIGKILL)
    process.wait()
    watchdog.cancel()
    assert reached, "the process never came to the moment of the kill"


@pytest.mark.parametrize("moment", ["text, calendar", "rows of term_history online"])
def test_killed_in_the_middle_the_old_or_the_new_is_there_and_the_next_run_completes(
    settings: Settings, made_up: Callable[..., Any], fill: Callable[..., None], moment: str
) -> None:
    tables = made_up(6, posts=400, channels=3)
    first, second = halves(tables)
    engine = open_database(settings)
    fill(engine, settings.workspace, first)
    featurize(engine, settings, tables.platform, embeddings=False)
    fill(engine, settings.workspace, second, import_id="import-2")
    killed_at(settings, moment)
    between = training_rows(settings, tables.platform)
    whole = computed(first if len(between) == len(computed(first)) else tables)
    pd.testing.assert_frame_equal(between, whole, check_exact=True)
    assert not featurize(engine, settings, tables.platform, embeddings=False).skipped
    pd.testing.assert_frame_equal(
        training_rows(settings, tables.platform), computed(tables), check_exact=True
    )
    online = OnlineStore(settings).read("channel_history", ["youtube:c0", "youtube:c1"])
    last = pd.read_parquet(settings.features_home / "current" / "youtube" / "channel_history.parquet")
    expected = last.drop_duplicates("channel_id", keep="last").head(2)["floor"]
    assert online["floor"].tolist() == expected.tolist()
    assert [
        folder.name for folder in (settings.features_home / "generations").iterdir() if folder.name[0] == "."
    ] == []


def test_a_full_disk_is_told_and_the_old_features_stay(
    settings: Settings, made_up: Callable[..., Any], fill: Callable[..., None]
) -> None:
    """A limit on the size of files: no root is needed for it."""
    tables = made_up(9, posts=400, channels=3)
    first, second = halves(tables)
    engine = open_database(settings)
    fill(engine, settings.workspace, first)
    featurize(engine, settings, tables.platform, embeddings=False)
    fill(engine, settings.workspace, second, import_id="import-2")
    before = read_manifest(settings, Platform.YOUTUBE)

    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "featurize", "--platform", "youtube", "--no-embeddings"],
        env=os.environ | {"CREATORLENS_HOME": str(settings.home)},
        cwd=REPO, preexec_fn=no_large_files, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "the disk" in done.stderr
    assert "featurizing youtube was stopped" in done.stderr
    assert read_manifest(settings, Platform.YOUTUBE) == before
    pd.testing.assert_frame_equal(training_rows(settings, tables.platform), computed(first), check_exact=True)
    assert not featurize(engine, settings, tables.platform, embeddings=False).skipped


def test_killed_before_anything_was_there(
    settings: Settings, made_up: Callable[..., Any], fill: Callable[..., None]
) -> None:
    tables = made_up(8, posts=50)
    engine = open_database(settings)
    fill(engine, settings.workspace, tables)
    killed_at(settings, "history of")
    assert read_manifest(settings, Platform.YOUTUBE) is None
    featurize(engine, settings, tables.platform, embeddings=False)
    pd.testing.assert_frame_equal(
        training_rows(settings, tables.platform), computed(tables), check_exact=True
    )
