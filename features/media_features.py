"""The numbers that models read of a post's media: one flat row per post, from the records of its files.

A number is missing where its part is absent or the post has no such file: models are fitted with gaps.
All of it is known with the draft itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from creatorlens.reading.audio import AudioReading
from creatorlens.reading.base import Part
from creatorlens.reading.image import Faces, ImageReading, Objects
from creatorlens.reading.video import VideoReading


@dataclass(frozen=True)
class MediaNumber:
    """`words` name it for people; `of` takes it from the reading's `part`, None where it does not say."""

    name: str
    words: str
    part: str
    of: Callable[[Any], float | None]


def _happy(faces: Faces) -> float | None:
    """Of the largest face; missing without a face or an expression."""
    if faces.largest is None or not faces.largest.expression:
        return None
    return next((one.score for one in faces.largest.expression if one.label == "happy"), 0.0)


def _people(objects: Objects) -> int:
    return objects.counts.get("person", 0)


IMAGE: tuple[MediaNumber, ...] = (
    MediaNumber("image_aspect_ln", "shape of the picture", "facts", lambda p: math.log(p.aspect)),
    MediaNumber("image_colourfulness", "colourfulness of the picture", "look", lambda p: p.colourfulness),
    MediaNumber("image_brightness", "brightness of the picture", "look", lambda p: p.brightness),
    MediaNumber("image_contrast", "contrast of the picture", "look", lambda p: p.contrast),
    MediaNumber("image_saturation", "saturation of the picture", "look", lambda p: p.saturation),
    MediaNumber("image_warmth", "warmth of the picture's colours", "look", lambda p: p.warmth),
    MediaNumber("image_sharpness_ln", "sharpness of the picture", "look", lambda p: math.log1p(p.sharpness)),
    MediaNumber("image_blur", "blur in the picture", "look", lambda p: p.blur),
    MediaNumber("image_noise", "noise in the picture", "look", lambda p: p.noise),
    MediaNumber("image_edge_density", "detail in the picture", "look", lambda p: p.edge_density),
    MediaNumber("image_entropy", "variety of tones in the picture", "look", lambda p: p.entropy),
    MediaNumber("image_attention_spread", "how far attention is spread", "saliency", lambda p: p.spread),
    MediaNumber("image_focus_share", "size of what draws the eye", "saliency", lambda p: p.focus_share),
    MediaNumber("image_thirds", "placement by the rule of thirds", "composition", lambda p: p.rule_of_thirds),
    MediaNumber("image_symmetry", "symmetry of the picture", "composition", lambda p: p.symmetry),
    MediaNumber("image_empty_space", "empty space in the picture", "composition", lambda p: p.negative_space),
    MediaNumber("image_faces", "faces in the picture", "faces", lambda p: p.count),
    MediaNumber("image_face_share", "size of the faces in the picture", "faces", lambda p: p.area_share),
    MediaNumber("image_happy", "a happy face in the picture", "faces", _happy),
    MediaNumber("image_objects", "things in the picture", "objects", lambda p: len(p.things)),
    MediaNumber("image_people", "people in the picture", "objects", _people),
    MediaNumber("image_subject_share", "size of the subject", "subject", lambda p: p.share),
    MediaNumber("image_text_share", "text in the picture", "words", lambda p: p.area_share),
    MediaNumber("image_text_words", "words in the picture", "words", lambda p: len(p.text.split())),
    MediaNumber("image_text_legibility", "how well the picture's text reads on a phone", "words", lambda p: p.legibility),
    MediaNumber("image_brisque", "technical flaws of the picture", "technical_quality", lambda p: p.brisque),
)  # fmt: skip


