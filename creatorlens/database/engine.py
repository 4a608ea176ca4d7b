"""Opening the database: create, migrate to the newest revision, hand out an engine."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from creatorlens.database import tables
from creatorlens.settings import Settings

# A writer waits this long for another's transaction (an import may hold it for half a minute).
BUSY_TIMEOUT_S = 120

IMMEDIATE = {"sqlite_immediate": True}
"""Execution options of a transaction that reads before it writes: on SQLite it takes the write lock first,
since a reader cannot become a writer once another has written."""

_MIGRATION_LOCK = 7_306_001


def open_database(settings: Settings) -> Engine:
    """An engine on a database at the newest migration, with the settings' workspace in it."""
    # A query fails while another thread is half-way through importing sqlalchemy.orm (as MLflow does).
    import sqlalchemy.orm  # noqa: F401

    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(engine, "connect", _sqlite_pragmas)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        engine = create_engine(url, pool_pre_ping=True)
    migrate(engine)
    _ensure_workspace(engine, settings.workspace)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the database to the newest revision; nothing happens where it is there already."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        # another process may have been first; Alembic then finds nothing to do
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def insert_ignore(connection: Connection, table: Any) -> Any:
    """An INSERT that leaves an existing row (same primary key) as it is."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing()


def _sqlite_pragmas(connection: sqlite3.Connection, _: Any) -> None:
    # The driver's own BEGIN comes too late for DDL in a transaction; we send our own (below).
    connection.isolation_level = None
    cursor = connection.cursor()
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    at_once = connection.get_execution_options().get("sqlite_immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if at_once else "BEGIN")


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switching needs the file alone and does not wait for it by itself; it happens once in its life."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _ensure_workspace(engine: Engine, workspace: str) -> None:
    from datetime import UTC, datetime

    with engine.connect() as connection:
        known = connection.execute(
            select(tables.workspaces.c.workspace_id).where(tables.workspaces.c.workspace_id == workspace)
        ).first()
    if known is None:
        with engine.begin() as connection:
            connection.execute(
                insert_ignore(connection, tables.workspaces),
                {"workspace_id": workspace, "created_at": datetime.now(UTC)},
            )
