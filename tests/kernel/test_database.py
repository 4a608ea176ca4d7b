from __future__ import annotations

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, inspect, select, update
from sqlalchemy.exc import DatabaseError, OperationalError, StatementError

from creatorlens.database import open_database, tables
from creatorlens.database.faults import DatabaseUnavailableError, DiskFullError, telling_faults
from creatorlens.settings import Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _channel(**changes: object) -> dict[str, object]:
    row = {"workspace_id": "local", "channel_id": "x:a", "platform": "x", "creator_id": "a"}
    return {**row, "first_imported_at": NOON, **changes}


def test_opening_makes_every_table(engine: Engine) -> None:
    assert set(tables.metadata.tables) <= set(inspect(engine).get_table_names())


def test_opening_again_changes_nothing(engine: Engine, settings: Settings) -> None:
    open_database(settings).dispose()
    with engine.connect() as connection:
        assert connection.execute(select(tables.workspaces.c.workspace_id)).scalars().all() == ["local"]


@pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_processes_may_open_a_new_database_at_once(settings: Settings, backend: str) -> None:
    """As `creatorlens up` does, which starts several."""
    code = "from creatorlens.database import open_database; from creatorlens.settings import load_settings"
    opening = [
        subprocess.Popen(
            [sys.executable, "-c", f"{code}; open_database(load_settings())"],
            env={**os.environ, "CREATORLENS_HOME": str(settings.home), **_url_of(settings)},
            stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    told = [process.communicate(timeout=120)[1] for process in opening]
    assert [process.returncode for process in opening] == [0, 0], told


def _url_of(settings: Settings) -> dict[str, str]:
    return {"CREATORLENS_DATABASE_URL": settings.database} if settings.database_url else {}


def test_times_come_back_in_utc(engine: Engine) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))
    with engine.begin() as connection:
        connection.execute(insert(tables.channels), _channel(first_imported_at=elsewhere))
    with engine.connect() as connection:
        stored = connection.execute(select(tables.channels.c.first_imported_at)).scalar_one()
    assert stored == NOON
    assert stored.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(StatementError, match="zone"):
        connection.execute(insert(tables.channels), _channel(first_imported_at=datetime(2026, 3, 1)))  # noqa: DTZ001


def test_the_ledger_can_only_grow(engine: Engine) -> None:
    grade = {
        "prediction_id": "p", "horizon_h": 24.0, "workspace_id": "local", "graded_at": NOON, "post_id": "1",
        "observation_key": "k", "backfilled": False, "outcome": 1.0, "covered80": True, "ae_ln": 0.1,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(tables.grades), grade)
    for forbidden in (update(tables.grades).values(outcome=2.0), delete(tables.grades)):
        with pytest.raises(DatabaseError), engine.begin() as connection:
            connection.execute(forbidden)
    with engine.connect() as connection:
        assert connection.execute(select(tables.grades.c.outcome)).scalars().all() == [1.0]


def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    with (
        pytest.raises(DiskFullError, match=r"the disk is full: importing x\.csv"),
        telling_faults("importing x.csv"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(FileNotFoundError), telling_faults("reading"):
        (tmp_path / "none").read_bytes()


def test_a_database_out_of_reach_is_told_in_words(tmp_path: Path) -> None:
    nowhere = Settings(home=tmp_path, database_url="postgresql+psycopg://nobody@127.0.0.1:9/none")
    with (
        pytest.raises(DatabaseUnavailableError, match="does not answer"),
        telling_faults("opening the database"),
    ):
        open_database(nowhere)


def test_other_database_errors_pass(engine: Engine) -> None:
    with (
        pytest.raises((OperationalError, DatabaseError)),
        telling_faults("asking"),
        engine.connect() as connection,
    ):
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
