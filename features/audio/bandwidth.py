"""How high the sound reaches: a telephone ends at 3.4 kHz, a strongly compressed file at 16."""

from __future__ import annotations

import numpy as np

from features.audio.decode import Samples

LENGTH = 4096
FRAMES_PER_BLOCK = 12
BELOW_PEAK_DB = 70.0


class BandwidthMeter:
    """Feed blocks (channels, n). A long-term average spectrum of frames spread over each block."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._window = np.hanning(LENGTH).astype(np.float32)
        self._power = np.zeros(LENGTH // 2 + 1)

    def push(self, samples: Samples) -> None:
        from scipy.fft import rfft

        if not samples.shape[1]:
            return
        mono = samples.mean(axis=0)
        if len(mono) < LENGTH:
            mono = np.pad(mono, (0, LENGTH - len(mono)))
        starts = np.linspace(0, len(mono) - LENGTH, min(FRAMES_PER_BLOCK, len(mono) // LENGTH)).astype(int)
        frames = np.stack([mono[start : start + LENGTH] for start in starts]) * self._window
        self._power += (np.abs(rfft(frames, axis=1)) ** 2).sum(axis=0, dtype=np.float64)

    def finish(self) -> float:
        """Hz; 0 for silence."""
        if self._power.max() <= 0:
            return 0.0
        within = np.flatnonzero(self._power >= self._power.max() * 10 ** (-BELOW_PEAK_DB / 10))
        return float(within[-1] * self._rate / LENGTH)
