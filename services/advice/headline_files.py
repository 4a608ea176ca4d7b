"""Headlines to rank, read from a table of experiments; clicks and impressions need not be in it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from creatorlens.errors import InputError, nearest
from services.content.conforming import UNREADABLE, conform
from services.content.reading import Source, read
from services.content.tables import SPECS, Column, Kind, Recognised, TableSpec, Values
from services.content.text_files import inspect_text

RANKED = TableSpec(
    Kind.EXPERIMENTS,
    (
        Column("experiment_id", Values.ID, required=True),
        Column("variant_id", Values.ID, required=True),
        Column("headline", Values.NOTE, required=True),
    ),
)


def read_headlines(path: Path) -> pd.DataFrame:
    """experiment_id, variant_id, headline; one row per row of the file, in its order.

    Raises InputError naming the file, the row and the column: every headline gets a score or nobody's does.
    """
    if not path.is_file():
        raise InputError("there is no such file.", field=str(path))
    raw = read(_source(path))
    table = conform(raw)
    _refuse(path, table[UNREADABLE].dropna(), None)
    for name in RANKED.required:
        missing = table.index[table[name].isna().to_numpy()]
        _refuse(path, pd.Series(f"{name} is missing", index=missing), name)
    return table[RANKED.names].reset_index(drop=True)


def _source(path: Path) -> Source:
    with path.open("rb") as file:
        parquet = file.read(4) == b"PAR1"
    dialect = None if parquet else inspect_text(path)
    header = _parquet_header(path) if dialect is None else [str(name).strip() for name in dialect.header]
    for name in RANKED.required:
        if name not in header:
            near = nearest(name, header)
            raise InputError(
                f"{path.name} has no column {name}.",
                field=name,
                hint=f"Is it {near[0]}?" if near else f"It takes {', '.join(SPECS[Kind.EXPERIMENTS].names)}.",
            )
    return Source(path, Recognised(RANKED, {name: name for name in RANKED.names}, ()), dialect)


def _parquet_header(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path.name}: is a Parquet file, but damaged or cut short.", field=str(path)
        ) from error


def _refuse(path: Path, told: pd.Series, field: str | None) -> None:
    if told.empty:
        return
    more = f" ({len(told) - 1:,} more rows are like it)" if len(told) > 1 else ""
    raise InputError(f"{path.name}, row {told.index[0]}: {told.iloc[0]}{more}.", field=field)
