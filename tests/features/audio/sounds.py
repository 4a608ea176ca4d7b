"""Sounds whose answers are known, and files of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.absent import Absent
from features.audio.decode import open_stream
from features.audio.excerpts import Excerpt
from features.audio.spectra import Frames, frames_of, joined

Samples = NDArray[np.float32]
RATE = 22_050

ENCODERS = {".mp3": "libmp3lame", ".m4a": "aac", ".opus": "libopus"}


def encode(path: Path, samples: Samples, rate: int, bit_rate: int | None = None) -> None:
    import av
    import soundfile

    if path.suffix not in ENCODERS:
        soundfile.write(path, samples.T, rate, subtype="FLOAT" if path.suffix == ".wav" else None)
        return
    layout = "mono" if len(samples) == 1 else "stereo"
    target = 48_000 if path.suffix == ".opus" else rate
    with av.open(str(path), "w") as container:
        stream = container.add_stream(ENCODERS[path.suffix], rate=target, layout=layout)
        if bit_rate:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
        frame.sample_rate = rate
        form = stream.codec_context.format.name
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(format=form, layout=layout, rate=target, frame_size=size)
        for each in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(each))
        container.mux(stream.encode(None))


def tone(hz: float, seconds: float, rate: int = 22_050, level: float = 0.5) -> Samples:
    return np.asarray(level * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate), np.float32)


def noise(count: int, level: float, seed: int = 0) -> Samples:
    """White, of RMS `level`."""
    return np.asarray(np.random.default_rng(seed).standard_normal(count) * level, np.float32)


def with_noise(samples: Samples, snr_db: float, seed: int = 0) -> Samples:
    level = float(np.sqrt(np.square(samples).mean())) * 10 ** (-snr_db / 20)
    return samples + noise(len(samples), level, seed)


def frames(samples: Samples) -> Frames:
    return joined(frames_of([Excerpt(0.0, RATE, samples)]))


def whole(path: Path) -> Samples:
    """(channels, n) at the file's own rate."""
    stream = open_stream(path)
    assert not isinstance(stream, Absent)
    with stream:
        return np.concatenate([block.samples for block in stream.blocks()], axis=1)
