"""Tempo from the autocorrelation of onsets, key from the pitch classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.audio import PITCH_CLASSES, Music
from features.audio.filters import Floats
from features.audio.spectra import HOP, LENGTH

WINDOW_S = 8.0
EVERY = 4
TYPICAL_BPM, OCTAVES = 120.0, 1.0
FASTEST_BPM = 320.0
SHORTEST_S = 3.0
SILENT_DB = -60.0
# How well each pitch class fits a key, from listeners' ratings: Krumhansl, "Cognitive Foundations of Musical Pitch" (1990).
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def music(mel_db: Sequence[Floats], chroma: Floats, rms: Floats, rate: int) -> Music:
    """`mel_db`: (n, 128) of each excerpt. `chroma` (n, 12) and `rms` (n,) of all frames."""
    onsets = [onset_strength(each) for each in mel_db]
    bpm, confidence = tempo(onsets, rate)
    loud = chroma[rms > 10 ** (SILENT_DB / 20)]
    mean = loud.mean(axis=0, dtype=np.float64) if len(loud) else np.zeros(12)
    key, mode, correlation, margin = key_of(mean)
    seconds = sum(len(each) for each in onsets) * HOP / rate
    return Music(
        tempo_bpm=bpm,
        tempo_confidence=confidence,
        onsets_per_s=sum(count_onsets(each) for each in onsets) / seconds,
        key=key,
        mode=mode,
        key_correlation=correlation,
        key_confidence=margin,
        chroma=tuple(float(min(1.0, x)) for x in mean),
    )


def onset_strength(mel_db: Floats) -> Floats:
    """(n,): mean rise over mel bands from frame to frame (spectral flux), delayed by half a frame's length."""
    rise = np.maximum(np.diff(mel_db, axis=0), 0).mean(axis=1)
    return np.pad(rise, (1 + LENGTH // (2 * HOP), 0))[: len(mel_db)]


def tempo(onsets: Sequence[Floats], rate: int) -> tuple[float | None, float]:
    """Beats per minute and how strongly onsets repeat at it (0-1).

    Autocorrelation within windows of 8 s, averaged, weighted by a log-normal prior around 120 (Ellis, "Beat tracking by
    dynamic programming", 2007)."""
    per_minute = 60.0 * rate / HOP
    window = int(WINDOW_S * rate / HOP)
    long_enough = [each for each in onsets if len(each) >= SHORTEST_S * rate / HOP and each.max() > 0]
    if not long_enough:
        return None, 0.0
    repeats = np.concatenate([_autocorrelations(each, window) for each in long_enough]).mean(
        axis=0, dtype=np.float64
    )
    lags = np.arange(1, window)
    bpm = per_minute / lags
    prior = np.where(bpm < FASTEST_BPM, -0.5 * (np.log2(bpm / TYPICAL_BPM) / OCTAVES) ** 2, -np.inf)
    best = int((np.log1p(1e6 * np.maximum(repeats[1:], 0)) + prior).argmax())
    return float(bpm[best]), _confidence(long_enough, 1 + best)


def _confidence(onsets: Sequence[Floats], lag: int) -> float:
    """Correlation of onsets with themselves one beat later (or a frame less or more): their mean level does not count,
    which for rain would repeat perfectly."""
    best = 0.0
    for near in (lag - 1, lag, lag + 1):
        found = [np.corrcoef(each[:-near], each[near:])[0, 1] for each in onsets if len(each) > near + 2]
        lengths = [len(each) for each in onsets if len(each) > near + 2]
        if found:
            best = max(best, float(np.average(np.nan_to_num(found), weights=lengths)))
    return min(1.0, best)


def _autocorrelations(onsets: Floats, window: int) -> Floats:
    """(m, window) of windows every few frames, each highest at 1."""
    from scipy.fft import irfft, next_fast_len, rfft

    half = window // 2
    padded = np.pad(onsets, half, mode="linear_ramp")
    views = np.lib.stride_tricks.sliding_window_view(padded, window)[::EVERY]
    shape = np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window), np.float32)
    size = next_fast_len(2 * window - 1, real=True)
    spectra = rfft(views * shape, size, axis=1)
    found = irfft(spectra.real**2 + spectra.imag**2, size, axis=1)[:, :window]
    return np.asarray(found / np.maximum(found.max(axis=1, keepdims=True), 1e-20), np.float32)


def count_onsets(onsets: Floats) -> int:
    """Peaks that are highest within 70 ms and stand out of their surroundings (Boeck et al. 2012, simplified)."""
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    if not len(onsets) or onsets.max() <= 0:
        return 0
    scaled = onsets / onsets.max()
    peak = (scaled == maximum_filter1d(scaled, 7)) & (scaled >= uniform_filter1d(scaled, 17) + 0.07)
    return int(np.count_nonzero(peak))


def key_of(
    chroma: NDArray[np.float64],
) -> tuple[str | None, Literal["major", "minor"] | None, float, float]:
    """Key, mode, correlation with its profile, and lead over the second best as a share of the best."""
    if chroma.std() <= 1e-9:
        return None, None, 0.0, 0.0
    keys: list[tuple[float, str, Literal["major", "minor"]]] = []
    for tonic, name in enumerate(PITCH_CLASSES):
        keys.append((_correlation(chroma, np.roll(MAJOR, tonic)), name, "major"))
        keys.append((_correlation(chroma, np.roll(MINOR, tonic)), name, "minor"))
    (best, key, mode), (second, _, _) = sorted(keys, reverse=True)[:2]
    return key, mode, best, float(np.clip((best - second) / max(best, 1e-9), 0, 1))


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))
