"""The same row gives the same number to the last bit, whatever rows it is computed with.

Matrix products choose their kernel by the number of rows, and kernels add up in different orders: a forecast made
in a batch of 64 drafts would not be repeated exactly when it is replayed alone. Blocks of one fixed size always
meet the same kernel, and within it every row is added up alike (tests/training/test_steady.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 32


def in_blocks(compute: Callable[..., Any], *arrays: NDArray[Any], rows: int = ROWS) -> NDArray[Any]:
    """`compute` over arrays of n rows each, `rows` of them at a time, the last block filled up with zeros.

    compute: takes blocks as numpy arrays (rows first), gives one array of as many rows. Gives n rows.
    """
    n = len(arrays[0])
    found = []
    for start in range(0, max(n, 1), rows):
        blocks = [_filled(array[start : start + rows], rows) for array in arrays]
        found.append(np.asarray(compute(*blocks))[: max(0, min(rows, n - start))])
    return np.concatenate(found)


def _filled(block: NDArray[Any], rows: int) -> NDArray[Any]:
    if len(block) == rows:
        return np.ascontiguousarray(block)
    whole = np.zeros((rows, *block.shape[1:]), block.dtype)
    whole[: len(block)] = block
    return whole
