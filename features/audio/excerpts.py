"""What of a long sound is listened to: everything up to ten minutes, then windows spread evenly over it.

Windows of 20 s whose number is a multiple of a stride are kept. When there are more than thirty, the stride doubles
and every second one is let go: so the first always stays, the length need not be known, and memory is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.audio.decode import Samples

WINDOW_S = 20
MOST_WINDOWS = 30


@dataclass(frozen=True)
class Excerpt:
    """Mono samples (n,) at `rate`, from `start_s` on."""

    start_s: float
    rate: int
    samples: Samples

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


class Listener:
    """Feed mono blocks (n,) of one rate."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._length = WINDOW_S * rate
        self._stride = 1
        self._kept: dict[int, list[Samples]] = {}
        self._heard = 0

    def push(self, samples: Samples) -> None:
        while len(samples):
            window, within = divmod(self._heard, self._length)
            part = samples[: self._length - within]
            if window % self._stride == 0:
                self._keep(window, part)
            self._heard += len(part)
            samples = samples[len(part) :]

    def _keep(self, window: int, part: Samples) -> None:
        self._kept.setdefault(window, []).append(part.copy())
        if len(self._kept) > MOST_WINDOWS:
            self._stride *= 2
            self._kept = {number: parts for number, parts in self._kept.items() if number % self._stride == 0}

    def finish(self) -> tuple[Excerpt, ...]:
        """Neighbouring windows are one excerpt."""
        runs: list[list[int]] = []
        for window in sorted(self._kept):
            if runs and runs[-1][-1] == window - 1:
                runs[-1].append(window)
            else:
                runs.append([window])
        return tuple(self._joined(run) for run in runs)

    def _joined(self, run: Sequence[int]) -> Excerpt:
        samples = np.concatenate([part for window in run for part in self._kept[window]])
        return Excerpt(float(run[0] * WINDOW_S), self._rate, samples)
