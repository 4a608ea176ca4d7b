"""For every moment a channel's outcome became known: which of its known posts were then the newest."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from features.asof import Floats, Ints


def newest_known(channel: Ints, known_us: Ints, size: int) -> tuple[Ints, Ints]:
    """Windows of the newest posts known at each outcome event.

    Rows come sorted by channel (codes) and publishing order. Returns `(event, window)`: `event` is the
    row whose outcome became known, events sorted by channel and known_at; `window[j]` (n x size) holds
    the rows of the `size` newest-published outcomes known after event j, newest first, -1 = none. An
    older post that becomes known late never pushes a newer one out.
    """
    n = len(channel)
    event = np.lexsort((np.arange(n), known_us, channel)).astype(np.int64)
    starts = np.zeros(n, dtype=np.int64)
    if n:
        new = np.flatnonzero(np.r_[True, channel[1:] != channel[:-1]])
        starts = np.repeat(new, np.diff(np.r_[new, n]))
    # Where outcomes become known in publishing order, the window is simply the rows before.
    window = np.arange(n, dtype=np.int64)[:, None] - np.arange(size, dtype=np.int64)[None, :]
    window[window < starts[:, None]] = -1
    late = np.isin(channel, np.unique(channel[event != np.arange(n)]))
    if late.any():
        window[late] = _insert_step_by_step(event[late], starts[late], np.flatnonzero(late), size)
    return event, window


def _insert_step_by_step(event: Ints, starts: Ints, place: Ints, size: int) -> Ints:
    """Windows of channels whose outcomes came out of order: the k-th event of all channels at once."""
    windows = np.full((len(event), size), -1, dtype=np.int64)
    channel = np.unique(starts, return_inverse=True)[1]
    step = place - starts
    order = np.argsort(step, kind="stable")
    bounds = np.r_[np.flatnonzero(np.r_[True, np.diff(step[order]) > 0]), len(order)]
    newest = np.full((channel.max() + 1, size), -1, dtype=np.int64)
    for first, last in pairwise(bounds):
        rows = order[first:last]
        candidates = np.concatenate([newest[channel[rows]], event[rows, None]], axis=1)
        candidates.sort(axis=1)
        newest[channel[rows]] = candidates[:, :0:-1]
        windows[rows] = newest[channel[rows]]
    return windows


def values_in(window: Ints, values: Floats) -> Floats:
    """`values` at the window's rows, NaN where it has none."""
    return np.where(window >= 0, values[window], np.nan)


def sorted_values(window_values: Floats) -> tuple[Floats, Ints]:
    """Rows sorted ascending with NaN last, and how many values each has."""
    ordered = np.sort(window_values, axis=1)
    return ordered, (~np.isnan(ordered)).sum(axis=1).astype(np.int64)


def quantile(ordered: Floats, count: Ints, q: float) -> Floats:
    """Linear-interpolated quantile of each row of `sorted_values`; NaN for empty rows."""
    at = np.maximum(count - 1, 0) * q
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    rows = np.arange(len(ordered))
    below, above = ordered[rows, low], ordered[rows, high]
    return below + (above - below) * (at - low)


def weighted_mean(window_values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted mean of each row over its known values, and the weight it rests on."""
    known: NDArray[np.bool_] = ~np.isnan(window_values)
    weight = (known * weights).sum(axis=1)
    total = (np.where(known, window_values, 0.0) * weights).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / weight, weight
