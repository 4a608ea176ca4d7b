"""A full disk and a kill in the middle of an import: a clear message, and as if it had run once."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, select

from creatorlens.database import open_database, tables
from creatorlens.database.faults import DiskFullError
from creatorlens.settings import Settings
from services.content.importing import import_files

NOW = datetime(2026, 6, 1, tzinfo=UTC)
POSTS = 4_000
# What depends on when and how often an import was begun.
OF_THE_RUN = {"import_id", "imported_at", "quarantine_id", "first_imported_at", "created_at"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts, statistics and observations of twenty channels, some of the rows bad."""
    folder = tmp_path_factory.mktemp("corpus")
    draw = np.random.default_rng(7)
    published = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(draw.integers(0, 400, POSTS), unit="D")
    posts = pd.DataFrame(
        {
            "post_id": [f"p{n}" for n in range(POSTS)],
            "platform": "youtube",
            "creator_id": [f"c{n % 20}" for n in range(POSTS)],
            "published_at": published,
            "media_type": "video",
            "title": [f"Title {n} " + "long " * 60 for n in range(POSTS)],
            "duration_s": draw.integers(-3, 900, POSTS).astype(float),
        }
    )
    posts.to_parquet(folder / "posts.parquet")
    seen = posts[["post_id", "platform"]].assign(
        observed_at=published + pd.Timedelta(days=9), views=draw.integers(-5, 5000, POSTS).astype(float)
    )
    seen.to_parquet(folder / "observations.parquet")
    stats = pd.DataFrame({"creator_id": [f"c{n}" for n in range(20)], "platform": "youtube"})
    stats.assign(observed_at=NOW, followers=10.0).to_parquet(folder / "creators.parquet")
    return folder


def _state(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Everything stored, in a fixed order, without what differs from run to run."""
    state = {}
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            columns = [column for column in table.c if column.name not in OF_THE_RUN]
            state[table.name] = sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)
    return state


# --- kill -9 -------------------------------------------------------------------------------------

_IMPORT = """
from datetime import datetime
from pathlib import Path
from creatorlens.database import open_database
from creatorlens.settings import Settings
from services.content.importing import import_files
settings = Settings(home=home, database_url=url)
import_files(open_database(settings), settings, [Path(corpus)], now=datetime.fromisoformat(now))
"""


@pytest.fixture(scope="module")
def workers() -> Any:
    """Processes that have the heavy libraries loaded already, so that a kill hits the import itself."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["services.content.importing", "great_expectations.expectations", "psycopg"]
    )
    return context


def _importing(workers: Any, settings: Settings, corpus: Path) -> Any:
    names = {
        "home": str(settings.home),
        "url": settings.database if settings.database_url else None,
        "corpus": str(corpus),
        "now": NOW.isoformat(),
    }
    process = workers.Process(target=exec, args=(_IMPORT, names))
    process.start()
    return process


def test_a_kill_at_any_moment_leaves_whole_files_only(
    engine: Engine, settings: Settings, corpus: Path, workers: Any, tmp_path: Path
) -> None:
    clean = Settings(home=tmp_path / "clean")
    once = open_database(clean)
    open_database(Settings(home=tmp_path / "warm")).dispose()
    process = _importing(workers, Settings(home=tmp_path / "warm"), corpus)
    process.join(300)  # the first process also waits for the libraries
    started = time.monotonic()
    process = _importing(workers, clean, corpus)
    process.join(300)
    assert process.exitcode == 0
    whole = time.monotonic() - started

    moments = random.Random(11)
    killed = 0
    for part in range(5):
        process = _importing(workers, settings, corpus)
        process.join(whole * (part + moments.random()) / 6)
        if process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
            process.join(60)
            killed += process.exitcode == -signal.SIGKILL
        _files_are_whole(engine, _state(once))
    assert killed >= 3
    import_files(engine, settings, [corpus], now=NOW)
    assert _state(engine) == _state(once)


def _files_are_whole(engine: Engine, complete: dict[str, list[tuple[Any, ...]]]) -> None:
    state = _state(engine)
    for name in ("posts", "observations", "channel_stats"):
        assert state[name] in ([], complete[name]), f"part of {name}"


# --- a disk that fills up ------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 32 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not let us mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_told_and_nothing_is_half_written(
    small_disk: Path, corpus: Path, tmp_path: Path
) -> None:
    settings = Settings(home=small_disk / "home")
    engine = open_database(settings)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 500_000))
    with pytest.raises(
        DiskFullError, match=r"the disk is full: importing posts\.parquet was stopped"
    ) as told:
        import_files(engine, settings, [corpus], now=NOW)
    assert "nothing of it was kept. Make room and run it again" in str(told.value)
    assert {name: len(rows) for name, rows in _state(engine).items() if rows} == {"workspaces": 1}

    ballast.unlink()
    import_files(engine, settings, [corpus], now=NOW)
    elsewhere = Settings(home=tmp_path / "elsewhere")
    once = open_database(elsewhere)
    import_files(once, elsewhere, [corpus], now=NOW)
    assert _state(engine) == _state(once)
    engine.dispose()


def test_the_command_says_that_there_is_no_room_and_exits_1(settings: Settings, corpus: Path) -> None:
    """A limit on the size of files: no root is needed for this one."""
    open_database(settings).dispose()

    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "import", str(corpus)],
        env={**os.environ, "CREATORLENS_HOME": str(settings.home)},
        preexec_fn=no_large_files, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("creatorlens: the disk ")
    assert "nothing of it was kept" in last
    assert done.stdout == ""
