"""One frame of a video, whole."""

from __future__ import annotations

from pathlib import Path

from creatorlens.errors import InputError
from features.media.limits import Limits
from features.video.container import HINT, probe
from features.video.decoding import Decoder
from features.video.pixels import upright
from features.vision.picture import Pixels


def frame_at(path: Path, time_s: float, limits: Limits, threads: int = 2) -> Pixels:
    """RGB of what is shown at `time_s`, longest side at most 1280. Raises InputError where nothing can be decoded then."""
    probed = probe(path, limits)
    gap = probed.track.gap_s
    with Decoder(path, probed.track, limits, threads) as decoder:
        for _, frame in decoder.frames(max(0.0, time_s - gap / 2), time_s + 10 * gap + 1.0, None):
            return upright(frame, probed.pixel_aspect, probed.container.rotation)
    raise InputError(f"no frame at {time_s:.2f} s can be decoded.", hint=HINT)
