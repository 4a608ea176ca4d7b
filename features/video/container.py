"""What the file is, from its header and its packets. Nothing is decoded here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creatorlens.errors import InputError
from creatorlens.reading.video import Container
from features.media.limits import Limits
from features.media.refusing import Refused

HINT = "Expected a video: MP4, MOV, WebM, MKV or AVI with a picture in it."
ODD_GAP = 0.5
"""Of the usual gap between frames: what a gap must be off by to call the frame rate variable."""


@dataclass(frozen=True, eq=False)
class Track:
    """The packets of the picture in order of showing. `stamps` are in units of `time_base`, `start` the first of
    them; times count from there. `gap_s`: the usual time between two frames.
    `anchors`: shown later than all that is stored before; the others lie between two anchors and are predicted from both."""

    stream: int
    time_base: Fraction
    start: int
    stamps: NDArray[np.int64] = field(repr=False)
    sizes: NDArray[np.int64] = field(repr=False)
    keys: NDArray[np.bool_] = field(repr=False)
    anchors: NDArray[np.bool_] = field(repr=False)
    gap_s: float

    @property
    def times(self) -> NDArray[np.float64]:
        times: NDArray[np.float64] = (self.stamps - self.start).astype(np.float64) * float(self.time_base)
        return times

    def stamp(self, time_s: float) -> int:
        return self.start + round(time_s / self.time_base)

    def time(self, stamp: int) -> float:
        return float((stamp - self.start) * self.time_base)


@dataclass(frozen=True, eq=False)
class Probed:
    """`pixel_aspect`: width over height of one pixel. `start_s`: the first frame on the container's clock."""

    container: Container
    track: Track
    pixel_aspect: float
    start_s: float


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The container, opened. Raises InputError, also for what FFmpeg raises inside the block."""
    import av

    try:
        # metadata of odd encodings must not keep the picture from being read
        with av.open(str(path), metadata_errors="replace") as container:
            yield container
    except av.error.FFmpegError as error:
        raise InputError(f"the video cannot be read ({error.strerror or error}).", hint=HINT) from error


def picture_stream(container: Any) -> Any:
    """The first stream of moving pictures; a cover of a song is none."""
    for stream in container.streams.video:
        cover = stream.disposition & type(stream.disposition).attached_pic
        if not cover and stream.codec_context is not None:
            return stream
    raise InputError("there is no picture in it.", hint=HINT)


def probe(path: Path, limits: Limits) -> Probed:
    """Read header and packets. Raises InputError where there is no picture or a limit is crossed."""
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise Refused(
            "too_large",
            f"the video has {size} bytes, more than the limit of {limits.file_bytes}.",
            hint="Save it smaller.",
        )
    with opened(path) as container:
        stream = picture_stream(container)
        _check_size(stream, limits)
        track = _track(container, stream)
        facts = _facts(container, stream, track, size)
        aspect = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
        start = float(track.start * track.time_base)
    if facts.duration_s > limits.duration_s:
        raise Refused(
            "too_long",
            f"the video is {facts.duration_s:.0f} s long, more than the limit of {limits.duration_s:.0f} s.",
            hint="Cut it shorter.",
        )
    return Probed(facts, track, _sane(aspect), start)


def _check_size(stream: Any, limits: Limits) -> None:
    context = stream.codec_context
    if context.width * context.height > limits.pixels:
        raise Refused(
            "too_many_pixels",
            f"the picture has {context.width} x {context.height} pixels, more than the limit of {limits.pixels}.",
            hint="Save it smaller.",
        )


def _track(container: Any, stream: Any) -> Track:
    import av

    stamps: list[int] = []
    sizes: list[int] = []
    keys: list[bool] = []
    last = 0
    with contextlib.suppress(av.error.FFmpegError):  # a file cut off in the middle keeps what came before
        for packet in container.demux(stream):
            stamp = packet.dts if packet.pts is None else packet.pts
            if packet.size == 0 or packet.is_discard:
                continue
            if stamp is None:
                stamp = stamps[-1] + 1 if stamps else 0
            stamps.append(stamp)
            sizes.append(packet.size)
            keys.append(packet.is_keyframe)
            last = packet.duration or 0
    if not stamps:
        raise InputError("there is not one frame in it.", hint=HINT)
    stored = np.array(stamps, dtype=np.int64)
    anchors = np.ones(len(stored), dtype=bool)
    anchors[1:] = stored[1:] > np.maximum.accumulate(stored)[:-1]
    order = np.argsort(stored, kind="stable")
    shown = stored[order]
    gaps = np.diff(shown)
    gaps = gaps[gaps > 0]
    base = Fraction(stream.time_base or Fraction(1, 25))
    usual = float(np.median(gaps) if len(gaps) else last) * float(base) or 1 / 25
    return Track(
        stream.index, base, int(shown[0]), shown, np.array(sizes)[order], np.array(keys)[order], anchors[order], usual
    )  # fmt: skip


def _facts(container: Any, stream: Any, track: Track, size: int) -> Container:
    times = track.times
    measured = float(times[-1]) + track.gap_s
    told = _told_duration(container, stream)
    rotation = _rotation(container, stream, track)
    width, height = _shown_size(stream, rotation)
    return Container(
        format=container.format.name,
        video_codec=stream.codec_context.codec.canonical_name,
        audio_codec=_audio_codec(container),
        width=width,
        height=height,
        rotation=rotation,
        fps=_fps(stream, times),
        variable_frame_rate=_varies(times, track.gap_s),
        frames=len(times),
        duration_s=measured,
        duration_measured=told is None or abs(told - measured) > max(0.5, 0.05 * measured),
        bit_rate=8 * size / measured,
        audio_tracks=len(container.streams.audio),
        subtitles=tuple(str(text.language or "und") for text in container.streams.subtitles),
        alpha=_alpha(stream),
        bytes=size,
    )


def _told_duration(container: Any, stream: Any) -> float | None:
    if stream.duration is not None and stream.time_base:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / 1_000_000


def _fps(stream: Any, times: NDArray[np.float64]) -> float | None:
    """The header's where the packets agree within 1%, otherwise theirs."""
    if len(times) < 2 or times[-1] <= 0:
        return None
    measured = float((len(times) - 1) / times[-1])
    told = float(stream.average_rate or 0)
    return told if abs(told - measured) <= 0.01 * measured else measured


