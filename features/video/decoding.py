"""Frames of a stretch of a video, with those left out that others do without where they cannot matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.media.limits import Limits
from features.media.refusing import Refused
from features.video.container import Track, opened, picture_stream

LEAN = ("h264", "mpeg4", "mpeg2video", "mpeg1video")
"""Here every frame predicted from both sides can be left out: a quarter to a third of the frames remain, at about 40%
of the cost. Elsewhere (HEVC) all but the keyframes may be of that kind, and only what no frame refers to is."""
MOST_ERRORS = 200
"""Packets in a row that cannot be decoded before the rest is given up."""
SPIKE = 2.0
"""Times the size of the large packets around (90th percentile of `BLOCK`): a frame that no other predicts needs more."""
BLOCK = 24
LARGE = 90


class Decoder:
    """One open video. Use as a context manager; frames come in order of time, each with its time in seconds."""

    def __init__(self, path: Any, track: Track, limits: Limits, threads: int = 2) -> None:
        self._path, self._track, self._limits, self._threads = path, track, limits, threads

    def __enter__(self) -> Decoder:
        self._opening = opened(self._path)
        self._container = self._opening.__enter__()
        self._stream = picture_stream(self._container)
        # Threads over slices, not over frames: each change of what is skipped would drain the frames under way, and
        # one after the other they are no faster than a single thread.
        self._stream.thread_type = "SLICE"
        context = self._stream.codec_context
        context.thread_count = self._threads
        # a picture that grows in the middle is refused by the decoder before it is allocated
        context.options = {"max_pixels": str(self._limits.pixels)}
        self._coarse = "BIDIR" if context.codec.canonical_name in LEAN else "NONREF"
        self._at_start = True
        return self

    def __exit__(self, *error: Any) -> None:
        self._opening.__exit__(*error)

    def frames(
        self, start_s: float, end_s: float, fine: frozenset[int] | None
    ) -> Iterator[tuple[float, Any]]:
        """From `start_s` on, before `end_s`. `fine`: stamps of packets that are decoded whatever their kind;
        None for all. Broken packets are passed over."""
        track, context = self._track, self._stream.codec_context
        if not self._go(start_s):
            return
        slack, last, errors = track.gap_s / 2, -1.0, 0
        coarse = False
        for packet in self._packets():
            skip = fine is not None and packet.pts is not None and packet.pts not in fine
            if skip != coarse:
                context.skip_frame = self._coarse if skip else "DEFAULT"
                coarse = skip
            frames = self._decoded(packet)
            errors = errors + 1 if frames is None else 0
            if errors > MOST_ERRORS:
                return
            for frame in frames or ():
                time_s = self._time(frame, last)
                if time_s >= end_s:
                    return
                if time_s >= start_s - slack and time_s > last:
                    last = time_s
                    yield max(0.0, time_s), frame

    def _go(self, start_s: float) -> bool:
        import av

        if self._at_start and start_s <= 0:
            self._at_start = False
            return True
        self._at_start = False
        try:
            self._container.seek(self._track.stamp(start_s), stream=self._stream)
        except av.error.FFmpegError:
            return False
        return True

    def _packets(self) -> Iterator[Any]:
        import av

        try:
            yield from self._container.demux(self._stream)
        except av.error.FFmpegError:
            return  # cut off in the middle: what came before was read

    def _decoded(self, packet: Any) -> list[Any] | None:
        import av

        try:
            frames: list[Any] = packet.decode()
        except av.error.FFmpegError:
            return None
        for frame in frames:
            if frame.width * frame.height > self._limits.pixels:
                raise Refused(
                    "too_many_pixels",
                    f"a frame has {frame.width} x {frame.height} pixels, more than the limit.",
                )
        return frames

    def _time(self, frame: Any, last: float) -> float:
        if frame.pts is None:
            return max(0.0, last + self._track.gap_s)
        return self._track.time(frame.pts)


def fine_stamps(track: Track) -> frozenset[int]:
    """Where a cut may be: packets much larger than those around, and keyframes. Each with all that lies between the
    anchors around it: the new shot may begin in any of them, and they are predicted from each other."""
    groups: NDArray[np.int64] = (
        np.cumsum(track.anchors) - track.anchors
    )  # an anchor and what is shown since the one before
    wanted = np.zeros(len(groups) + 1, dtype=bool)
    wanted[groups[track.keys | _spikes(track.sizes)]] = True
    return frozenset(track.stamps[wanted[groups]].tolist())


def _spikes(sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    blocks = -(-len(sizes) // BLOCK)
    padded = np.pad(sizes, (0, blocks * BLOCK - len(sizes)), mode="edge").reshape(blocks, BLOCK)
    usual = np.repeat(np.percentile(padded, LARGE, axis=1), BLOCK)[: len(sizes)]
    spikes: NDArray[np.bool_] = sizes > SPIKE * usual
    return spikes
