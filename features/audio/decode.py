"""Untrusted file -> a stream of float32 blocks. Never the whole sound in memory.

Decoding happens in FFmpeg through PyAV. Damage in the middle costs the packets it is in; where it does not end, what was
decoded so far counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creatorlens.errors import InputError
from features.absent import Absent
from features.media.limits import USUAL, Limits
from features.media.refusing import Refused

Samples = NDArray[np.float32]

# Demuxers of files alone: none that follows the names of other files in them (hls, dash, concat, image2, sdp).
FORMATS = (
    "aac,ac3,adts,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,gsm,loas,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,"
    "mpeg,mpegts,nut,ogg,rm,spx,tta,voc,w64,wav,wma,wmv,wv,xwma"
)
EXPECTED = (
    "Expected sound or video: MP3, AAC, M4A, MP4, MOV, WebM, MKV, OGG, Opus, FLAC, WAV, AIFF, WMA, AVI."
)
RATES = (1_000, 768_000)
MOST_CHANNELS = 64
BLOCK_FLOATS = 1 << 18
BAD_PACKETS = 200


@dataclass(frozen=True)
class Block:
    """`samples`: (channels, n) at the file's own rate; `mono[rate]`: (m,) the mean of the channels at that rate."""

    samples: Samples
    mono: dict[int, Samples]


