"""Sample peak, true peak (BS.1770-4 annex 2) and clipping, as a stream."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from features.audio.decode import Samples

TAPS = 12
CHUNK = 64
FULL = 0.999


@lru_cache(maxsize=4)
def _interpolator(ratio: int) -> tuple[NDArray[np.float32], float]:
    """(CHUNK + TAPS, CHUNK * ratio) that gives a chunk's values between the samples too, and how many times the highest
    sample they can exceed."""
    from scipy.signal import firwin

    taps = firwin(TAPS * ratio + 1, 1 / ratio, window=("kaiser", 6.0)) * ratio
    matrix = np.zeros((CHUNK + TAPS, CHUNK * ratio), np.float32)
    for column in range(CHUNK * ratio):
        for tap, weight in enumerate(taps):
            # Output at column / ratio samples after the chunk's first, which stands at row TAPS / 2.
            offset = column + tap - TAPS * ratio // 2
            if offset % ratio == 0:
                matrix[TAPS // 2 + offset // ratio, column] += weight
    return matrix, float(np.abs(matrix).sum(axis=0).max())


class PeakMeter:
    """Feed blocks (channels, n). Peaks are ratios to full scale."""

    def __init__(self, rate: int, channels: int) -> None:
        self._ratio = 4 if rate < 96_000 else 2 if rate < 192_000 else 1
        self._rest = np.zeros((channels, TAPS), np.float32)
        self.sample_peak = self.true_peak = 0.0
        self.clipped = self.samples = 0

    def push(self, samples: Samples) -> None:
        if not samples.size:
            return
        size = np.abs(samples)
        self.sample_peak = max(self.sample_peak, float(size.max()))
        self.true_peak = max(self.true_peak, self.sample_peak)
        self.clipped += int(np.count_nonzero(size >= FULL))
        self.samples += samples.size
        joined = np.concatenate([self._rest, samples], axis=1)
        # What is not yet followed by enough samples waits for the next block.
        whole = (joined.shape[1] - TAPS) // CHUNK
        self._interpolate(joined[:, : whole * CHUNK + TAPS])
        self._rest = joined[:, whole * CHUNK :].copy()

    def finish(self) -> None:
        """The last samples, with silence after them."""
        tail = CHUNK + TAPS - self._rest.shape[1] % CHUNK
        joined = np.pad(self._rest, ((0, 0), (0, tail)))
        whole = (joined.shape[1] - TAPS) // CHUNK
        self._interpolate(joined[:, : whole * CHUNK + TAPS])

    @property
    def clipping_share(self) -> float:
        return self.clipped / self.samples if self.samples else 0.0

    def _interpolate(self, samples: Samples) -> None:
        """Only chunks that can beat the highest value so far are looked at: the filter's gain is bounded."""
        if self._ratio == 1 or samples.shape[1] < CHUNK + TAPS:
            return
        matrix, most = _interpolator(self._ratio)
        windows = np.lib.stride_tricks.sliding_window_view(samples, CHUNK + TAPS, axis=1)[:, ::CHUNK]
        windows = windows.reshape(-1, CHUNK + TAPS)
        highest = np.abs(windows).max(axis=1)
        first = windows[[int(highest.argmax())]]
        self.true_peak = max(self.true_peak, float(np.abs(first @ matrix).max()))
        candidates = windows[highest * most > self.true_peak]
        if len(candidates):
            self.true_peak = max(self.true_peak, float(np.abs(candidates @ matrix).max()))
