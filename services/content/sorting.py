"""Good rows of a file against the store and against each other: new, unchanged, or in conflict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.content.tables import TableSpec

IN_FILE = "conflicting_duplicate"
IN_STORE = "differs_from_stored"


@dataclass(frozen=True)
class Sorted:
    """`unchanged`: stored already, or the same again in this file (`duplicates` of them).
    `conflicts`: index = row of the file, columns expectation and detail."""

    new: pd.DataFrame
    unchanged: pd.DataFrame
    duplicates: int
    conflicts: pd.DataFrame


def sort_rows(rows: pd.DataFrame, file_key: pd.Series, stored: pd.Series, spec: TableSpec) -> Sorted:
    """`rows` with `fingerprint`; `file_key`: rows of one key speak of the same thing; `stored`: the
    fingerprint in the store under the row's key, NaN where there is none.

    Of rows with one key the stored one is right, else the first; the others are in conflict with it
    unless they say the same.
    """
    in_store = stored.notna()
    same_as_stored = in_store & (stored == rows["fingerprint"])
    order = np.argsort(~same_as_stored.to_numpy(), kind="stable")
    key, said = file_key.iloc[order], rows["fingerprint"].iloc[order]
    again = key.duplicated().reindex(rows.index)
    right = (
        pd.Series(key.index, index=key.index).groupby(key, sort=False).transform("first").reindex(rows.index)
    )
    agrees = said.groupby(key, sort=False).transform("first").reindex(rows.index) == rows["fingerprint"]
    repeated = again & agrees & ~(in_store & ~same_as_stored)
    in_file = again & ~agrees & ~same_as_stored
    against_store = in_store & ~same_as_stored & ~in_file
    unchanged = same_as_stored | repeated
    conflicts = [(row, IN_FILE, _differs(rows, row, right[row], spec)) for row in rows.index[in_file]] + [
        (
            row,
            IN_STORE,
            f"{_named(rows, row, spec)} is stored already with other values; the stored ones stay",
        )
        for row in rows.index[against_store]
    ]
    conflicts.sort()
    return Sorted(
        new=rows.loc[~(unchanged | in_file | against_store)],
        unchanged=rows.loc[unchanged],
        duplicates=int((again & unchanged).sum()),
        conflicts=pd.DataFrame(
            {
                "expectation": [name for _, name, _ in conflicts],
                "detail": [words for _, _, words in conflicts],
            },
            index=pd.Index([row for row, _, _ in conflicts], dtype="int64"),
            dtype=object,
        ),
    )


def _differs(rows: pd.DataFrame, row: int, right: int, spec: TableSpec) -> str:
    names = [name for name in spec.names if not _equal(rows.at[row, name], rows.at[right, name])]
    return f"{_named(rows, row, spec)} stands in row {right} with other values of {', '.join(names)}"


def _named(rows: pd.DataFrame, row: int, spec: TableSpec) -> str:
    ids = [name for name in spec.required if name.endswith("_id")][: 2 if "variant_id" in spec.names else 1]
    return " ".join(f"{name.removesuffix('_id')} {rows.at[row, name]!s:.80}" for name in ids)


def _equal(one: object, other: object) -> bool:
    return bool(one == other) or (one != one and other != other) or (one is None and other is None)
