"""Posts to forecast, read from a file, and forecasts written to one."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from creatorlens.errors import InputError
from creatorlens.platforms import MediaType, parse_platform
from services.content.conforming import UNREADABLE, conform
from services.content.reading import Source, inspect, read
from services.content.tables import Kind

OWN_HORIZON = "horizon_h"


def read_posts_file(path: Path, max_bytes: int) -> pd.DataFrame:
    """A posts table with canonical columns, and `horizon_h` where the file has it.

    Raises InputError naming the column and the first row that cannot be taken: a forecast has no
    quarantine, every post asked for gets an answer or nobody does.
    """
    if not path.exists():
        raise InputError("there is no such file.", field=str(path))
    source = inspect(path, max_bytes)
    if source.spec.kind is not Kind.POSTS:
        raise InputError(f"{path.name}: holds {source.spec.kind}, not posts.", field="--posts")
    raw = read(source)
    posts = conform(raw)
    _refuse(path, posts[UNREADABLE].dropna())
    for column in source.spec.required:
        missing = posts[column].isna()
        _refuse(path, pd.Series(f"{column} is missing", index=posts.index[missing.to_numpy()]), column)
    for name in posts["platform"].unique():
        parse_platform(name)
    strange = ~posts["media_type"].isin([kind.value for kind in MediaType])
    known = ", ".join(MediaType)
    _refuse(path, posts["media_type"][strange].map(lambda kind: f"{kind!r} is none of {known}"), "media_type")
    own = _own_horizons(source)
    table = posts.drop(columns=UNREADABLE)
    return (table if own is None else table.assign(**{OWN_HORIZON: own.to_numpy()})).reset_index(drop=True)


def write_forecasts(forecasts: pd.DataFrame, out: Path) -> None:
    """.csv or Parquet by the name; whole or not at all. Raises InputError where it cannot be written."""
    beside = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix.lower() == ".csv":
            forecasts.to_csv(beside, index=False)
        else:
            forecasts.to_parquet(beside, index=False)
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(f"cannot be written: {error.strerror or error}.", field=str(out)) from error


def _own_horizons(source: Source) -> pd.Series | None:
    """No column of the canonical table, so read by itself."""
    if source.dialect is None:
        import pyarrow.parquet as pq

        if OWN_HORIZON not in pq.read_schema(source.path).names:
            return None
        given = pq.read_table(source.path, columns=[OWN_HORIZON], partitioning=None).to_pandas()[OWN_HORIZON]
    else:
        if OWN_HORIZON not in source.dialect.header:
            return None
        given = pd.read_csv(
            source.path, sep=source.dialect.separator, encoding=source.dialect.encoding, dtype=str,
            index_col=False, usecols=[OWN_HORIZON],
        )[OWN_HORIZON]  # fmt: skip
    hours = pd.to_numeric(given, errors="coerce")
    bad = given[hours.isna() & given.notna()]
    bad.index = bad.index + 1
    _refuse(source.path, bad.map(lambda value: f"{value!r} is not a number of hours"), OWN_HORIZON)
    return hours


def _refuse(path: Path, told: pd.Series, field: str | None = None) -> None:
    if told.empty:
        return
    more = f" ({len(told) - 1:,} more rows are like it)" if len(told) > 1 else ""
    raise InputError(f"{path.name}, row {told.index[0]}: {told.iloc[0]}{more}.", field=field)
