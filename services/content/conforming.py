"""Raw values into typed columns. What cannot be read is told in the column `unreadable`, row by row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from services.content.reading import RawTable
from services.content.tables import ALIASES, Column, Values

UTC_US = "datetime64[us, UTC]"
UNREADABLE = "unreadable"
_WITH_OFFSET = r"\d[Tt ]\d{2}.*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"
# In CSV every value is text; these mean that there is none.
_NONE_WORDS = ("", "null", "none", "nan", "nat", "n/a", "na")


def conform(raw: RawTable) -> pd.DataFrame:
    """Every column of the table's contract, typed; index = row of the file.

    ids, words and notes: str or None; text: str; tags: list[str]; numbers: float64 (NaN = missing);
    times: datetime64[us, UTC]. `unreadable`: None, or what in this row could not be read.
    """
    columns: dict[str, pd.Series] = {}
    bad: dict[str, pd.Series] = {}
    for column in raw.source.spec.columns:
        given = raw.frame.get(column.name)
        if given is None:
            given = pd.Series([None] * len(raw.frame), index=raw.frame.index, dtype=object)
        columns[column.name], bad[column.name] = _READERS[column.values](column, given)
    frame = pd.DataFrame(columns, index=raw.frame.index)
    frame[UNREADABLE] = _unreadable(raw, bad)
    return frame


def _unreadable(raw: RawTable, bad: dict[str, pd.Series]) -> pd.Series:
    told = pd.Series([None] * len(raw.frame), index=raw.frame.index, dtype=object)
    words = {Values.NUMBER: "a number", Values.TIME: "an ISO 8601 time", Values.TAGS: "a list of tags"}
    for column in raw.source.spec.columns:
        rows = bad[column.name].index[bad[column.name].to_numpy()]
        for row in rows:
            value = str(raw.frame.at[row, column.name])[:80]
            said = f"{column.name} = {value!r} is not {words.get(column.values, 'text')}"
            told.at[row] = said if told.at[row] is None else f"{told.at[row]}; {said}"
    return told


def _no_errors(given: pd.Series) -> pd.Series:
    return pd.Series(False, index=given.index)


def _strings(given: pd.Series) -> tuple[list[str | None], pd.Series]:
    """str or None; anything but text and whole numbers is bad."""
    # pandas' own test, in C: nearly every column is text and nothing else
    if pd.api.types.infer_dtype(given, skipna=True) in ("string", "empty"):
        values: list[Any] = given.astype(object).where(given.notna(), None).tolist()
        bad = _no_errors(given)
    else:
        there = [
            not (value is None or value is pd.NaT or value is pd.NA or _is_nan(value)) for value in given
        ]
        values = [_as_text(value) if is_there else None for value, is_there in zip(given, there, strict=True)]
        bad = pd.Series([t and v is None for v, t in zip(values, there, strict=True)], index=given.index)
    # PostgreSQL stores no NUL, and no text means one
    return [v.replace("\x00", "") if v is not None and "\x00" in v else v for v in values], bad


def _is_nan(value: Any) -> bool:
    return isinstance(value, (float, np.floating)) and bool(value != value)


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple, dict, np.ndarray))


def _as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return None


def _column(values: list[Any], like: pd.Series) -> pd.Series:
    return pd.Series(values, index=like.index, dtype=object)


def _ids(_: Column, given: pd.Series) -> tuple[pd.Series, pd.Series]:
    text, bad = _strings(given)
    return _column([(value.strip() or None) if value else None for value in text], given), bad


def _words(column: Column, given: pd.Series) -> tuple[pd.Series, pd.Series]:
    text, bad = _strings(given)
    aliases = ALIASES.get(column.name, {})
    plain = {word: word.strip().lower() or None for word in set(text) if word is not None}
    known = {word: aliases.get(as_said, as_said) if as_said else None for word, as_said in plain.items()}
    return _column([known.get(value) if value is not None else None for value in text], given), bad


def _texts(_: Column, given: pd.Series) -> tuple[pd.Series, pd.Series]:
    text, bad = _strings(given)
    return _column([value or "" for value in text], given), bad


def _notes(_: Column, given: pd.Series) -> tuple[pd.Series, pd.Series]:
    text, bad = _strings(given)
    return _column([value if value and value.strip() else None for value in text], given), bad


def _missing(given: pd.Series) -> pd.Series:
    if given.dtype != object or pd.api.types.infer_dtype(given, skipna=True) == "empty":
        return given.isna()
    return given.map(
        lambda value: (
            value is None
            or (isinstance(value, float) and value != value)
            or value is pd.NaT
            or (isinstance(value, str) and value.strip().lower() in _NONE_WORDS)
        )
    ).astype(bool)


def _numbers(_: Column, given: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_datetime64_any_dtype(given) or pd.api.types.is_bool_dtype(given):
        return pd.Series(np.nan, index=given.index), given.notna()
    missing = _missing(given)
    if given.dtype == object and not missing.all():
        given = given.where(~given.map(_is_list), "?")
    numbers = pd.to_numeric(given.where(~missing), errors="coerce").astype("float64")
    bad = ~missing & ~np.isfinite(numbers)
    return numbers.where(~bad), bad


def _times(_: Column, given: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_datetime64_any_dtype(given):
        # without a zone it is UTC, as the contract says
        aware = given.dt.tz_localize("UTC") if given.dt.tz is None else given.dt.tz_convert("UTC")
        return aware.astype(UTC_US), _no_errors(given)
    missing = _missing(given)
    # a bare number may be seconds, milliseconds or a day: nobody can tell
    text = given.where(~missing, None).map(_iso).astype(object)
    aware = text.str.contains(_WITH_OFFSET, regex=True, na=False).astype(bool)
    # apart: pandas gives a time without a zone the offset of the row before it
    parsed = [
        pd.to_datetime(text[rows], format="ISO8601", utc=True, errors="coerce") for rows in (aware, ~aware)
    ]
    times = pd.concat([part.astype(UTC_US) for part in parsed]).reindex(given.index)
    return times, ~missing & times.isna()


def _iso(value: Any) -> str | None:
    if value is None or isinstance(value, (bool, int, float, np.number)):
        return None
    text = value.strip() if isinstance(value, str) else str(value)
    return None if re.fullmatch(r"[\d.]{1,7}|\d{9,}", text) else text


def _tags(_: Column, given: pd.Series) -> tuple[pd.Series, pd.Series]:
    read = [_tag_list(value) for value in given]
    tags = _column([[] if tags is None else tags for tags in read], given)
    return tags, pd.Series([tags is None for tags in read], index=given.index)


def _tag_list(value: Any) -> list[str] | None:
    """A list, a JSON list, or words parted by commas or spaces; None where it is none of these."""
    if isinstance(value, str):
        text = value.strip()
        if not text or text.lower() in _NONE_WORDS:
            return []
        if text.startswith("["):
            try:
                value = json.loads(text)
            except ValueError:
                return None
        else:
            value = text.split(",") if "," in text else text.split()
    elif value is None or (isinstance(value, float) and value != value):
        return []
    if not isinstance(value, (list, tuple, np.ndarray)):
        return None
    if len(value) == 0:
        return []
    if not all(tag is None or isinstance(tag, str) for tag in value):
        return None
    clean = (str(tag).strip().lstrip("#").replace("\x00", "") for tag in value if tag)
    # a lone surrogate, possible in JSON, is not storable text
    return [tag.encode("utf-8", "ignore").decode() for tag in clean if tag]


_READERS: dict[Values, Callable[[Column, pd.Series], tuple[pd.Series, pd.Series]]] = {
    Values.ID: _ids,
    Values.WORD: _words,
    Values.TEXT: _texts,
    Values.NOTE: _notes,
    Values.NUMBER: _numbers,
    Values.TIME: _times,
    Values.TAGS: _tags,
}
