"""Learned models give the answers that were seen when their weights were gathered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from creatorlens.reading.audio import Content
from features.absent import Absent
from features.audio.clarity import clarity
from features.audio.content import content
from features.audio.decode import resampled
from features.audio.emotion import emotion
from features.audio.excerpts import Excerpt
from features.audio.notes import name_of, notes
from features.audio.sound import Sound, hear
from features.audio.voice import probabilities, stretches_of, voice
from features.weights.models import Models
from tests.features.audio.conftest import Writer
from tests.features.audio.sounds import RATE, noise, tone

Heard = Callable[[str], Sound]
SPEECH = (
    "jfk.flac",
    "english.wav",
    "french.aiff",
    "chinese.flac",
    "librosa_198-209-0000.ogg",
    "simpletranscribe_test.mp3",
)


def content_of(sound: Sound, models: Models) -> Content:
    found = content(sound, models)
    assert not isinstance(found, Absent)
    return found


@pytest.mark.parametrize("name", SPEECH)
def test_speech_is_heard_as_speech_in_three_languages(heard: Heard, models: Models, name: str) -> None:
    found = content_of(heard(f"speech/{name}"), models)
    assert found.labels[0].label == "Speech"
    assert found.labels[0].score >= 0.59
    assert found.speech_share >= 0.75


@pytest.mark.parametrize(
    ("name", "label", "least"),
    [("trumpet.ogg", "Music", 0.7), ("trumpet.ogg", "Trumpet", 0.65), ("robin.ogg", "Bird", 0.95),
     ("crunching.mp3", "Crunch", 0.6), ("brahms_strings.ogg", "Music", 0.8)],
)  # fmt: skip
def test_sounds_have_their_names(heard: Heard, models: Models, name: str, label: str, least: float) -> None:
    found = content_of(heard(f"audio/{name}"), models)
    assert {each.label: each.score for each in found.labels}[label] >= least


def test_shares_add_up_and_spans_cover_the_whole(heard: Heard, models: Models) -> None:
    sound = heard("audio/brahms_strings.ogg")
    found = content_of(sound, models)
    assert found.music_share > 0.8
    assert found.speech_share + found.music_share + found.silence_share + found.other_share == pytest.approx(
        1
    )
    assert found.spans[0].start_s == 0
    assert all(
        a.end_s == pytest.approx(b.start_s) for a, b in zip(found.spans, found.spans[1:], strict=False)
    )
    assert found.spans[-1].end_s == pytest.approx(sound.facts.duration_s, abs=0.5)
    assert all(len(track.scores) == len(found.times_s) for track in found.tracks)


def test_speech_after_music_is_found_where_it_is(heard: Heard, models: Models, write: Writer) -> None:
    music = heard("audio/brahms_strings.ogg").heard[0].samples[5 * RATE : 13 * RATE]
    speech = heard("speech/librosa_198-209-0000.ogg").heard[0].samples[: 8 * RATE]
    silence = np.zeros(6 * RATE, np.float32)
    sound = hear(write("a.flac", np.concatenate([music, silence, speech])))
    assert not isinstance(sound, Absent)
    spans = content_of(sound, models).spans
    long = [span for span in spans if span.end_s - span.start_s > 3]
    assert [span.label for span in long] == ["music", "silence", "speech"]
    assert long[1].start_s == pytest.approx(8, abs=1)
    assert long[2].start_s == pytest.approx(14, abs=1)
    found = voice(sound, models)
    assert not isinstance(found, Absent)
    assert found.first_speech_s == pytest.approx(14.4, abs=0.3)


@pytest.mark.parametrize(
    ("name", "share"),
    [("speech/jfk.flac", 0.72), ("speech/english.wav", 0.59), ("speech/librosa_198-209-0000.ogg", 0.86),
     ("audio/trumpet.ogg", 0), ("audio/robin.ogg", 0), ("audio/crunching.mp3", 0)],
)  # fmt: skip
def test_share_of_speech(heard: Heard, models: Models, name: str, share: float) -> None:
    found = voice(heard(name), models)
    assert not isinstance(found, Absent)
    assert found.speech_share == pytest.approx(share, abs=0.05)


def test_three_words_and_the_pauses_between_them(heard: Heard, models: Models, write: Writer) -> None:
    silence = np.zeros(2 * RATE, np.float32)
    sound = hear(
        write("a.flac", np.concatenate([silence, heard("speech/english.wav").heard[0].samples, silence]))
    )
    assert not isinstance(sound, Absent)
    found = voice(sound, models)
    assert not isinstance(found, Absent)
    starts, ends = [s.start_s for s in found.spans], [s.end_s for s in found.spans]
    assert starts == pytest.approx([2.08, 3.14, 4.03], abs=0.15)
    assert ends == pytest.approx([2.46, 3.52, 4.58], abs=0.15)
    assert found.pauses == 2
    assert found.longest_pause_s == pytest.approx(0.6, abs=0.2)
    assert found.first_speech_s == starts[0]


def test_long_speech_in_pieces_side_by_side_is_heard_as_in_one(heard: Heard, models: Models) -> None:
    session = models.onnx("silero_vad", "silero_vad.onnx")
    samples = heard("speech/silero_test.wav").heard_speech[0].samples[: 45 * 16_000]
    whole = Excerpt(0.0, 16_000, samples)
    pieces = stretches_of(probabilities(whole, session), whole)
    parts = [Excerpt(0.0, 16_000, samples[: end * 16_000]) for end in (15, 20)]
    for part in parts:  # short enough to be one piece
        alone = stretches_of(probabilities(part, session), part)
        both = [stretch for stretch in pieces if stretch[1] < part.seconds - 1]
        np.testing.assert_allclose(alone[: len(both)], both, atol=0.1)
    assert sum(end - start for start, end in pieces) / 45 == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize(
    ("name", "overall", "background"),
    [("english.wav", 3.29, 4.16), ("jfk.flac", 2.71, 3.09), ("librosa_198-209-0000.ogg", 3.34, 4.03),
     ("librosa_5703-47212-0000.ogg", 2.72, 3.05)],
)  # fmt: skip
def test_clarity_of_known_recordings(
    heard: Heard, models: Models, name: str, overall: float, background: float
) -> None:
    found = clarity(heard(f"speech/{name}"), models)
    assert not isinstance(found, Absent)
    # The published figures are of one window; up to three are averaged here.
    assert found.overall == pytest.approx(overall, abs=0.15)
    assert found.background == pytest.approx(background, abs=0.25)


def test_the_emotion_model_makes_the_confident_mistakes_it_is_known_for(heard: Heard, models: Models) -> None:
    jfk, rain = emotion(heard("speech/jfk.flac"), models), emotion(heard("audio/rain.mp3"), models)
    assert not isinstance(jfk, Absent)
    assert not isinstance(rain, Absent)
    assert jfk.labels[0].label == "male_fearful"
    assert jfk.labels[0].score == pytest.approx(0.87, abs=0.02)
    assert rain.labels[0].label == "male_happy"
    assert rain.labels[0].score == pytest.approx(1, abs=0.01)


def test_notes_of_a_tone_a_chord_and_noise(models: Models, write: Writer) -> None:
    def strongest(name: str, samples: np.ndarray) -> list[tuple[str, float]]:
        sound = hear(write(name, samples))
        assert not isinstance(sound, Absent)
        found = notes(sound, models)
        assert not isinstance(found, Absent)
        return [(each.label, each.score) for each in found.strongest]

    a4 = strongest("a.flac", tone(440, 2))
    assert a4[0][0] == name_of(69) == "A4"
    assert a4[0][1] > 3 * a4[1][1]
    triad = strongest("c.flac", sum(tone(hz, 2, level=0.25) for hz in (261.63, 329.63, 392.0)))
    assert {label for label, _ in triad[:3]} == {"C4", "E4", "G4"}
    assert strongest("n.flac", noise(2 * RATE, 0.2))[0][1] < 0.2


def test_without_weights_parts_are_absent_with_what_to_do(heard: Heard, no_models: Models) -> None:
    sound = heard("speech/english.wav")
    for reader in (content, clarity, emotion, notes):
        answer = reader(sound, no_models)
        assert isinstance(answer, Absent)
        assert "creatorlens weights pull" in answer.reason


def test_resampling_keeps_a_tone() -> None:
    there = resampled(tone(1000, 1, 48_000), 48_000, 44_100)
    assert len(there) == pytest.approx(44_100, abs=2)
    assert np.abs(there[5000:-5000] - tone(1000, 1, 44_100)[5000 : len(there) - 5000]).max() < 1e-3
