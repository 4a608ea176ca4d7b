"""What passes between a worker and its parent: a size, then a pickle.

The parent sends what it likes. What comes back is read with a loader that makes plain values, NumPy arrays and our
own records only: a pickle from a process that a hostile file has taken over could otherwise run anything.
"""

from __future__ import annotations

import dataclasses
import importlib
import io
import pickle
import struct
from enum import Enum
from typing import Any

from pydantic import BaseModel

SIZE = struct.Struct("<Q")
MOST_BYTES = 256 * 1024**2
OURS = ("creatorlens.", "features.")
PLAIN = {
    ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "bytearray"), ("builtins", "complex"),
    ("builtins", "slice"), ("builtins", "range"),
    ("collections", "OrderedDict"), ("collections", "Counter"), ("copyreg", "_reconstructor"),
    ("datetime", "datetime"), ("datetime", "date"), ("datetime", "timedelta"), ("datetime", "timezone"),
    ("pathlib", "PosixPath"), ("pathlib", "PurePosixPath"), ("uuid", "UUID"),
    ("numpy", "ndarray"), ("numpy", "dtype"),
    ("numpy._core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
}  # fmt: skip


def frame(data: bytes) -> bytes:
    return SIZE.pack(len(data)) + data


class _Loader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in PLAIN:
            return super().find_class(module, name)
        if module.startswith(OURS) and "." not in name:
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and found.__module__ == module and _is_record(found):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} may not come from a worker")


def _is_record(found: type) -> bool:
    return issubclass(found, (BaseModel, Enum)) or dataclasses.is_dataclass(found)


def load_result(data: bytes) -> tuple[str, Any]:
    """Status ('ready', 'ok', 'refused', 'failed', 'unready') and what goes with it."""
    status, answer = _Loader(io.BytesIO(data)).load()
    if not isinstance(status, str):
        raise pickle.UnpicklingError("no status")
    return status, answer
