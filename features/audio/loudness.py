"""Programme loudness: ITU-R BS.1770-4 (K-weighting, gates) and EBU Tech 3342 (range), as a stream.

Everything comes from the K-weighted energy of steps of 100 ms: four make a gating block (75 % overlap), thirty a
short-term value.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.audio import Loudness
from creatorlens.reading.base import Curve
from features.audio.decode import Samples

STEPS_PER_S = 10
GATING_STEPS, SHORT_TERM_STEPS = 4, 30
ABSOLUTE_GATE = -70.0
MOST_VALUES = 600
SURROUND = {"SL", "SR", "BL", "BR", "SDL", "SDR"}
Energies = NDArray[np.float64]


def k_weighting(rate: int) -> NDArray[np.float64]:
    """(2, 6) second-order sections: the filters of BS.1770, whose 48 kHz coefficients fix these analogue parameters
    (bilinear transform after De Man, "Evaluation of implementations of the EBU R128 loudness measurement", 2018)."""
    gain = 10 ** (3.999843853973347 / 20)
    k, q = math.tan(math.pi * min(1681.974450955533, 0.45 * rate) / rate), 0.7071752369554196
    middle = gain**0.4996667741545416
    first = 1 + k / q + k * k
    shelf = [
        (gain + middle * k / q + k * k) / first,
        2 * (k * k - gain) / first,
        (gain - middle * k / q + k * k) / first,
    ]
    shelf += [1.0, 2 * (k * k - 1) / first, (1 - k / q + k * k) / first]
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    first = 1 + k / q + k * k
    return np.array([shelf, [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / first, (1 - k / q + k * k) / first]])


def channel_weights(speakers: tuple[str, ...]) -> NDArray[np.float64]:
    """BS.1770 table 3: 1.41 for surround channels of more than stereo, nothing for low-frequency effects."""
    many = len(speakers) > 2
    return np.array(
        [0.0 if many and "LFE" in s else 1.41 if many and s in SURROUND else 1.0 for s in speakers]
    )


class LoudnessMeter:
    """Feed blocks (channels, n); `energies` is the weighted mean square of each step of 100 ms."""

    def __init__(self, rate: int, speakers: tuple[str, ...]) -> None:
        self._rate = rate
        self._sections = k_weighting(rate)
        self._state = np.zeros((2, len(speakers), 2))
        self._weights = channel_weights(speakers)
        self._done: list[Energies] = []
        self._steps = self._samples = 0
        self._open = 0.0

    def push(self, samples: Samples) -> None:
        from scipy.signal import sosfilt

        count = samples.shape[1]
        if not count:
            return
        weighted, self._state = sosfilt(self._sections, samples.astype(np.float64), axis=1, zi=self._state)
        np.square(weighted, out=weighted)
        energy = self._weights @ weighted
        ends = self._ends(self._samples + count) - self._samples
        sums = np.add.reduceat(energy, np.concatenate([[0], ends[ends < count]]))
        sums[0] += self._open
        closed = len(ends)
        # The step that ends exactly with the block has no part after it.
        self._open = float(sums[closed]) if len(sums) > closed else 0.0
        lengths = np.diff(np.concatenate([[self._edge(self._steps)], ends + self._samples]))
        self._done.append(sums[:closed] / lengths)
        self._steps += closed
        self._samples += count

    def finish(self) -> Energies:
        """An unfinished step at the end counts only where there is no other (BS.1770 leaves unfinished blocks out)."""
        rest = self._samples - self._edge(self._steps)
        if not self._steps and rest:
            return np.array([self._open / rest])
        return np.concatenate(self._done) if self._done else np.zeros(0)

    def _edge(self, step: int) -> int:
        return round(step * self._rate / STEPS_PER_S)

    def _ends(self, upto: int) -> NDArray[np.int64]:
        last = upto * STEPS_PER_S // self._rate + 1
        edges = np.array([self._edge(step) for step in range(self._steps + 1, last + 1)], np.int64)
        return edges[edges <= upto]


def loudness(energies: Energies, true_peak: float, sample_peak: float) -> Loudness:
    """`energies` of steps of 100 ms; peaks as ratios to full scale."""
    short = _sliding(energies, SHORT_TERM_STEPS)
    return Loudness(
        integrated_lufs=_integrated(_sliding(energies, GATING_STEPS)),
        range_lu=_range(short) if len(energies) >= SHORT_TERM_STEPS else None,
        true_peak_dbtp=decibels(true_peak),
        sample_peak_dbfs=decibels(sample_peak),
        short_term=_curve(energies),
        first_3s_lufs=_gated_none(energies[:SHORT_TERM_STEPS]),
        first_15s_lufs=_gated_none(energies[: 15 * STEPS_PER_S]),
    )


def decibels(ratio: float) -> float | None:
    return 20 * math.log10(ratio) if ratio > 0 else None


def lufs(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-20)))


def _sliding(energies: Energies, steps: int) -> Energies:
    """Means over `steps` steps; over all of them where there are fewer."""
    if len(energies) <= steps:
        return energies.mean(keepdims=True) if len(energies) else energies
    total = np.concatenate([[0.0], np.cumsum(energies)])
    return np.maximum(total[steps:] - total[:-steps], 0) / steps


def _integrated(blocks: Energies) -> float | None:
    loud = blocks[lufs(blocks) >= ABSOLUTE_GATE]
    if not len(loud):
        return None
    gate = lufs(loud.mean()) - 10
    return float(lufs(loud[lufs(loud) > gate].mean()))


def _range(short: Energies) -> float:
    loud = short[lufs(short) >= ABSOLUTE_GATE]
    if not len(loud):
        return 0.0
    kept = lufs(loud[lufs(loud) >= lufs(loud.mean()) - 20])
    low, high = np.percentile(kept, [10, 95])
    return float(high - low)


def _gated_none(energies: Energies) -> float | None:
    if not len(energies):
        return None
    value = float(lufs(energies.mean()))
    return value if value >= ABSOLUTE_GATE else None


def _curve(energies: Energies) -> Curve:
    """One value a second, fewer where there would be more than 600."""
    stride = STEPS_PER_S * max(1, math.ceil(len(energies) / STEPS_PER_S / MOST_VALUES))
    values = [
        float(lufs(energies[at : at + SHORT_TERM_STEPS].mean())) for at in range(0, len(energies), stride)
    ]
    return Curve(step_s=stride / STEPS_PER_S, values=tuple(max(ABSOLUTE_GATE, value) for value in values))
