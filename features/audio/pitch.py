"""Pitch of frames: Boersma, "Accurate short-term analysis of the fundamental frequency" (1993), without its path finder.

The autocorrelation of the windowed frame is the inverse transform of its power spectrum; divided by the window's own it
estimates the signal's. Its highest peak in the range is the period. The part of the spectrum above a quarter of the rate
is left out, which halves the rate for free.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Pitch: TypeAlias = tuple[Floats, Floats]

LOWEST_HZ, HIGHEST_HZ = 65.0, 500.0
OCTAVE_COST = 0.01


def track(power: Floats, rate: int, window: Floats) -> Pitch:
    """(n, bins) power -> Hz (0 without a peak) and periodicity (0-1), each (n,)."""
    from scipy.fft import irfft

    length = 2 * (power.shape[1] - 1)
    half = length // 2
    shortest, longest = int(rate / 2 / HIGHEST_HZ), int(rate / 2 / LOWEST_HZ) + 1
    low = power[:, : half // 2 + 1].copy()
    low[:, : int(50 * length / rate) + 1] = 0
    found = irfft(low, n=half, axis=1)[:, : longest + 2]
    own = _autocorrelation(window.tobytes(), longest + 2)
    found /= np.maximum(found[:, :1], 1e-20) * own
    lags = np.arange(shortest, longest + 1)
    before, here, after = (
        found[:, shortest - 1 : longest],
        found[:, shortest : longest + 1],
        found[:, shortest + 1 :],
    )
    cost = OCTAVE_COST * np.log2(lags * 2 * LOWEST_HZ / rate)
    score = np.where((here > before) & (here >= after), here - cost.astype(np.float32), -1)
    best = score.argmax(axis=1)
    rows = np.arange(len(power))
    left, middle, right = before[rows, best], here[rows, best], after[rows, best]
    bend = left - 2 * middle + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1), 0)
    hz = np.where(score[rows, best] > 0, rate / 2 / (lags[best] + shift), 0)
    peak = np.clip(middle - 0.25 * (left - right) * shift, 0, 1)
    return hz.astype(np.float32), np.where(hz > 0, peak, 0).astype(np.float32)


@lru_cache(maxsize=2)
def _autocorrelation(window: bytes, count: int) -> Floats:
    """Of the window, at every second lag, 1 at lag 0."""
    values = np.frombuffer(window, np.float32).astype(np.float64)
    whole = np.array([values[: len(values) - 2 * lag] @ values[2 * lag :] for lag in range(count)])
    return np.asarray(whole / whole[0], np.float32)
