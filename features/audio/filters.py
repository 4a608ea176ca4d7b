"""Matrices that turn a power spectrum into mel bands and pitch classes, as librosa defines them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LINEAR_HZ, BREAK_HZ = 200.0 / 3, 1000.0
LOG_STEP = np.log(6.4) / 27
BREAK_MEL = BREAK_HZ / LINEAR_HZ


def hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's scale (Auditory Toolbox, 1998): linear to 1 kHz, then logarithmic."""
    above = BREAK_MEL + np.log(np.maximum(hz, BREAK_HZ) / BREAK_HZ) / LOG_STEP
    return np.where(hz < BREAK_HZ, hz / LINEAR_HZ, above)


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = BREAK_HZ * np.exp(LOG_STEP * (np.maximum(mel, BREAK_MEL) - BREAK_MEL))
    return np.where(mel < BREAK_MEL, mel * LINEAR_HZ, above)


@lru_cache(maxsize=8)
def mel_bands(rate: int, length: int, bands: int = 128) -> Floats:
    """(length / 2 + 1, bands): triangles of equal area, evenly spaced in mel from 0 to half the rate."""
    bins = np.arange(length // 2 + 1) * rate / length
    top = float(hz_to_mel(np.array(rate / 2)))
    corners = mel_to_hz(np.linspace(0.0, top, bands + 2))
    rising = (bins[:, None] - corners[:-2]) / np.diff(corners)[:-1]
    falling = (corners[2:] - bins[:, None]) / np.diff(corners)[1:]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * 2 / (corners[2:] - corners[:-2])).astype(np.float32)


@lru_cache(maxsize=8)
def pitch_classes(rate: int, length: int) -> Floats:
    """(length / 2 + 1, 12): how much each bin belongs to C, C#, ... B (A4 = 440 Hz).

    After Ellis, "Chroma feature analysis and synthesis" (2007): a Gaussian around each semitone as wide as the bin is,
    each bin of length 1, weighted by a Gaussian of two octaves around the fifth octave from A0.
    """
    count = length // 2 + 1
    hz = np.maximum(np.arange(1, length) * rate / length, 1e-9)
    # Semitones above A0's octave; the bin of 0 Hz is put one and a half octaves under the first.
    semitones = np.concatenate([[0.0], 12 * np.log2(hz / 27.5)])
    semitones[0] = semitones[1] - 18
    widths = np.concatenate([np.maximum(np.diff(semitones), 1.0), [1.0]])
    # Of each class the nearest octave: distances from -6 to 6 semitones.
    distance = np.mod(semitones[:, None] - np.arange(12) + 126, 12) - 6
    bumps = np.exp(-0.5 * (2 * distance / widths[:, None]) ** 2)
    bumps /= np.linalg.norm(bumps, axis=1, keepdims=True)
    bumps *= np.exp(-0.5 * ((semitones / 12 - 5) / 2) ** 2)[:, None]
    return np.roll(bumps, -3, axis=1)[:count].astype(np.float32)
