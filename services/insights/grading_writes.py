"""Grades into the database: one transaction, the driver's own many-row insert, in the order of the key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine

from creatorlens.database import tables
from services.insights.grading_reads import uncollected

MISSING = ("observed_age_h", "floor_ae_ln")
"""Columns in which a number may be missing."""


def write(engine: Engine, workspace: str, graded: pd.DataFrame, now: datetime) -> None:
    """One that is there already is left as it is."""
    if graded.empty:
        return
    ordered = graded.sort_values(["prediction_id", "horizon_h"], kind="stable")
    columns = [_plain(ordered[name], missing=name in MISSING) for name in ordered.columns]
    with uncollected(), engine.begin() as connection:
        fixed = [workspace, _bound(connection, now)]
        names = [*ordered.columns, "workspace_id", "graded_at"]
        rows = [(*row, *fixed) for row in zip(*columns, strict=True)]
        connection.exec_driver_sql(_insert(connection, names), rows)


def _insert(connection: Connection, names: list[str]) -> str:
    """Positional marks in the driver's style."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    into = f"{tables.grades.name} ({', '.join(names)})"
    return f"INSERT INTO {into} VALUES ({', '.join([mark] * len(names))}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names


def _plain(values: pd.Series, *, missing: bool) -> list[Any]:
    if missing:
        return values.astype(object).where(np.isfinite(values.to_numpy(float)), None).tolist()
    return values.tolist()


def _bound(connection: Connection, moment: datetime) -> Any:
    """The moment as the driver takes it."""
    kind = tables.grades.c.graded_at.type.dialect_impl(connection.dialect)
    processor = kind.bind_processor(connection.dialect)
    return processor(moment) if processor else moment