@dataclass
class Stream:
    """The first audio stream of an open file. `complete` and `notes` hold after the last block."""

    container_name: str
    codec: str
    rate: int
    speakers: tuple[str, ...]
    bit_rate: int | None
    start_s: float
    seconds: float
    notes: list[str] = field(default_factory=list)
    complete: bool = True
    decoded: int = 0
    _container: Any = None
    _stream: Any = None
    _limits: Limits = USUAL

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def blocks(self, rates: Sequence[int] = ()) -> Iterator[Block]:
        """Raises InputError where nothing can be decoded, or the sound is longer than the limit."""
        resamplers = {rate: Resampler(self.rate, rate) for rate in rates}
        most = self._limits.duration_s * self.rate
        for samples in self._samples():
            self.decoded += samples.shape[1]
            if self.decoded > most:
                raise _too_long(self._limits)
            mixed = samples.mean(axis=0, dtype=np.float32) if resamplers else samples[0]
            yield Block(samples, {rate: each.push(mixed) for rate, each in resamplers.items()})
        if self.decoded / self.rate < self.seconds - max(1.0, 0.02 * self.seconds):
            self._damaged(f"it ends after {self.decoded / self.rate:.1f} of {self.seconds:.1f} s")
        if not self.decoded and not self.complete:
            raise InputError("the sound cannot be decoded: " + "; ".join(self.notes) + ".", hint=EXPECTED)
        rest = {rate: each.flush() for rate, each in resamplers.items()}
        if any(samples.size for samples in rest.values()):
            yield Block(np.zeros((len(self.speakers), 0), np.float32), rest)

    def _samples(self) -> Iterator[Samples]:
        from av.error import FFmpegError

        frames = _Converter(self.rate, self._stream.layout.name, BLOCK_FLOATS // len(self.speakers))
        bad = 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except (FFmpegError, OSError, ValueError) as error:
                self._damaged(f"the file breaks off ({_short(error)})")
                break
            if packet is None:
                break
            try:
                decoded = packet.decode()
            except (FFmpegError, OSError, ValueError) as error:
                bad += 1
                self._damaged(f"packets could not be decoded ({_short(error)})")
                if bad >= BAD_PACKETS:
                    break
                continue
            for frame in decoded:
                yield from map(_cleaned, frames.push(frame))
        yield from map(_cleaned, frames.flush())

    def _damaged(self, note: str) -> None:
        self.complete = False
        if note not in self.notes and len(self.notes) < 4:
            self.notes.append(note)


def open_stream(path: Path, limits: Limits = USUAL) -> Stream | Absent:
    """Absent where the file has no sound. Raises InputError where it is not media, broken or over a limit."""
    if not path.is_file():
        raise InputError("the file does not exist.", field=path.name, hint="Check its name.")
    if path.stat().st_size > limits.file_bytes:
        raise Refused(
            "too_large",
            f"the file has more bytes than the limit of {limits.file_bytes}.",
            hint="Save it smaller.",
        )
    container = _container(path)
    try:
        if not container.streams.audio:
            container.close()
            return Absent("the file has no sound")
        return _opened(container, limits)
    except BaseException:
        container.close()
        raise


def _container(path: Path) -> Any:
    import av
    from av.error import FFmpegError

    av.logging.set_level(None)
    try:
        # A Path and no open file: FFmpeg then seeks by itself. Only this one file may be opened.
        options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
        return av.open(f"file:{path}", options=options, metadata_errors="ignore")
    except (FFmpegError, OSError, ValueError) as error:
        raise InputError(f"the file cannot be opened as media ({_short(error)}).", hint=EXPECTED) from error


def _opened(container: Any, limits: Limits) -> Stream:
    from av.stream import Discard

    stream = container.streams.audio[0]
    context = stream.codec_context
    if context is None:
        raise InputError("the sound is coded in a way that is not known here.", hint=EXPECTED)
    speakers = tuple(str(channel.name) for channel in context.layout.channels)
    if not RATES[0] <= context.sample_rate <= RATES[1] or not 1 <= len(speakers) <= MOST_CHANNELS:
        raise InputError(
            f"the sound claims {context.sample_rate} Hz and {len(speakers)} channels.",
            hint="Save it again as 44100 or 48000 Hz, mono or stereo.",
        )
    seconds = (
        float(stream.duration * stream.time_base) if stream.duration else (container.duration or 0) / 1e6
    )
    if seconds > limits.duration_s:
        raise _too_long(limits)
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all  # the demuxer need not read pictures
    start = float(stream.start_time * stream.time_base) if stream.start_time is not None else 0.0
    return Stream(
        container_name=str(container.format.name),
        codec=str(context.name),
        rate=int(context.sample_rate),
        speakers=speakers,
        bit_rate=int(context.bit_rate) if context.bit_rate and context.bit_rate > 0 else None,
        start_s=start,
        seconds=max(0.0, seconds),
        _container=container,
        _stream=stream,
        _limits=limits,
    )


class _Converter:
    """Frames of any format -> (channels, n) float32 at one rate and layout, even where these change on the way."""

    def __init__(self, rate: int, layout: str, frame_size: int) -> None:
        self._target = {"format": "fltp", "layout": layout, "rate": rate, "frame_size": max(1024, frame_size)}
        self._from: tuple[Any, ...] | None = None
        self._resampler: Any = None

    def push(self, frame: Any) -> Iterator[Samples]:
        import av

        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._from:
            yield from self.flush()
            self._resampler, self._from = av.AudioResampler(**self._target), form
        frame.pts = None
        for each in self._resampler.resample(frame):
            yield each.to_ndarray()

    def flush(self) -> Iterator[Samples]:
        if self._resampler is not None:
            for each in self._resampler.resample(None):
                yield each.to_ndarray()
        self._resampler = None


class Resampler:
    """Mono float32 from one rate to another, block by block."""

    def __init__(self, source: int, target: int) -> None:
        self._source, self._target = source, target
        self._resampler: Any = None

    def push(self, samples: Samples) -> Samples:
        import av

        if self._source == self._target or not samples.size:
            return samples
        if self._resampler is None:
            self._resampler = av.AudioResampler(format="flt", layout="mono", rate=self._target)
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate = self._source
        return self._joined(self._resampler.resample(frame))

    def flush(self) -> Samples:
        return self._joined(self._resampler.resample(None)) if self._resampler is not None else _NOTHING

    def _joined(self, frames: Sequence[Any]) -> Samples:
        return np.concatenate([frame.to_ndarray()[0] for frame in frames]) if frames else _NOTHING


def resampled(samples: Samples, source: int, target: int) -> Samples:
    """(n,) at `source` Hz -> at `target` Hz."""
    resampler = Resampler(source, target)
    return np.concatenate([resampler.push(np.ascontiguousarray(samples)), resampler.flush()])


_NOTHING: Samples = np.zeros(0, np.float32)


def _cleaned(samples: Samples) -> Samples:
    """Floating-point files may hold NaN, infinity and values far above full scale."""
    if (
        not np.isfinite(samples.sum(dtype=np.float64))
        or samples.max(initial=0) > 8
        or samples.min(initial=0) < -8
    ):
        samples = np.clip(np.nan_to_num(samples, nan=0.0, posinf=8.0, neginf=-8.0), -8.0, 8.0)
    return samples


def _too_long(limits: Limits) -> InputError:
    return Refused(
        "too_long", f"the sound is longer than the limit of {limits.duration_s:.0f} s.", hint="Cut it."
    )


def _short(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:120]
