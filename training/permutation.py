"""Which drivers may be claimed: those whose shuffling makes forecasts of unseen posts worse.

Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) with the posts of a channel counted as one
observation: posts of one channel share their luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from training.columns import Floats

REPEATS = 3
# One-sided 5 %.
_AT_LEAST = 1.645
_MIN_ROWS, _MIN_CHANNELS = 100, 5


def survivors(
    predict: Callable[[pd.DataFrame], Floats],
    rows: pd.DataFrame,
    truth: Floats,
    groups: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """Names of the groups of columns (shuffled together, among all rows) without which the absolute error of the middle
    rises beyond chance. predict: rows → n, in ln. None survives where there is too little to tell by."""
    channel = rows["channel_id"].to_numpy(dtype=object)
    if len(rows) < _MIN_ROWS or len(set(channel)) < _MIN_CHANNELS:
        return ()
    code = pd.factorize(channel)[0]
    error = np.abs(truth - predict(rows))
    rng = np.random.default_rng(0)
    orders = [rng.permutation(len(rows)) for _ in range(REPEATS)]
    return tuple(
        name
        for name, columns in groups.items()
        if _rises(_shuffled_error(predict, rows, truth, columns, orders) - error, code)
    )


def _shuffled_error(
    predict: Callable[[pd.DataFrame], Floats],
    rows: pd.DataFrame,
    truth: Floats,
    columns: Sequence[str],
    orders: Sequence[Any],
) -> Floats:
    there = [name for name in columns if name in rows.columns]
    if not there:
        return np.abs(truth - predict(rows))
    total = np.zeros(len(rows))
    for order in orders:
        shuffled = rows.copy(deep=False)
        for name in there:
            shuffled[name] = rows[name].take(order).array
        total += np.abs(truth - predict(shuffled))
    return total / len(orders)


def _rises(rise: Floats, channel: Any) -> bool:
    mean = float(rise.mean())
    of_channel = np.bincount(channel, rise - mean)
    error = float(np.sqrt((of_channel**2).sum())) / len(rise)
    return mean > 0 and mean > _AT_LEAST * error
