"""How much of the video shows text, faces, and how much of the sound is talk."""

from __future__ import annotations

from creatorlens.reading.video import Screen
from features.video.shares import has_face, has_text, music_share, share_of_time
from features.video.source import Video
from features.weights.models import Models


def read_screen(video: Video, models: Models) -> Screen:  # noqa: ARG001 - an extractor's signature
    frames, end = video.frames.frames, video.duration_s
    cuts = video.cuts.times_s
    sound = video.sound
    return Screen(
        text_share=share_of_time(frames, has_text, 0.0, end, cuts),
        face_share=share_of_time(frames, has_face, 0.0, end, cuts),
        talk_share=_talk(video),
        music_share=None
        if sound is None or sound.facts is None
        else music_share(sound, 0.0, sound.facts.duration_s),
    )


def _talk(video: Video) -> float | None:
    """Of the time listened to, as the sound's own reading has it."""
    sound = video.sound
    if sound is None:
        return None
    if sound.voice is not None:
        return sound.voice.speech_share
    return None if sound.content is None else sound.content.speech_share
