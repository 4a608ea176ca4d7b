"""Prosody: how pitch and level move."""

from __future__ import annotations

import math

import numpy as np

from creatorlens.reading.audio import Prosody
from creatorlens.reading.base import Curve
from features.audio.filters import Floats
from features.audio.spectra import HOP, Frames

VOICED = 0.45  # Praat's voicing threshold
QUIETEST = 0.03  # and its silence threshold, as a share of the loudest
FEWEST = 10
MOST_VALUES = 600
STEP_S = 0.1


def prosody(frames: Frames, rate: int, duration_s: float) -> Prosody:
    loud = frames.rms > max(QUIETEST * float(frames.rms.max(initial=0)), 1e-4)
    voiced = loud & (frames.periodicity > VOICED)
    semitones = 12 * np.log2(frames.pitch_hz[voiced].astype(np.float64))
    enough = len(semitones) >= FEWEST
    low, middle, high = (
        (float(x) for x in np.percentile(semitones, [10, 50, 90])) if enough else (0.0, 0.0, 0.0)
    )
    level = 20 * np.log10(frames.rms[loud].astype(np.float64))
    return Prosody(
        pitch_median_hz=2 ** (middle / 12) if enough else None,
        pitch_low_hz=2 ** (low / 12) if enough else None,
        pitch_high_hz=2 ** (high / 12) if enough else None,
        pitch_range_semitones=high - low if enough else None,
        pitch_sd_semitones=float(semitones.std()) if enough else None,
        voiced_share=float(voiced.mean()),
        energy_sd_db=float(level.std()) if len(level) >= FEWEST else None,
        pitch=_curve(frames, np.where(voiced, frames.pitch_hz, 0), rate, duration_s),
    )


def _curve(frames: Frames, hz: Floats, rate: int, duration_s: float) -> Curve:
    """Median of the voiced frames of each step; 0 where there is none, or nobody listened."""
    step = STEP_S * max(1, math.ceil(duration_s / STEP_S / MOST_VALUES))
    count = max(1, math.ceil(max(duration_s, float(frames.times_s[-1]) + HOP / rate) / step))
    at = np.minimum((frames.times_s / step).astype(int), count - 1)
    values = [0.0] * count
    for index in np.unique(at[hz > 0]):
        values[index] = float(np.median(hz[(at == index) & (hz > 0)]))
    return Curve(step_s=step, values=tuple(values))
