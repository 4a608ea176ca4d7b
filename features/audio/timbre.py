"""Timbre: mel-frequency cepstral coefficients and the shape of the spectrum."""

from __future__ import annotations

import numpy as np

from creatorlens.reading.audio import MEL_PROFILE_BANDS, Timbre
from features.audio.filters import Floats
from features.audio.loudness import decibels
from features.audio.spectra import Frames

COEFFICIENTS = 20
RANGE_DB = 80.0
LOWEST_DB = -100.0


def mel_decibels(frames: Frames) -> Floats:
    """(n, 128): 10 log10 of the power, at most 80 dB under the loudest (as librosa's `power_to_db`)."""
    values = 10 * np.log10(np.maximum(frames.mel, 1e-10))
    return np.maximum(values, values.max() - RANGE_DB)


def mfcc(mel_db: Floats, count: int = COEFFICIENTS) -> Floats:
    """(n, bands) -> (n, count): orthonormal discrete cosine transform (type II)."""
    from scipy.fft import dct

    return np.asarray(dct(mel_db, axis=1, norm="ortho")[:, :count])


def timbre(frames: Frames, mel_db: Floats) -> Timbre:
    coefficients = mfcc(mel_db).astype(np.float64)
    profile = frames.mel.mean(axis=0, dtype=np.float64).reshape(MEL_PROFILE_BANDS, -1).mean(axis=1)
    return Timbre(
        mfcc_mean=tuple(float(x) for x in coefficients.mean(axis=0)),
        mfcc_sd=tuple(float(x) for x in coefficients.std(axis=0)),
        centroid_hz=_mean(frames.centroid_hz),
        centroid_sd_hz=float(frames.centroid_hz.std(dtype=np.float64)),
        bandwidth_hz=_mean(frames.bandwidth_hz),
        rolloff_hz=_mean(frames.rolloff_hz),
        flatness=min(1.0, _mean(frames.flatness)),
        zero_crossing_rate=_mean(frames.zero_crossing_rate),
        rms_dbfs=decibels(float(np.sqrt(np.square(frames.rms, dtype=np.float64).mean()))),
        mel_profile_db=tuple(
            float(x) for x in np.maximum(10 * np.log10(np.maximum(profile, 1e-10)), LOWEST_DB)
        ),
    )


def _mean(values: Floats) -> float:
    return float(values.mean(dtype=np.float64))
