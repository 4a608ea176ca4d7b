"""Bad rows are kept apart with the rule they broke, once for each file, until the file is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, delete, func, select

from creatorlens.database import tables
from services.content import storing
from services.content.batches import Batch

SHOWN_CHARS = 300
"""A stored copy is for recognising a row, not for keeping a 10 MB title."""


@dataclass(frozen=True)
class QuarantinedRow:
    file: str
    kind: str
    row_number: int
    expectation: str
    detail: str
    row: dict[str, Any]
    imported_at: datetime


def reconcile(
    connection: Connection, batch: Batch, kind: str, sha256: str, raw: pd.DataFrame, failed: pd.DataFrame
) -> bool:
    """Make the quarantine of this file (known by its hash) hold `failed` and nothing else.

    `failed`: index = row of the file, columns expectation and detail. True where something changed.
    """
    before = _of_file(connection, batch.workspace, kind, sha256)
    expectation = failed["expectation"]
    still = before["row_number"].map(expectation) == before["expectation"]
    gone = before.loc[~still, "quarantine_id"].tolist()
    q = tables.quarantine.c
    for at in range(0, len(gone), storing.KEYS_AT_ONCE):
        ids = gone[at : at + storing.KEYS_AT_ONCE]
        connection.execute(delete(tables.quarantine).where(q.quarantine_id.in_(ids)))
    new = failed.loc[~failed.index.isin(before.loc[still, "row_number"])]
    rows = pd.DataFrame(
        {
            "workspace_id": batch.workspace,
            "import_id": batch.import_id,
            "kind": kind,
            "row_number": new.index,
            "expectation": new["expectation"].to_numpy(),
            "detail": [detail.replace("\x00", "") for detail in new["detail"]],
            "row": [_copy(raw.loc[row].to_dict()) for row in new.index],
        }
    )
    storing.insert_frame(connection, tables.quarantine, rows)
    return bool(gone) or len(new) > 0


def quarantined(engine: Engine, workspace: str, limit: int) -> tuple[list[QuarantinedRow], dict[str, int]]:
    """The newest rows in quarantine, and how many there are of each expectation."""
    q, i = tables.quarantine.c, tables.imports.c
    rows = (
        select(i.file_name, q.kind, q.row_number, q.expectation, q.detail, q.row, i.imported_at)
        .join(tables.imports, q.import_id == i.import_id)
        .where(q.workspace_id == workspace)
        .order_by(q.quarantine_id.desc())
        .limit(limit)
    )
    counts = select(q.expectation, func.count()).where(q.workspace_id == workspace).group_by(q.expectation)
    with engine.connect() as connection:
        found = [QuarantinedRow(*row) for row in connection.execute(rows)]
        counted = connection.execute(counts.order_by(q.expectation)).all()
    by_expectation = {str(name): int(count) for name, count in counted}
    return found, by_expectation


def _of_file(connection: Connection, workspace: str, kind: str, sha256: str) -> pd.DataFrame:
    q, i = tables.quarantine.c, tables.imports.c
    return storing.fetch(
        connection,
        select(q.quarantine_id, q.row_number, q.expectation)
        .join(tables.imports, q.import_id == i.import_id)
        .where(q.workspace_id == workspace, q.kind == kind, i.sha256 == sha256),
    )


def _copy(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or isinstance(value, bool):
        return None if value is pd.NaT else value
    if isinstance(value, (int, float)):
        if value != value or abs(value) == float("inf"):
            return None if value != value else str(value)
        return value
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    text = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}… ({len(text):,} characters)"