VIDEO: tuple[MediaNumber, ...] = (
    MediaNumber("video_aspect_ln", "shape of the video", "container", lambda p: math.log(p.aspect)),
    MediaNumber("video_cuts_per_minute", "pace of the cuts", "cuts", lambda p: p.per_minute),
    MediaNumber("video_longest_shot_ln_s", "length of the longest shot", "cuts", lambda p: math.log1p(p.longest_shot_s)),
    MediaNumber("video_motion", "motion in the video", "motion", lambda p: p.mean),
    MediaNumber("video_still_share", "stillness in the video", "motion", lambda p: p.still_share),
    MediaNumber("video_hook_face", "a face in the first seconds", "hook", lambda p: p.first_3s.face_share),
    MediaNumber("video_hook_text", "text in the first seconds", "hook", lambda p: p.first_3s.text_share),
    MediaNumber("video_hook_speech", "speech in the first seconds", "hook", lambda p: p.first_3s.speech_share),
    MediaNumber("video_hook_music", "music in the first seconds", "hook", lambda p: p.first_3s.music_share),
    MediaNumber("video_hook_loudness", "loudness of the first seconds", "hook", lambda p: p.first_3s.loudness_against_rest_lu),
    MediaNumber("video_hook_motion", "motion in the first seconds", "hook", lambda p: p.first_3s.motion_against_rest),
    MediaNumber("video_hook_cuts", "cuts in the first 15 seconds", "hook", lambda p: p.first_15s.cuts),
    MediaNumber("video_text_share", "text on screen", "screen", lambda p: p.text_share),
    MediaNumber("video_face_share", "time with a face on screen", "screen", lambda p: p.face_share),
    MediaNumber("video_talk_share", "time with talk", "screen", lambda p: p.talk_share),
)  # fmt: skip
AUDIO: tuple[MediaNumber, ...] = (
    MediaNumber("audio_lufs", "loudness of the sound", "loudness", lambda p: p.integrated_lufs),
    MediaNumber("audio_range_lu", "range of the loudness", "loudness", lambda p: p.range_lu),
    MediaNumber("audio_clipping", "clipping of the sound", "quality", lambda p: p.clipping_share),
    MediaNumber("audio_snr_db", "sound above its noise", "quality", lambda p: p.snr_db),
    MediaNumber("audio_clarity", "clarity of the speech", "clarity", lambda p: p.overall),
    MediaNumber("audio_speech_share", "speech in the sound", "content", lambda p: p.speech_share),
    MediaNumber("audio_music_share", "music in the sound", "content", lambda p: p.music_share),
    MediaNumber("audio_silence_share", "silence in the sound", "content", lambda p: p.silence_share),
    MediaNumber("audio_first_speech_s", "time until somebody speaks", "voice", lambda p: p.first_speech_s),
    MediaNumber("audio_longest_pause_s", "longest pause of the speaker", "voice", lambda p: p.longest_pause_s),
    MediaNumber("audio_pitch_hz", "pitch of the voice", "prosody", lambda p: p.pitch_median_hz),
    MediaNumber("audio_pitch_range", "liveliness of the voice", "prosody", lambda p: p.pitch_range_semitones),
    MediaNumber("audio_words_per_minute", "pace of the speech", "pace", lambda p: p.words_per_minute),
    MediaNumber("audio_tempo_bpm", "tempo of the sound", "music", lambda p: p.tempo_bpm),
    MediaNumber("audio_onsets_per_s", "how busy the sound is", "music", lambda p: p.onsets_per_s),
    MediaNumber("audio_brightness_hz", "brightness of the sound", "timbre", lambda p: p.centroid_hz),
)  # fmt: skip
NUMBERS: tuple[MediaNumber, ...] = (*IMAGE, *VIDEO, *AUDIO)


def image_numbers(reading: ImageReading) -> dict[str, float]:
    """By name, without those that are missing."""
    return numbers(IMAGE, reading)


def video_numbers(reading: VideoReading) -> dict[str, float]:
    """By name, without those that are missing."""
    return numbers(VIDEO, reading)


def audio_numbers(reading: AudioReading) -> dict[str, float]:
    """By name, without those that are missing."""
    return numbers(AUDIO, reading)


def numbers(wanted: tuple[MediaNumber, ...], reading: Part) -> dict[str, float]:
    found: dict[str, float] = {}
    for number in wanted:
        part = getattr(reading, number.part)
        value = None if part is None else number.of(part)
        if value is not None:
            found[number.name] = float(value)
    return found
