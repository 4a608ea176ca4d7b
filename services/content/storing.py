"""Many rows in and out of the database at once, the same way on SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import JSON, ColumnElement, Connection, Select, Table, text

# Rows in one statement; more costs memory and wins nothing.
CHUNK = 10_000
# SQLite takes at most 32,766 values in one statement.
KEYS_AT_ONCE = 5_000
# SQLite's own 2 MiB hold no index of 400,000 posts.
SQLITE_CACHE_KIB = 256 * 1024
# From here on one scan of the platform's rows is cheaper than looking up each key.
SCAN_FROM = 20_000


def prepare_import(connection: Connection, workspace: str) -> None:
    """One import at a time in a workspace (SQLite lets only one write anyway), and room for its indexes
    in memory."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}")
    if connection.dialect.name == "postgresql":
        key = zlib.crc32(f"creatorlens import {workspace}".encode())
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def insert_frame(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Insert `frame`, whose columns are those of `table`. NaN, NaT and None become NULL.

    Values go to the driver as it stores them: SQLAlchemy's conversion of each value costs more than
    the rest of an import.
    """
    names = list(frame.columns)
    keys = [
        column.name for column in table.primary_key if column.name in names and column.name != "workspace_id"
    ]
    if keys:
        # rows in the order of their index write it page by page instead of all over
        frame = frame.sort_values(keys)
    for start in range(0, len(frame), CHUNK):
        rows = frame.iloc[start : start + CHUNK]
        columns = [_as_stored(connection, table, rows[name]) for name in names]
        _insert(connection, table, names, list(zip(*columns, strict=True)))


def _insert(connection: Connection, table: Table, names: list[str], rows: list[tuple[Any, ...]]) -> None:
    quoted = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name == "postgresql":
        # COPY is several times faster than INSERT
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({quoted}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" for _ in names)
        # names of our own tables and columns only
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks})', rows)  # noqa: S608


def _as_stored(connection: Connection, table: Table, column: pd.Series) -> list[Any]:
    if isinstance(table.c[column.name].type, JSON):
        return ["[]" if value == [] else json.dumps(value) for value in column.tolist()]
    if pd.api.types.is_datetime64_any_dtype(column):
        if connection.dialect.name == "sqlite":
            # what SQLAlchemy's DateTime writes there
            return [None if t is None else t.replace("T", " ") for t in _iso(column)]
        return [None if value is pd.NaT else value.to_pydatetime() for value in column.tolist()]
    if pd.api.types.is_float_dtype(column):
        return [None if value != value else value for value in column.tolist()]
    return column.tolist()


def fetch(connection: Connection, query: Select[Any], times: Sequence[str] = ()) -> pd.DataFrame:
    """The result as a frame; `times` become datetime64[us, UTC]."""
    result = connection.execute(query)
    names = list(result.keys())
    frame = pd.DataFrame.from_records(result.fetchall(), columns=names)
    for name in times:
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame


def fetch_for_keys(
    connection: Connection,
    query: Select[Any],
    scope: ColumnElement[bool],
    column: ColumnElement[Any],
    keys: Sequence[str],
    times: Sequence[str] = (),
) -> pd.DataFrame:
    """Rows of `query` within `scope` whose `column` is one of `keys`."""
    wanted = list(dict.fromkeys(keys))
    if len(wanted) >= SCAN_FROM:
        return fetch(connection, query.where(scope), times)
    parts = [
        fetch(connection, query.where(scope, column.in_(wanted[at : at + KEYS_AT_ONCE])), times)
        for at in range(0, max(len(wanted), 1), KEYS_AT_ONCE)
    ]
    filled = [part for part in parts if not part.empty]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def fingerprints(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """sha256 of the named columns of each row; equal values give equal fingerprints on any machine."""
    parts = [_as_strings(frame[name]) for name in columns]
    return pd.Series([_digest(row) for row in zip(*parts, strict=True)], index=frame.index, dtype=object)


def _digest(row: tuple[str, ...]) -> str:
    # errors: a lone surrogate must not stop an import
    return hashlib.sha256("\x1f".join(row).encode("utf-8", "surrogatepass")).hexdigest()


def _as_strings(column: pd.Series) -> Iterator[str] | list[str]:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.astype("datetime64[us, UTC]").astype("int64").astype(str).tolist()
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy("float64")
        if np.isnan(values).all():
            return [""] * len(values)
        return ["" if value != value else repr(value) for value in values.tolist()]
    return [
        ""
        if value is None or value != value
        else "\x1e".join(value)
        if isinstance(value, list)
        else str(value)
        for value in column.tolist()
    ]


def all_at(now: datetime, index: pd.Index) -> pd.Series:
    """One time for every row."""
    return pd.Series(pd.Timestamp(now).tz_convert("UTC"), index=index, dtype="datetime64[us, UTC]")


def moments(times: pd.Series) -> pd.Series:
    """ISO 8601 with microseconds, as keys: `2025-05-29T15:38:41.000000Z`; None where unknown."""
    keys = [None if time is None else f"{time}Z" for time in _iso(times)]
    return pd.Series(keys, index=times.index, dtype=object)


def _iso(times: pd.Series) -> list[str | None]:
    """Times in UTC without a zone. numpy's conversion is ten times as fast as strftime."""
    plain = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    text: list[str] = np.datetime_as_string(plain, unit="us").tolist()
    return [None if time == "NaT" else time for time in text]
