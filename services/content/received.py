"""Observations that were sent rather than imported as a file: stored by the same import, row by row."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.quality.rules import Limits, rules
from services.content.importing import import_file
from services.content.reading import file_hash, inspect
from services.content.reports import ImportReport
from services.content.tables import COUNTS, SPECS, Kind

_GIVEN = ("post_id", "observed_at", *COUNTS)


@dataclass(frozen=True)
class Refused:
    """`index` from 0; `rule` is the expectation it failed first; `field` None where the whole row is at fault."""

    index: int
    field: str | None
    rule: str
    reason: str


@dataclass(frozen=True)
class Received:
    report: ImportReport
    refused: tuple[Refused, ...]


def receive_observations(
    engine: Engine,
    settings: Settings,
    platform: Platform,
    rows: Sequence[Mapping[str, Any]],
    *,
    now: datetime | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Received:
    """rows: post_id, observed_at and counts, as they were told. Bad rows go to quarantine, the others are stored; the
    same rows again change nothing. Raises DiskFullError where there is no room."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="received-", dir=settings.home) as folder:
        path = Path(folder) / f"webhook.{platform.value}.observations.csv"
        _write(path, platform, rows)
        sha256 = file_hash(path)
        source = inspect(path, settings.max_import_bytes)
        report = import_file(engine, settings, source, say, now or datetime.now(UTC))
    return Received(report, tuple(_refused(engine, settings, sha256)))


def _write(path: Path, platform: Platform, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*SPECS[Kind.OBSERVATIONS].names])
        for row in rows:
            told = {name: row.get(name) for name in _GIVEN} | {"platform": platform.value}
            writer.writerow(
                ["" if told[name] is None else told[name] for name in SPECS[Kind.OBSERVATIONS].names]
            )


def _refused(engine: Engine, settings: Settings, sha256: str) -> list[Refused]:
    """What quarantine holds of this very file."""
    q, i = tables.quarantine.c, tables.imports.c
    query = (
        select(q.row_number, q.expectation, q.detail)
        .join(tables.imports, q.import_id == i.import_id)
        .where(
            q.workspace_id == settings.workspace, i.sha256 == sha256, q.kind == Kind.OBSERVATIONS.value
        )
        .order_by(q.row_number)
    )  # fmt: skip
    with engine.connect() as connection:
        found = connection.execute(query).all()
    columns = _columns(settings)
    return [
        Refused(row.row_number - 1, _field(row.expectation, row.detail, columns), row.expectation, row.detail)
        for row in found
    ]


def _columns(settings: Settings) -> dict[str, list[str]]:
    """Which column each rule is about; several for a rule that many share."""
    limits = Limits(datetime.now(UTC), settings.max_title_chars, settings.max_text_chars)
    found: dict[str, list[str]] = {}
    for rule in rules(Kind.OBSERVATIONS.value, limits):
        found.setdefault(rule.name, []).append("post_id" if rule.name == "post_known" else rule.column)
    return found


def _field(rule: str, detail: str, columns: Mapping[str, Sequence[str]]) -> str | None:
    named = detail.partition(" ")[0]
    if named in _GIVEN:
        return named
    own = columns.get(rule, [])
    return own[0] if len(own) == 1 and own[0] in _GIVEN else None
