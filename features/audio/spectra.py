"""One short-time Fourier transform, and everything that is derived from it per frame.

Frames of 2048 samples every 512 at 22,050 Hz (93 and 23 ms), Hann window, centred with silence around the ends: librosa's
defaults, so that its figures can be compared. Frames are transformed in batches that stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from features.audio.decode import Samples
from features.audio.excerpts import Excerpt
from features.audio.filters import Floats, mel_bands, pitch_classes
from features.audio.pitch import Pitch, track
from features.one_thread import one_thread

LENGTH, HOP = 2048, 512
BATCH = 192
ROLLOFF = 0.85
FINGERPRINT_BANDS = 33
FINGERPRINT_HZ = (300.0, 2000.0)


@dataclass(frozen=True)
class Frames:
    """Arrays over n frames. `mel`: (n, 128) power; `chroma`: (n, 12) each frame's highest 1; `bands`: (n, 33) energy of
    the fingerprint's bands; `pitch_hz` is 0 where no period is found, `periodicity` 0-1; `rms` ratio to full scale."""

    times_s: NDArray[np.float64]
    mel: Floats
    chroma: Floats
    bands: Floats
    centroid_hz: Floats
    bandwidth_hz: Floats
    rolloff_hz: Floats
    flatness: Floats
    rms: Floats
    zero_crossing_rate: Floats
    pitch_hz: Floats
    periodicity: Floats

    def __len__(self) -> int:
        return len(self.times_s)


def frames_of(excerpts: Sequence[Excerpt]) -> list[Frames]:
    with one_thread():
        return [_frames(excerpt) for excerpt in excerpts]


def joined(parts: Sequence[Frames]) -> Frames:
    return Frames(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Frames)))


def power_spectra(samples: Samples, length: int = LENGTH, hop: int = HOP) -> Iterator[Floats]:
    """(m, length / 2 + 1) power of batches of frames."""
    from scipy.fft import rfft

    padded = np.pad(samples, length // 2)
    window = hann(length)
    views = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    for start in range(0, len(views), BATCH):
        spectrum = rfft(views[start : start + BATCH] * window, axis=1, overwrite_x=True)
        power: Floats = np.square(spectrum.real)
        power += np.square(spectrum.imag)
        yield power


@lru_cache(maxsize=4)
def hann(length: int) -> Floats:
    """The periodic window."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length), np.float32)


def _frames(excerpt: Excerpt) -> Frames:
    rate = excerpt.rate
    columns = [_batch(power, rate) for power in power_spectra(excerpt.samples)]
    mel, chroma, bands, centroid, bandwidth, rolloff, flatness, pitch, periodicity = (
        np.concatenate(column) for column in zip(*columns, strict=True)
    )
    rms, crossings = _levels(excerpt.samples, len(mel))
    return Frames(
        times_s=excerpt.start_s + np.arange(len(mel)) * HOP / rate,
        mel=mel,
        chroma=chroma,
        bands=bands,
        centroid_hz=centroid,
        bandwidth_hz=bandwidth,
        rolloff_hz=rolloff,
        flatness=flatness,
        rms=rms,
        zero_crossing_rate=crossings,
        pitch_hz=pitch,
        periodicity=periodicity,
    )


def _batch(power: Floats, rate: int) -> tuple[NDArray[np.float32], ...]:
    sums = power @ _power_matrix(rate)
    mel, chroma, bands = sums[:, :128], sums[:, 128:140], sums[:, 140:]
    magnitude = np.sqrt(power)
    total, first, second = (magnitude @ _moments()).T
    scale = rate / LENGTH
    safe = np.maximum(total, 1e-20)
    centroid = first / safe
    spread = np.sqrt(np.maximum(second / safe - centroid**2, 0))
    below = np.cumsum(magnitude, axis=1)
    rolloff = (below < ROLLOFF * below[:, -1:]).sum(axis=1)
    kept = np.maximum(power, 1e-10)
    mean = kept.mean(axis=1)
    flatness = np.exp(np.log(kept, out=kept).mean(axis=1)) / mean
    pitch: Pitch = track(power, rate, hann(LENGTH))
    chroma = chroma / np.maximum(chroma.max(axis=1, keepdims=True), 1e-20)
    return (
        mel,
        chroma,
        bands,
        centroid * scale,
        spread * scale,
        (rolloff * scale).astype(np.float32),
        flatness,
        *pitch,
    )


@lru_cache(maxsize=2)
def _power_matrix(rate: int) -> Floats:
    """(1025, 128 + 12 + 33): every sum over the power spectrum in one product."""
    return np.hstack([mel_bands(rate, LENGTH), pitch_classes(rate, LENGTH), _fingerprint_bands(rate)])


@lru_cache(maxsize=1)
def _moments() -> Floats:
    bins = np.arange(LENGTH // 2 + 1, dtype=np.float32)
    return np.stack([np.ones_like(bins), bins, bins**2], axis=1)


def _fingerprint_bands(rate: int) -> Floats:
    """(1025, 33): bands evenly spaced in log frequency; a bin on an edge belongs to both in part."""
    edges = np.geomspace(*FINGERPRINT_HZ, FINGERPRINT_BANDS + 1) * LENGTH / rate
    bins = np.arange(LENGTH // 2 + 1)[:, None]
    overlap = np.minimum(bins + 0.5, edges[1:]) - np.maximum(bins - 0.5, edges[:-1])
    return np.maximum(overlap, 0).astype(np.float32)


def _levels(samples: Samples, count: int) -> tuple[Floats, Floats]:
    """RMS and zero crossings of the same frames, from sums over hops."""
    per_frame = LENGTH // HOP
    whole = (count + per_frame - 1) * HOP
    padded = np.pad(samples, (LENGTH // 2, max(0, whole - LENGTH // 2 - len(samples))))[:whole]
    energy = np.einsum("ij,ij->i", *(2 * [padded.reshape(-1, HOP)]))
    negative = np.signbit(np.where(np.abs(samples) <= 1e-10, 0, samples))
    changes = np.zeros(whole, np.uint16)
    inside = min(len(negative) - 1, whole - LENGTH // 2 - 1)
    changes[LENGTH // 2 + 1 : LENGTH // 2 + 1 + inside] = negative[1 : 1 + inside] != negative[:inside]
    crossings = changes.reshape(-1, HOP).sum(axis=1).astype(np.float32)
    rms = np.asarray(np.sqrt(_of_four(energy) / LENGTH), np.float32)
    return rms, np.asarray(_of_four(crossings) / LENGTH, np.float32)


def _of_four(hops: Floats) -> Floats:
    return np.asarray(np.lib.stride_tricks.sliding_window_view(hops, LENGTH // HOP).sum(axis=1), np.float32)
