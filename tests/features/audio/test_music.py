"""Tempo and key of music whose answers are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from creatorlens.reading.audio import PITCH_CLASSES, Music
from features.audio.music import music, onset_strength
from features.audio.sound import Sound
from features.audio.timbre import mel_decibels
from tests.features.audio.sounds import RATE, Samples, frames, noise, tone


def read(samples: Samples) -> Music:
    found = frames(samples)
    return music([mel_decibels(found)], found.chroma, found.rms, RATE)


def clicks(bpm: float, seconds: int = 20) -> Samples:
    samples = noise(seconds * RATE, 0.001)
    for beat in np.arange(0.3, seconds - 0.2, 60 / bpm):
        at = int(beat * RATE)
        samples[at : at + 800] += noise(800, 0.3, int(beat * 1000)) * np.exp(-np.arange(800) / 200).astype(
            np.float32
        )
    return samples


@pytest.mark.parametrize("bpm", [75, 90, 100, 120, 140, 160])
def test_tempo_of_clicks(bpm: int) -> None:
    found = read(clicks(bpm))
    assert found.tempo_bpm == pytest.approx(bpm, rel=0.03)
    assert found.tempo_confidence > 0.5
    assert found.onsets_per_s == pytest.approx(bpm / 60, rel=0.1)


def test_what_does_not_repeat_has_little_confidence(heard: Callable[[str], Sound]) -> None:
    assert read(noise(20 * RATE, 0.1)).tempo_confidence < 0.1
    assert read(heard("audio/rain.mp3").heard[0].samples).tempo_confidence < 0.1
    assert read(heard("audio/vibe_ace.ogg").heard[0].samples).tempo_confidence > 0.2


@pytest.mark.parametrize("name", ["audio/vibe_ace.ogg", "audio/brahms_strings.ogg", "audio/trumpet.ogg"])
def test_tempo_and_onsets_equal_librosas(heard: Callable[[str], Sound], name: str) -> None:
    import librosa

    samples = heard(name).heard[0].samples
    theirs = librosa.onset.onset_strength(y=samples, sr=RATE)
    found = frames(samples)
    np.testing.assert_allclose(onset_strength(mel_decibels(found)), theirs, atol=1e-3)
    tempo = float(librosa.feature.tempo(onset_envelope=theirs, sr=RATE)[0])
    assert read(samples).tempo_bpm == pytest.approx(tempo, rel=1e-6)
    detected = len(librosa.onset.onset_detect(onset_envelope=theirs, sr=RATE)) / (len(samples) / RATE)
    assert read(samples).onsets_per_s == pytest.approx(detected, rel=0.25)


def chords(tonic: int, shapes: Sequence[Sequence[int]]) -> Samples:
    def note(semitones: int) -> Samples:
        hz = 261.63 * 2 ** (semitones / 12)
        return sum((tone(hz * k, 1.0, level=0.1 / k) for k in (1, 2, 3)), np.zeros(RATE, np.float32))

    return np.concatenate(
        [sum((note(tonic + n) for n in shape), np.zeros(RATE, np.float32)) for shape in shapes]
    )


MAJOR_CADENCE = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))
MINOR_CADENCE = ((0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7))


@pytest.mark.parametrize("tonic", range(12))
def test_key_of_a_cadence(tonic: int) -> None:
    major, minor = read(chords(tonic, MAJOR_CADENCE)), read(chords(tonic, MINOR_CADENCE))
    assert (major.key, major.mode) == (PITCH_CLASSES[tonic], "major")
    assert (minor.key, minor.mode) == (PITCH_CLASSES[tonic], "minor")
    assert min(major.key_correlation, minor.key_correlation) > 0.7


def test_the_trumpet_of_a_pack_in_f_is_in_f(heard: Callable[[str], Sound]) -> None:
    assert read(heard("audio/trumpet.ogg").heard[0].samples).key == "F"


def test_silence_has_neither() -> None:
    found = read(np.zeros(10 * RATE, np.float32))
    assert (found.tempo_bpm, found.key, found.mode, found.tempo_confidence) == (None, None, None, 0)
    assert read(tone(440, 1)).tempo_bpm is None
