"""As-of lookup: for each question (key, moment), the newest row of the key that was known by then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UTC_US = "datetime64[us, UTC]"
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
NO_TIME = np.iinfo(np.int64).min


def micros(times: pd.Series) -> Ints:
    """Microseconds since 1970 of a UTC time column; `NO_TIME` where unknown."""
    if times.dtype != UTC_US:
        times = pd.to_datetime(times, utc=True).astype(UTC_US)
    return times.astype("int64").to_numpy()


def moments(microseconds: Ints) -> pd.Series:
    """The reverse of `micros`."""
    return pd.Series(pd.to_datetime(microseconds, unit="us", utc=True)).astype(UTC_US)


def asof_positions(known_keys: Any, known_at: Ints, asked_keys: Any, asked_at: Ints) -> Ints:
    """Positions in the known rows of the last row with the same key and `known_at <= asked_at`; -1 = none.

    Of several rows of one key and moment the last one given wins. Exact to the microsecond: keys and
    times are compared by rank, never as floats.
    """
    n = len(known_keys)
    codes = pd.factorize(np.concatenate([np.asarray(known_keys), np.asarray(asked_keys)]))[0]
    times, ranks = np.unique(np.concatenate([known_at, asked_at]), return_inverse=True)
    place = codes.astype(np.int64) * (len(times) + 1) + ranks
    order = np.argsort(place[:n], kind="stable")
    found = np.searchsorted(place[:n][order], place[n:], side="right") - 1
    rows = np.where(found >= 0, order[found] if n else -1, -1)
    same_key = (rows >= 0) & (codes[:n][rows] == codes[n:]) if n else np.zeros(len(rows), dtype=bool)
    return np.where(same_key, rows, -1).astype(np.int64)


def take(frame: pd.DataFrame, positions: Ints, columns: list[str] | None = None) -> pd.DataFrame:
    """Rows at the positions, missing values where the position is -1; a fresh index 0..n-1."""
    chosen = frame[columns] if columns is not None else frame
    missing = positions < 0
    if len(frame) == 0:
        return chosen.reindex(range(len(positions)))
    rows = chosen.iloc[np.where(missing, 0, positions)].reset_index(drop=True)
    if missing.any():
        rows = rows.mask(pd.Series(missing, index=rows.index))
    return rows


def last_of_each(*columns: Any) -> NDArray[np.bool_]:
    """True at the last row of every run of equal values (rows sorted by these columns)."""
    n = len(columns[0])
    last = np.ones(n, dtype=bool)
    if n > 1:
        same = np.ones(n - 1, dtype=bool)
        for column in columns:
            values = np.asarray(column)
            same &= values[1:] == values[:-1]
        last[:-1] = ~same
    return last
