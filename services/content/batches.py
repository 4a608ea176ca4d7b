"""One file on its way into the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd


@dataclass(frozen=True)
class Batch:
    """`frame`: the file's rows, typed; index = row of the file."""

    workspace: str
    import_id: str
    now: datetime
    frame: pd.DataFrame


@dataclass(frozen=True)
class Stored:
    """What storing new rows brought besides: channels seen for the first time, channels amended."""

    new_channels: tuple[str, ...] = ()
    amended: int = 0


def keys_of(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """The named columns of text as one key per row."""
    keys = frame[columns[0]].astype(object).fillna("")
    for name in columns[1:]:
        keys = keys + "\x1f" + frame[name].astype(object).fillna("")
    return keys
