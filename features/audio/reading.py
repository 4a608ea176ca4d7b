"""Everything read from one file's sound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from creatorlens.reading import audio as record
from creatorlens.reading.audio import AudioReading
from creatorlens.reading.base import Part
from features.absent import Absent
from features.audio import (
    clarity,
    content,
    emotion,
    fingerprint,
    music,
    notes,
    prosody,
    quality,
    timbre,
    voice,
)
from features.audio.filters import Floats
from features.audio.loudness import loudness
from features.audio.pace import pace
from features.audio.sound import SPECTRA_RATE, Sound, hear
from features.audio.spectra import Frames, frames_of, joined
from features.audio.transcript import TranscriptExtractor, transcript
from features.extractor import Extractor, extract
from features.media.limits import Limits
from features.weights.models import Models


def read_audio(
    path: Path,
    models: Models,
    limits: Limits,
    known: Mapping[str, Part] | None = None,
    *,
    learned: bool = True,
    transcribe: bool = True,
) -> AudioReading | Absent:
    """Every part; those in `known` are taken as they are. `learned=False` leaves learned models out,
    `transcribe=False` the transcript alone. Absent where the file has no sound; InputError where it is broken."""
    wanted, left_out = _wanted(learned, transcribe)
    if known and all(extractor.field in known for extractor in wanted):
        return _record(known, left_out)
    sound = hear(path, limits)
    if isinstance(sound, Absent):
        return sound
    sound.known.update(known or {})
    found = extract(wanted, sound, models, known)
    return _record(found.parts, {**left_out, **found.absent})


def _record(found: Mapping[str, Part], absent: Mapping[str, str]) -> AudioReading:
    parts: dict[str, Any] = dict(found)
    return AudioReading(**parts, absent={name: why for name, why in absent.items() if name not in parts})


def _wanted(learned: bool, transcribe: bool) -> tuple[tuple[Extractor[Sound], ...], dict[str, str]]:
    """The extractors to run, and the reason why others do not."""
    reasons = {}
    if not learned:
        reasons = {
            e.field: "learned models were not asked for" for e in EXTRACTORS if e.field not in CLASSICAL
        }
    elif not transcribe:
        reasons = dict.fromkeys(TRANSCRIBED, "a transcript was not asked for")
    return tuple(e for e in EXTRACTORS if e.field not in reasons), reasons


def _each(sound: Sound) -> list[Frames]:
    return sound.once("frames", lambda: frames_of(sound.heard))


def _frames(sound: Sound) -> Frames:
    return sound.once("joined", lambda: joined(_each(sound)))


def _mel_db(sound: Sound) -> Floats:
    return sound.once("mel", lambda: timbre.mel_decibels(_frames(sound)))


def _facts(sound: Sound, _: Models) -> Part:
    return sound.facts


def _loudness(sound: Sound, _: Models) -> Part:
    return loudness(sound.energies, sound.peaks.true_peak, sound.peaks.sample_peak)


def _quality(sound: Sound, _: Models) -> Part:
    return quality.quality(_frames(sound), sound.peaks.clipping_share, sound.bandwidth_hz, SPECTRA_RATE)


def _waveform(sound: Sound, _: Models) -> Part:
    return sound.waveform


def _prosody(sound: Sound, _: Models) -> Part:
    return prosody.prosody(_frames(sound), SPECTRA_RATE, sound.facts.duration_s)


def _music(sound: Sound, _: Models) -> Part:
    frames, mel_db = _frames(sound), _mel_db(sound)
    lengths = [len(each) for each in _each(sound)]
    starts = [sum(lengths[:index]) for index in range(len(lengths))]
    each = [mel_db[start : start + length] for start, length in zip(starts, lengths, strict=True)]
    return music.music(each, frames.chroma, frames.rms, SPECTRA_RATE)


def _timbre(sound: Sound, _: Models) -> Part:
    return timbre.timbre(_frames(sound), _mel_db(sound))


def _fingerprint(sound: Sound, _: Models) -> Part | Absent:
    return fingerprint.part(fingerprint.fingerprint(sound))


EXTRACTORS: tuple[Extractor[Sound], ...] = (
    Extractor("audio.facts", 1, record.AudioFacts, _facts),
    Extractor("audio.loudness", 1, record.Loudness, _loudness),
    Extractor("audio.quality", 1, record.Quality, _quality),
    Extractor("audio.waveform", 1, record.Waveform, _waveform),
    Extractor("audio.prosody", 1, record.Prosody, _prosody),
    Extractor("audio.music", 1, record.Music, _music),
    Extractor("audio.timbre", 1, record.Timbre, _timbre),
    Extractor("audio.fingerprint", 1, record.Fingerprint, _fingerprint),
    Extractor("audio.voice", 1, record.Voice, voice.voice, (voice.WEIGHTS,)),
    Extractor("audio.content", 1, record.Content, content.content, (content.WEIGHTS,)),
    clarity.ClarityExtractor("audio.clarity", 1, record.Clarity, clarity.clarity, (clarity.WEIGHTS,)),
    Extractor("audio.emotion", 1, record.Emotion, emotion.emotion, (emotion.WEIGHTS,)),
    Extractor("audio.notes", 1, record.Notes, notes.notes, (notes.WEIGHTS,)),
    TranscriptExtractor("audio.transcript", 1, record.Transcript, transcript),
    TranscriptExtractor("audio.pace", 1, record.Pace, pace),
)
CLASSICAL: frozenset[str] = frozenset(
    {"facts", "loudness", "quality", "waveform", "prosody", "music", "timbre", "fingerprint"}
)
"""Parts that need no learned model."""
TRANSCRIBED: tuple[str, ...] = ("transcript", "pace")
