"""The beginning: what a viewer meets in the first 3 and 15 seconds, and how it compares with the rest."""

from __future__ import annotations

import math
from collections.abc import Callable

from creatorlens.reading.audio import AudioReading
from creatorlens.reading.base import Curve
from creatorlens.reading.video import Hook, HookWindow, Motion, VideoFrame
from features.video.shares import has_face, has_text, music_share, share_of_time, speech_share
from features.video.source import Video
from features.weights.models import Models

SILENT_LUFS = -70.0
SHORT_TERM_S = 3.0


def read_hook(video: Video, models: Models) -> Hook:  # noqa: ARG001 - an extractor's signature
    frames = video.frames.frames
    voice = video.sound.voice if video.sound else None
    speech = None if voice is None else voice.first_speech_s
    return Hook(
        first_3s=_window(video, 3.0),
        first_15s=_window(video, 15.0),
        first_face_s=_first(frames, has_face),
        first_text_s=_first(frames, has_text),
        first_speech_s=None if speech is None else max(0.0, speech + video.sound_starts_s),
    )


def _window(video: Video, seconds: float) -> HookWindow:
    end = min(seconds, video.duration_s)
    inside = [frame for frame in video.frames.frames if frame.time_s < end]
    motion = video.motion if isinstance(video.motion, Motion) else None
    sound, later = video.sound, video.sound_starts_s
    moving, rest = _moving(motion, end, video.duration_s)
    loud, loud_rest = _loud(sound, seconds, end - later)
    return HookWindow(
        end_s=end,
        face_share=share_of_time(inside, has_face, 0.0, end, video.cuts.times_s),
        largest_face=_largest_face(inside),
        text_share=share_of_time(inside, has_text, 0.0, end, video.cuts.times_s),
        text=_text(inside),
        speech_share=speech_share(sound, max(0.0, -later), end - later),
        music_share=music_share(sound, max(0.0, -later), end - later),
        loudness_lufs=loud,
        loudness_against_rest_lu=None if loud is None or loud_rest is None else loud - loud_rest,
        motion=moving,
        motion_against_rest=None if moving is None or rest is None else moving - rest,
        cuts=sum(time_s < end for time_s in video.cuts.times_s),
    )


def _first(frames: tuple[VideoFrame, ...], holds: Callable[[VideoFrame], bool | None]) -> float | None:
    return next((frame.time_s for frame in frames if holds(frame)), None)


def _largest_face(frames: list[VideoFrame]) -> float | None:
    """0 without a face; None where no frame can say."""
    told = [frame.reading.faces for frame in frames if frame.reading.faces is not None]
    if not told:
        return None
    return max((face.size for faces in told for face in faces.faces), default=0.0)


def _text(frames: list[VideoFrame]) -> str | None:
    told = [frame.reading.words for frame in frames if frame.reading.words is not None]
    if not told:
        return None
    return "\n".join(dict.fromkeys(region.text for words in told for region in words.regions))


def _moving(motion: Motion | None, end_s: float, duration_s: float) -> tuple[float | None, float | None]:
    """Mean of the curve before and after the moment."""
    if motion is None:
        return None, None
    step, values = motion.curve.step_s, motion.curve.values
    split = max(1, round(end_s / step))
    before, after = values[:split], values[split:]
    return sum(before) / len(before), sum(after) / len(after) if after and end_s < duration_s else None


def _loud(sound: AudioReading | None, seconds: float, end_s: float) -> tuple[float | None, float | None]:
    """LUFS of the window and of what follows it; None for silence."""
    if sound is None or sound.loudness is None:
        return None, None
    loudness = sound.loudness
    first = loudness.first_3s_lufs if seconds <= SHORT_TERM_S else loudness.first_15s_lufs
    return first, _mean_loudness(loudness.short_term, end_s)


def _mean_loudness(curve: Curve, from_s: float) -> float | None:
    """Mean power of the short-term windows that begin at or after the moment and are not silent, in LUFS."""
    values = curve.values[math.ceil(max(0.0, from_s) / curve.step_s - 1e-9) :]
    power = [10.0 ** (value / 10) for value in values if value > SILENT_LUFS]
    return 10.0 * math.log10(sum(power) / len(power)) if power else None
