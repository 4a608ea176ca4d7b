"""Drafts met before: the model is asked once for the same inputs.

While a draft is written it is forecast again and again, and most of what is sent does not touch a number that the model
reads. The key is every byte a model could read of a row, with the model's name, version and arm of service: a new
version or a channel's newer history is another key, so that no answer can be stale. Only post_id and as_of are not part
of it, which no model reads. The answer of a hit is the very one that computing would give (training.steady).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from services.insights.registry import Served

ROWS = 8_192
UNREAD = ("post_id", "as_of")

Record = dict[str, Any]


class SimilarDrafts:
    """Least recently used answers, one per row and horizon. `hits`, `misses`: rows since it was made."""

    def __init__(self, size: int = ROWS) -> None:
        from cachetools import LRUCache

        self.hits = self.misses = 0
        self._answers: LRUCache[bytes, Record] = LRUCache(size)
        self._lock = threading.Lock()

    def forecast(
        self, served: Served, rows: pd.DataFrame, *, drivers: bool = False, parts: bool = False
    ) -> pd.DataFrame:
        """As `served.forecast`."""
        asked = f"{drivers}/{parts}"
        keys = row_keys(rows, f"{served.model_name}/{served.model_version}/{served.serves}/{asked}")
        with self._lock:
            found = {key: self._answers[key] for key in keys if key in self._answers}
        new = {key: i for i, key in reversed(list(enumerate(keys))) if key not in found}
        if new:
            places = sorted(new.values())
            asked_for = rows if len(places) == len(rows) else rows.iloc[places]
            answers = served.forecast(asked_for, drivers=drivers, parts=parts)
            records = [dict(zip(answers.columns, row, strict=True)) for row in _lists(answers)]
            fresh = {keys[place]: record for place, record in zip(places, records, strict=True)}
            found |= fresh
            with self._lock:
                self._answers.update(fresh)
        hits = sum(key not in new for key in keys)
        self.hits, self.misses = self.hits + hits, self.misses + len(keys) - hits
        names = list(found[keys[0]]) if keys else []
        return pd.DataFrame({name: [found[key][name] for key in keys] for name in names}, index=rows.index)


def row_keys(rows: pd.DataFrame, model: str) -> list[bytes]:
    """One per row: equal where everything that a model may read of it is equal to the last bit."""
    kinds = {name: kind for name, kind in rows.dtypes.items() if name not in UNREAD}
    columns = list(kinds)
    numeric = [name for name, kind in kinds.items() if kind.kind in "fiub"]
    others = [name for name, kind in kinds.items() if kind.kind not in "fiub"]
    head = hashlib.sha256(repr((model, columns, [kinds[name].str for name in numeric])).encode())
    numbers = np.ascontiguousarray(rows[numeric].to_numpy(np.float64))
    words = [rows[name].tolist() for name in others]
    keys = []
    for i in range(len(rows)):
        digest = head.copy()
        digest.update(numbers[i].tobytes())
        for values in words:
            told = _bytes(values[i])
            digest.update(len(told).to_bytes(8, "big") + told)
        keys.append(digest.digest())
    return keys


def _bytes(value: Any) -> bytes:
    if isinstance(value, np.ndarray):
        return f"{value.dtype.str}{value.shape}".encode() + np.ascontiguousarray(value).tobytes()
    return repr(value).encode()


def _lists(frame: pd.DataFrame) -> Sequence[tuple[Any, ...]]:
    return list(zip(*(frame[name].tolist() for name in frame.columns), strict=True))
