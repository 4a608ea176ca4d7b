"""What a model read of one draft or post, to the last bit: what the ledger keeps so that a forecast can be replayed."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from creatorlens.records import Draft

ARRAYS = ("text_embedding", "image_embedding", "channel_sequence")
"""Columns that hold a vector or matrix per row."""

KEYS = ("post_id", "channel_id", "platform", "published_at", "as_of", "horizon_h")


@dataclass(frozen=True)
class ModelInputs:
    """numbers: float64, in the order of names told elsewhere; types: numpy's letter of each one's column.

    arrays: vectors and matrices by column; beside: numbers of the row that this model did not read, which another
    one may (missing ones left out).
    """

    numbers: np.ndarray
    types: str = ""
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    beside: Mapping[str, float] = field(default_factory=dict)


def read_inputs(rows: pd.DataFrame, names: Sequence[str]) -> list[ModelInputs]:
    """One per row. A column of `names` that the rows lack keeps its place, as missing."""
    kinds = rows.dtypes.to_dict()
    numbers = rows.reindex(columns=list(names)).to_numpy(np.float64)
    types = "".join(kinds[name].char if name in kinds else "d" for name in names)
    arrays = {name: rows[name].tolist() for name in ARRAYS if name in rows.columns}
    read = {*names, *ARRAYS, *KEYS}
    others = [name for name, kind in kinds.items() if name not in read and is_numeric_dtype(kind)]
    beside = rows[others].to_numpy(np.float64)
    return [
        ModelInputs(
            numbers=numbers[i],
            types=types,
            arrays={name: np.asarray(values[i]) for name, values in arrays.items() if _is_array(values[i])},
            beside={others[k]: float(beside[i, k]) for k in np.flatnonzero(np.isfinite(beside[i]))},
        )
        for i in range(len(rows))
    ]


def to_json(inputs: ModelInputs) -> dict[str, Any]:
    """Numbers and arrays as the base64 of their little-endian bytes, with everything that reading them needs."""
    return {
        "numbers": _packed(np.asarray(inputs.numbers, "<f8")),
        "number_types": inputs.types,
        "arrays": {
            name: {"dtype": _little(array).str, "shape": list(array.shape), "data": _packed(_little_endian(array))}
            for name, array in sorted(inputs.arrays.items())
        },
        "beside": dict(sorted(inputs.beside.items())),
    }  # fmt: skip


def from_json(kept: Mapping[str, Any]) -> ModelInputs:
    """The inverse; predictions of before arrays were kept have none."""
    return ModelInputs(
        numbers=np.frombuffer(base64.b64decode(kept["numbers"]), "<f8"),
        types=kept.get("number_types", ""),
        arrays={
            name: np.frombuffer(base64.b64decode(one["data"]), one["dtype"]).reshape(one["shape"])
            for name, one in kept.get("arrays", {}).items()
        },
        beside=kept.get("beside", {}),
    )


def rows_of(
    inputs: Sequence[ModelInputs],
    names: Sequence[Sequence[str]],
    drafts: Sequence[Draft],
    as_of: Sequence[Any],
) -> pd.DataFrame:
    """Feature rows as the model met them: one per input. names: of each one's numbers."""
    values = [_values(one, own) for one, own in zip(inputs, names, strict=True)]
    columns = list(dict.fromkeys(name for row in values for name in row))
    frame: dict[str, Any] = {
        "post_id": pd.Series([draft.post_id for draft in drafts], dtype=object),
        "channel_id": pd.Series([draft.channel_id for draft in drafts], dtype=object),
        "platform": pd.Series([draft.platform.value for draft in drafts], dtype=object),
        "published_at": _times([draft.planned_at for draft in drafts]),
        "as_of": _times(as_of),
    }
    types = _types(inputs, names)
    for name in columns:
        column = np.array([row.get(name, np.nan) for row in values], np.float64)
        kind = np.dtype(types.get(name, "d"))
        frame[name] = column if np.isnan(column).any() and kind.kind in "iub" else column.astype(kind)
    for name in ARRAYS:
        if any(name in one.arrays for one in inputs):
            frame[name] = pd.Series([one.arrays.get(name) for one in inputs], dtype=object)
    return pd.DataFrame(frame)


def _values(inputs: ModelInputs, names: Sequence[str]) -> dict[str, float]:
    if len(names) != len(inputs.numbers):
        raise ValueError(f"{len(inputs.numbers)} numbers were kept and {len(names)} names are known")
    return {**dict(zip(names, inputs.numbers.tolist(), strict=True)), **inputs.beside}


def _types(inputs: Sequence[ModelInputs], names: Sequence[Sequence[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one, own in zip(inputs, names, strict=True):
        if one.types:
            found |= dict(zip(own, one.types, strict=True))
    return found


def _times(values: Sequence[Any]) -> pd.Series:
    return pd.Series(pd.to_datetime(list(values), utc=True)).astype("datetime64[us, UTC]")


def _is_array(value: Any) -> bool:
    return isinstance(value, (list, tuple, np.ndarray)) and len(value) > 0


def _little(array: np.ndarray) -> np.dtype[Any]:
    return array.dtype.newbyteorder("<")


def _little_endian(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).astype(_little(array), copy=False)


def _packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
