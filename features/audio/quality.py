"""Quality of the recording, without learned models."""

from __future__ import annotations

import math

import numpy as np

from creatorlens.reading.audio import Quality
from features.audio.filters import mel_bands
from features.audio.spectra import LENGTH, Frames, hann

SILENT_DB, LOWEST_DB = -60.0, -100.0
QUIET_PERCENTILE = 10


def quality(frames: Frames, clipping_share: float, bandwidth_hz: float, rate: int) -> Quality:
    floor, whole = _floor_and_whole(frames, rate)
    snr = 10 * math.log10(max(whole - floor, 1e-12) / max(floor, 1e-12))
    return Quality(
        clipping_share=clipping_share,
        silence_share=float((frames.rms < 10 ** (SILENT_DB / 20)).mean()),
        noise_floor_dbfs=min(6.0, max(LOWEST_DB, 10 * math.log10(max(floor, 1e-12)))),
        snr_db=float(np.clip(snr, -20, 100)),
        bandwidth_hz=bandwidth_hz,
    )


def _floor_and_whole(frames: Frames, rate: int) -> tuple[float, float]:
    """Mean square of the noise and of everything: mel bands' energies summed, the noise being each band's quietest tenth
    (minimum statistics, after Martin 2001)."""
    # Divided by their heights the triangles add up to one at every bin: they tile the spectrum.
    heights = mel_bands(rate, LENGTH).max(axis=0).astype(np.float64)
    window = float(np.square(hann(LENGTH)).sum(dtype=np.float64))
    energy = frames.mel / heights * (2 / (LENGTH * window))
    return float(np.percentile(energy, QUIET_PERCENTILE, axis=0).sum()), float(energy.mean(axis=0).sum())
