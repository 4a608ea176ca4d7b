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
    kernel = _step(drift, spread, width)
    won, lost, none = (np.zeros(looks) for _ in range(3))
    mass = ndtr((edges[1:] - drift) / spread) - ndtr((edges[:-1] - drift) / spread)
    beyond, below = 1 - ndtr((edges[-1] - drift) / spread), ndtr((edges[0] - drift) / spread)
    for look in range(looks):
        if look > 0:
            mass, below, beyond = _moved(mass, kernel)
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
    return Crossed(won, lost, none)


def _step(drift: float, spread: float, width: float) -> Floats:
    """Probabilities of moving by whole cells, odd in number, the middle one staying."""
    half = int(np.ceil((abs(drift) + 7 * spread) / width)) + 1
    edges = (np.arange(-half, half + 2) - 0.5) * width
    found: Floats = np.diff(ndtr((edges - drift) / spread))
    return found


def _moved(mass: Floats, kernel: Floats) -> tuple[Floats, float, float]:
    from scipy.signal import fftconvolve

    whole = np.maximum(fftconvolve(mass, kernel), 0.0)
    half = len(kernel) // 2
    return whole[half : half + len(mass)], float(whole[:half].sum()), float(whole[half + len(mass) :].sum())
