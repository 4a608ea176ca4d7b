"""Canonical tables into the store: one transaction for each file, and every row accounted for.

A kill at any moment leaves nothing of the file at hand; running the import again goes on from there.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pandas as pd
from sqlalchemy import Connection, Engine

from creatorlens.database.engine import IMMEDIATE
from creatorlens.database.faults import telling_faults
from creatorlens.settings import Settings
from features.quality.checking import failures, load
from features.quality.rules import Limits
from services.content import (
    creators,
    experiments,
    imports_log,
    media,
    observations,
    posts,
    quarantining,
    reading,
    storing,
)
from services.content.batches import Batch, Stored
from services.content.conforming import conform
from services.content.reports import ImportReport
from services.content.sorting import sort_rows
from services.content.tables import Kind

Say = Callable[[str], None]


class TableKind(Protocol):
    """What each of posts, creators, observations, experiments and media does in its module.

    `key` tells rows of the store apart, `file_key` those of one file, `fingerprint` what they say.
    """

    def prepare(self, connection: Connection, batch: Batch, /) -> pd.DataFrame: ...
    def key(self, frame: pd.DataFrame, /) -> pd.Series: ...
    def file_key(self, frame: pd.DataFrame, /) -> pd.Series: ...
    def fingerprint(self, frame: pd.DataFrame, /) -> pd.Series: ...
    def stored(self, connection: Connection, batch: Batch, frame: pd.DataFrame, /) -> pd.Series: ...
    def store(
        self, connection: Connection, batch: Batch, new: pd.DataFrame, unchanged: pd.DataFrame, /
    ) -> Stored: ...


_KINDS: dict[Kind, TableKind] = {
    Kind.POSTS: posts,
    Kind.CREATORS: creators,
    Kind.OBSERVATIONS: observations,
    Kind.EXPERIMENTS: experiments,
    Kind.MEDIA: media,
}


def import_files(
    engine: Engine,
    settings: Settings,
    paths: Sequence[Path | str],
    progress: Say | None = None,
    now: datetime | None = None,
) -> list[ImportReport]:
    """Import tables (files, or folders of them), posts before what speaks of them; a report for each.

    Every file is recognised before the first is imported. Raises InputError where a file is no table
    of ours or damaged (files before it are imported), DiskFullError where there is no room.
    """
    say = progress or (lambda _: None)
    found = reading.find_tables([Path(path) for path in paths])
    sources = [reading.inspect(path, settings.max_import_bytes) for path in found]
    order = list(Kind)
    sources.sort(key=lambda source: (order.index(source.spec.kind), source.path.name, str(source.path)))
    now = now or datetime.now(UTC)
    return [import_file(engine, settings, source, say, now) for source in sources]


def import_file(
    engine: Engine, settings: Settings, source: reading.Source, say: Say, now: datetime
) -> ImportReport:
    """One file in one transaction."""
    started = time.monotonic()
    name, kind = source.path.name, source.spec.kind
    with telling_faults(f"importing {name}"):
        sha256 = reading.file_hash(source.path)
        earlier = imports_log.taken_whole(engine, settings.workspace, name, kind, sha256)
        if earlier is not None:
            say(f"{name}: imported before, unchanged")
            return earlier
        say(f"{name}: reading {kind}")
        raw = reading.read(source)
        frame = conform(raw)
        if kind is Kind.MEDIA:
            frame = media.with_files(engine, settings, frame, source.path.parent, say)
        load()  # takes seconds, not to be spent while the database waits
        batch = Batch(settings.workspace, str(uuid.uuid4()), now, frame)
        waiting = engine.connect().execution_options(**IMMEDIATE)
        with waiting as connection, connection.begin() as transaction:
            storing.prepare_import(connection, settings.workspace)
            imports_log.begin(connection, batch, name, kind, sha256)
            report, changed = _take(connection, settings, batch, raw, sha256, say)
            if changed:
                imports_log.finish(connection, report)
            else:
                transaction.rollback()
        if not changed:
            report = replace(report, import_id=imports_log.latest(engine, settings.workspace, sha256))
    return replace(report, seconds=round(time.monotonic() - started, 2))


def _take(
    connection: Connection, settings: Settings, batch: Batch, raw: reading.RawTable, sha256: str, say: Say
) -> tuple[ImportReport, bool]:
    """Check, sort and store the rows of one file; the report, and whether anything changed."""
    source, spec = raw.source, raw.source.spec
    rows = _KINDS[spec.kind]
    say(f"{source.path.name}: checking {len(batch.frame):,} rows")
    prepared = rows.prepare(connection, batch)
    failed = failures(
        spec.kind.value, prepared, Limits(batch.now, settings.max_title_chars, settings.max_text_chars)
    )
    good = prepared.drop(failed.index)
    good = good.assign(fingerprint=rows.fingerprint(good))
    in_store = rows.key(good).map(rows.stored(connection, batch, good))
    split = sort_rows(good, rows.file_key(good), in_store, spec)
    failed = _both(failed, split.conflicts)
    say(f"{source.path.name}: storing {len(split.new):,} rows")
    stored = rows.store(connection, batch, split.new, split.unchanged)
    moved = quarantining.reconcile(connection, batch, spec.kind.value, sha256, raw.frame, failed)
    report = ImportReport(
        file=source.path.name,
        kind=spec.kind.value,
        import_id=batch.import_id,
        rows_read=len(batch.frame),
        rows_taken=len(split.new),
        rows_unchanged=len(split.unchanged),
        rows_duplicate=split.duplicates,
        rows_quarantined=len(failed),
        reasons={str(name): int(n) for name, n in failed["expectation"].value_counts().sort_index().items()},
        platforms=tuple(sorted(good["platform"].unique())) if "platform" in good else (),
        new_channels=len(stored.new_channels),
        remarks=_remarks(raw, stored),
    )
    return report, len(split.new) > 0 or moved or stored.amended > 0


def _both(failed: pd.DataFrame, conflicts: pd.DataFrame) -> pd.DataFrame:
    if failed.empty or conflicts.empty:
        return conflicts if failed.empty else failed
    return pd.concat([failed, conflicts]).sort_index()


def _remarks(raw: reading.RawTable, stored: Stored) -> tuple[str, ...]:
    remarks = list(raw.source.recognised.remarks)
    dialect = raw.source.dialect
    if dialect is not None and not dialect.encoding.startswith("utf-8"):
        remarks.append(f"read as {dialect.encoding} text")
    if raw.frame.empty:
        remarks.append("has columns but no rows")
    if stored.amended:
        remarks.append(f"time zone of {stored.amended} known channels added")
    return tuple(remarks)
