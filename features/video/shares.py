"""Shares of time: of frames that each stand for a stretch, and of the sound between two moments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from creatorlens.reading.audio import AudioReading
from creatorlens.reading.base import Span
from creatorlens.reading.video import VideoFrame

MUSIC_HEARD = 0.3
MUSIC_STEP_S = 0.975
"""Length of a window of the audio event model."""


def has_face(frame: VideoFrame) -> bool | None:
    return None if frame.reading.faces is None else frame.reading.faces.count > 0


def has_text(frame: VideoFrame) -> bool | None:
    return None if frame.reading.words is None else bool(frame.reading.words.regions)


def share_of_time(
    frames: Sequence[VideoFrame],
    holds: Callable[[VideoFrame], bool | None],
    start_s: float,
    end_s: float,
    cuts: Sequence[float] = (),
) -> float | None:
    """Each frame stands for the time up to the next one's: where one cut lies between them it ends there, otherwise
    half-way. Frames that cannot say stand for none; None where no frame between the two moments can say."""
    telling = [(frame.time_s, holds(frame)) for frame in frames if start_s <= frame.time_s <= end_s]
    known = [(time_s, held) for time_s, held in telling if held is not None]
    if not known or end_s <= start_s:
        return None
    inner = [_border(one[0], other[0], cuts) for one, other in pairwise(known)]
    # past the last frame that can say, a new shot is not its to speak for
    edges = [start_s, *inner, min([end_s, *(cut for cut in cuts if known[-1][0] < cut)])]
    total = sum(
        later - earlier for (earlier, later), (_, held) in zip(pairwise(edges), known, strict=True) if held
    )
    return min(1.0, max(0.0, total / (edges[-1] - start_s)))


def _border(one_s: float, other_s: float, cuts: Sequence[float]) -> float:
    between = [cut for cut in cuts if one_s < cut <= other_s]
    return between[0] if len(between) == 1 else (one_s + other_s) / 2


def overlap_share(spans: Iterable[Span], label: str | None, start_s: float, end_s: float) -> float:
    """Share of the time between that spans with this label (any without one) cover; they do not overlap."""
    if end_s <= start_s:
        return 0.0
    covered = sum(
        max(0.0, min(span.end_s, end_s) - max(span.start_s, start_s))
        for span in spans
        if label is None or span.label == label
    )
    return min(1.0, covered / (end_s - start_s))


def speech_share(sound: AudioReading | None, start_s: float, end_s: float) -> float | None:
    """By voice activity, or by audio events where there is none."""
    if sound is None:
        return None
    if sound.voice is not None:
        return overlap_share(sound.voice.spans, None, start_s, end_s)
    return None if sound.content is None else overlap_share(sound.content.spans, "speech", start_s, end_s)


def music_share(sound: AudioReading | None, start_s: float, end_s: float) -> float | None:
    """Music alone or under something else: windows where the class scores 0.3, or that music leads."""
    if sound is None or sound.content is None:
        return None
    leading = overlap_share(sound.content.spans, "music", start_s, end_s)
    track = next((track for track in sound.content.tracks if track.label == "Music"), None)
    if track is None:
        return leading
    inside = [
        score
        for time_s, score in zip(sound.content.times_s, track.scores, strict=False)
        if start_s <= time_s + MUSIC_STEP_S / 2 < end_s
    ]
    heard = sum(score >= MUSIC_HEARD for score in inside) / len(inside) if inside else 0.0
    return max(leading, heard)