def _varies(times: NDArray[np.float64], usual: float) -> bool:
    gaps = np.diff(times)
    return bool(len(gaps) and usual > 0 and (np.abs(gaps - usual) > ODD_GAP * usual).any())


def _rotation(container: Any, stream: Any, track: Track) -> Any:
    """The display matrix is told with a frame: the first that decodes is asked."""
    import av

    try:
        container.seek(track.start, stream=stream)
        for frame in container.decode(stream):
            return round(-frame.rotation / 90) % 4 * 90
    except av.error.FFmpegError:
        pass
    return 0


def _shown_size(stream: Any, rotation: int) -> tuple[int, int]:
    width, height = max(1, stream.codec_context.width), max(1, stream.codec_context.height)
    aspect = _sane(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio)
    width = max(1, round(width * aspect))
    return (height, width) if rotation in (90, 270) else (width, height)


def _sane(aspect: Fraction | None) -> float:
    """Headers hold nonsense at times: a pixel ten times as wide as high is not believed."""
    return float(aspect) if aspect and 0.1 < aspect < 10 else 1.0


def _audio_codec(container: Any) -> str | None:
    for stream in container.streams.audio:
        if stream.codec_context is not None:
            return str(stream.codec_context.codec.canonical_name)
    return None


def _alpha(stream: Any) -> bool:
    if stream.metadata.get("alpha_mode") == "1":
        return True
    name = str(stream.codec_context.pix_fmt or "")
    return name.startswith(("yuva", "ya8", "ya16", "gbrap", "rgba", "bgra", "argb", "abgr", "ayuv", "pal8"))
