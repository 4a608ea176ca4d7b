"""How likely a sum that is looked at again and again has crossed a bound (Armitage, McPherson and Rowe, 1969).

Between looks the sum moves by a normal step. Its density over the region in which nothing was decided is carried from look
to look by convolution; what leaves the region is what has been decided.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
CELLS_PER_STEP = 6
MOST_CELLS = 6000
DECIDED = 1e-7
"""As little is left that later looks change nothing."""


@dataclass(frozen=True)
class Bounds:
    """By look: at `win` or above the first has won, at its negative the second. Within `none` of zero neither differs
    enough; negative where that cannot be said yet."""

    win: Floats
    none: Floats


@dataclass(frozen=True)
class Crossed:
    """Probabilities that it was decided at each look."""

    won: Floats
    lost: Floats
    none: Floats

    @property
    def power(self) -> Floats:
        found: Floats = np.cumsum(self.won)
        return found

    def mean_look(self, last: int) -> float:
        """Looks on average, where one stops at look `last` (from 1) at the latest."""
        going_on = 1.0 - np.cumsum(self.won + self.lost + self.none)
        return float(1.0 + going_on[: last - 1].sum())


def crossed(bounds: Bounds, drift: float, spread: float) -> Crossed:
    """`drift` and `spread`: mean and standard deviation of one step."""
    looks = len(bounds.win)
    reach = float(bounds.win.max())
    width = max(min(spread / CELLS_PER_STEP, reach / 50), 2 * reach / MOST_CELLS)
    half = int(np.ceil(reach / width)) + 1
    edges = (np.arange(-half, half + 1)) * width
    centres = (edges[1:] + edges[:-1]) / 2
    move = _Move.of(_step(drift, spread, width), len(centres))
    won, lost, none = (np.zeros(looks) for _ in range(3))
    mass = ndtr((edges[1:] - drift) / spread) - ndtr((edges[:-1] - drift) / spread)
    beyond, below = 1 - ndtr((edges[-1] - drift) / spread), ndtr((edges[0] - drift) / spread)
    for look in range(looks):
        if look > 0:
            mass, below, beyond = move(mass)
        win, same = float(bounds.win[look]), float(bounds.none[look])
        inside = np.clip((win - np.abs(centres)) / width + 0.5, 0.0, 1.0)
        out = mass * (1.0 - inside)
        won[look] = beyond + out[centres > 0].sum()
        lost[look] = below + out[centres < 0].sum()
        mass = mass * inside
        if same > 0:
            quiet = np.clip((same - np.abs(centres)) / width + 0.5, 0.0, 1.0)
            none[look] = (mass * quiet).sum()
            mass = mass * (1.0 - quiet)
        if float(mass.sum()) < DECIDED:
            break
    return Crossed(won, lost, none)


def _step(drift: float, spread: float, width: float) -> Floats:
    """Probabilities of moving by whole cells, odd in number, the middle one staying."""
    half = int(np.ceil((abs(drift) + 7 * spread) / width)) + 1
    edges = (np.arange(-half, half + 2) - 0.5) * width
    found: Floats = np.diff(ndtr((edges - drift) / spread))
    return found


@dataclass(frozen=True)
class _Move:
    """Convolution with one kernel again and again: `kernel` is its Fourier transform over `size` cells."""

    kernel: NDArray[np.complex128]
    half: int
    size: int

    @classmethod
    def of(cls, kernel: Floats, cells: int) -> _Move:
        from scipy.fft import next_fast_len, rfft

        size = next_fast_len(cells + len(kernel) - 1, real=True)
        return cls(rfft(kernel, size), len(kernel) // 2, size)

    def __call__(self, mass: Floats) -> tuple[Floats, float, float]:
        """After one step: within the cells, below and beyond them."""
        from scipy.fft import irfft, rfft

        whole = np.maximum(irfft(rfft(mass, self.size) * self.kernel, self.size), 0.0)
        end = self.half + len(mass)
        last = len(mass) + 2 * self.half
        return whole[self.half : end], float(whole[: self.half].sum()), float(whole[end:last].sum())
