"""Noise reduction, as an option that writes a cleaned file: a Wiener filter on the short-time spectrum.

The noise of each frequency is its quietest tenth over the first pass (minimum statistics, after Martin 2001); the gain
follows Ephraim and Malah's decision-directed a-priori SNR (1984). Two passes over the stream, so memory does not grow with
the length. Steady noise goes down; what changes as fast as speech does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creatorlens.errors import InputError
from features.absent import Absent
from features.audio.decode import Samples, Stream, open_stream
from features.audio.spectra import hann
from features.media.limits import USUAL, Limits

CODECS = {".wav": ("wav", "pcm_s16le"), ".flac": ("flac", "flac")}
LENGTH, HOP = 1024, 256
QUIET_PERCENTILE = 10
SMOOTHING = 0.98
OVERESTIMATE = 1.5
MOST_FRAMES = 20_000
ENCODED_FRAME = 4096
Power = NDArray[np.float32]
Spectra = NDArray[np.complex64]


def denoise(source: Path, target: Path, limits: Limits = USUAL, *, reduction_db: float = 18.0) -> None:
    """Write `target` (WAV or FLAC by its name, 16 bit) with steady noise lowered by up to `reduction_db`; same length and
    rate, mono or stereo. Raises InputError where the source has no sound or cannot be decoded."""
    if target.suffix.lower() not in CODECS:
        raise InputError(
            "cannot be written: only WAV and FLAC are.", field=target.name, hint="Name it .wav or .flac."
        )
    if not 0 < reduction_db <= 60:
        raise InputError("is not above 0 and at most 60.", field="reduction_db")
    noise = _noise(_open(source, limits))
    unfinished = target.with_name(target.name + ".part")
    try:
        with _open(source, limits) as stream, _Writer(unfinished, target.suffix.lower(), stream) as writer:
            for samples in _cleaned(stream, noise, 10 ** (-reduction_db / 20)):
                writer.write(samples)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _open(source: Path, limits: Limits) -> Stream:
    stream = open_stream(source, limits)
    if isinstance(stream, Absent):
        raise InputError(f"{stream.reason}.", field=source.name)
    return stream


def _channels(stream: Stream) -> int:
    return 2 if len(stream.speakers) == 2 else 1


def _blocks(stream: Stream) -> Iterator[Samples]:
    """(1 or 2, n): more channels are mixed."""
    for block in stream.blocks():
        yield (
            block.samples
            if _channels(stream) == len(block.samples)
            else block.samples.mean(axis=0, keepdims=True)
        )


def _noise(stream: Stream) -> Power:
    """(channels, bins): power of the noise, from at most 20,000 frames spread over the sound."""
    kept: list[Power] = []
    stride, index = 1, 0
    with stream:
        analysis = _Analysis(_channels(stream))
        for samples in _blocks(stream):
            power = np.abs(analysis.push(samples)) ** 2
            kept += list(power[-index % stride :: stride])
            index += len(power)
            if len(kept) > MOST_FRAMES:
                stride, kept = stride * 2, kept[::2]
    if not kept:
        return np.zeros((_channels(stream), LENGTH // 2 + 1), np.float32)
    # The power of noise is distributed exponentially: its quietest tenth lies at a tenth of the mean.
    low = np.percentile(np.stack(kept), QUIET_PERCENTILE, axis=0) / -np.log(1 - QUIET_PERCENTILE / 100)
    return np.asarray(low * OVERESTIMATE, np.float32)


def _cleaned(stream: Stream, noise: Power, least: float) -> Iterator[Samples]:
    analysis, synthesis = _Analysis(len(noise)), _Synthesis(len(noise))
    gain = _Gain(noise, least)
    for samples in _blocks(stream):
        yield synthesis.push(gain.apply(analysis.push(samples)))
    yield synthesis.push(gain.apply(analysis.push(np.zeros((len(noise), LENGTH), np.float32))))


class _Analysis:
    """(channels, n) -> (frames, channels, bins), block by block; the first frame ends with the first samples."""

    def __init__(self, channels: int) -> None:
        self._rest: Samples = np.zeros((channels, LENGTH - HOP), np.float32)

    def push(self, samples: Samples) -> Spectra:
        from scipy.fft import rfft

        joined = np.concatenate([self._rest, samples], axis=1)
        count = max(0, (joined.shape[1] - LENGTH) // HOP + 1)
        self._rest = joined[:, count * HOP :]
        if not count:
            return np.zeros((0, len(joined), LENGTH // 2 + 1), np.complex64)
        views = np.lib.stride_tricks.sliding_window_view(joined, LENGTH, axis=1)[:, ::HOP][:, :count]
        return np.asarray(rfft(views.swapaxes(0, 1) * np.sqrt(hann(LENGTH)), axis=2), np.complex64)


class _Synthesis:
    """The way back by overlapping and adding; what the analysis put before the first sample is left out."""

    def __init__(self, channels: int) -> None:
        self._rest: Samples = np.zeros((channels, LENGTH - HOP), np.float32)
        self._skip = LENGTH - HOP

    def push(self, spectra: Spectra) -> Samples:
        from scipy.fft import irfft

        count = len(spectra)
        out = np.zeros((self._rest.shape[0], count * HOP + LENGTH - HOP), np.float32)
        out[:, : LENGTH - HOP] = self._rest
        if count:
            # The squared window's overlaps add up to LENGTH / HOP / 2.
            frames = irfft(spectra, LENGTH, axis=2) * np.sqrt(hann(LENGTH)) * (2 * HOP / LENGTH)
            for quarter in range(LENGTH // HOP):
                part = frames[:, :, quarter * HOP : (quarter + 1) * HOP].swapaxes(0, 1).reshape(len(out), -1)
                out[:, quarter * HOP : (quarter + count) * HOP] += part
        self._rest = out[:, count * HOP :].copy()
        done = out[:, : count * HOP]
        skipped = min(self._skip, done.shape[1])
        self._skip -= skipped
        return done[:, skipped:]


class _Gain:
    """Wiener gain by the a-priori signal-to-noise ratio, which remembers the frame before."""

    def __init__(self, noise: Power, least: float) -> None:
        self._noise = np.maximum(noise, 1e-12)
        self._least = least
        self._before = np.zeros_like(noise)

    def apply(self, spectra: Spectra) -> Spectra:
        posterior = (spectra.real**2 + spectra.imag**2) / self._noise
        for index, now in enumerate(posterior):
            prior = SMOOTHING * self._before + (1 - SMOOTHING) * np.maximum(now - 1, 0)
            gain = prior / (1 + prior)
            self._before = gain**2 * now
            spectra[index] *= np.maximum(gain, self._least)
        return spectra


class _Writer:
    """16-bit samples into a file of exactly as many samples as the source has."""

    def __init__(self, path: Path, suffix: str, stream: Stream) -> None:
        import av

        self._source = stream
        self._layout = "stereo" if _channels(stream) == 2 else "mono"
        container, codec = CODECS[suffix]
        self._container = av.open(str(path), "w", format=container)
        self._stream: Any = self._container.add_stream(codec, rate=stream.rate, layout=self._layout)
        self._rest: Samples = np.zeros((_channels(stream), 0), np.float32)
        self._written = 0

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._encode(self._rest[:, : self._source.decoded - self._written])
            self._container.mux(self._stream.encode(None))
        self._container.close()

    def write(self, samples: Samples) -> None:
        joined = np.concatenate([self._rest, samples], axis=1)
        for at in range(0, joined.shape[1] - ENCODED_FRAME, ENCODED_FRAME):
            # Never past what is known to have been decoded: the last block ends with silence of our own.
            if self._written + ENCODED_FRAME > self._source.decoded:
                self._rest = joined[:, at:]
                return
            self._encode(joined[:, at : at + ENCODED_FRAME])
        whole = max(0, -(-(joined.shape[1] - ENCODED_FRAME) // ENCODED_FRAME)) * ENCODED_FRAME
        self._rest = joined[:, whole:]

    def _encode(self, samples: Samples) -> None:
        import av

        if not samples.shape[1]:
            return
        whole = np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(whole.T.reshape(1, -1), format="s16", layout=self._layout)
        frame.sample_rate = self._source.rate
        frame.pts = self._written
        self._written += samples.shape[1]
        self._container.mux(self._stream.encode(frame))
