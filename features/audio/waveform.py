"""The waveform to draw: lowest and highest sample of equal stretches, whatever the length."""

from __future__ import annotations

import numpy as np

from creatorlens.reading.audio import Waveform
from features.audio.decode import Samples

STEP = 256
MOST = 400


class WaveformMeter:
    """Feed mono blocks (n,)."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._rest: Samples = np.zeros(0, np.float32)
        self._low: list[Samples] = []
        self._high: list[Samples] = []

    def push(self, samples: Samples) -> None:
        joined = np.concatenate([self._rest, samples])
        whole = len(joined) // STEP
        steps = joined[: whole * STEP].reshape(whole, STEP)
        if whole:
            self._low.append(steps.min(axis=1))
            self._high.append(steps.max(axis=1))
        self._rest = joined[whole * STEP :]

    def finish(self) -> Waveform:
        if len(self._rest):
            self._low.append(self._rest.min(keepdims=True))
            self._high.append(self._rest.max(keepdims=True))
            self._rest = self._rest[:0]
        low, high = np.concatenate(self._low), np.concatenate(self._high)
        stride = -(-len(low) // MOST)
        starts = np.arange(0, len(low), stride)
        return Waveform(
            step_s=stride * STEP / self._rate,
            low=tuple(float(x) for x in np.clip(np.minimum.reduceat(low, starts), -1, 1)),
            high=tuple(float(x) for x in np.clip(np.maximum.reduceat(high, starts), -1, 1)),
        )
