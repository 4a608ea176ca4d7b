"""The path of transcription: decoding, resampling, language, times, words.

The weights used here reproduce seven known recordings and nothing else. These tests show that everything around a Whisper
model works; they say nothing of how well speech is recognised.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from creatorlens.reading.audio import Segment, Transcript
from creatorlens.settings import Settings
from features.absent import Absent
from features.audio import transcript as transcribing
from features.audio.pace import count_words, pace, pace_of
from features.audio.sound import Sound, hear
from features.audio.transcript import checkpoint, transcript
from features.weights.models import Models
from tests.features.audio.conftest import Writer
from tests.features.audio.sounds import whole

JFK = "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country."


def said(sound: Sound, models: Models) -> Transcript:
    found = transcript(sound, models)
    assert not isinstance(found, Absent), found
    return found


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [("speech/jfk.flac", "en", JFK), ("speech/english.wav", "en", "One, two, three."),
     ("speech/french.aiff", "fr", "Et c'est la dictée numéro un."), ("speech/chinese.flac", "zh", "砸自己的脚"),
     ("speech/gongxifachai.mp3", "zh", "恭喜发财"), ("composed/known_answers.mp4", "en", JFK),
     ("composed/known_answers.webm", "en", JFK)],
)  # fmt: skip
def test_known_recordings(
    heard: Callable[[str], Sound], models: Models, name: str, language: str, text: str
) -> None:
    found = said(heard(name), models)
    assert (found.language, found.text) == (language, text)


def test_segments_have_their_times(heard: Callable[[str], Sound], models: Models) -> None:
    found = said(heard("speech/jfk.flac"), models)
    assert [(s.start_s, s.end_s) for s in found.segments] == [
        (pytest.approx(0.0), pytest.approx(2.3)), (pytest.approx(3.3), pytest.approx(7.6)),
        (pytest.approx(8.2), pytest.approx(10.6)),
    ]  # fmt: skip
    assert not any(segment.words for segment in found.segments)


def test_words_have_times_where_asked(heard: Callable[[str], Sound], models: Models) -> None:
    asking = Models(models.settings.model_copy(update={"whisper_words": True}))
    sound = hear(heard("speech/english.wav").path)
    assert not isinstance(sound, Absent)
    words = [word for segment in said(sound, asking).segments for word in segment.words]
    assert [word.text for word in words] == ["One,", "two,", "three."]
    assert all(0 <= word.start_s <= word.end_s <= 2.75 for word in words)
    assert [word.start_s for word in words] == sorted(word.start_s for word in words)


@pytest.mark.parametrize("name", ["audio/brahms_strings.ogg", "odd-audio/tinytag_silence-22khz-mono-1s.wav"])
def test_where_nobody_speaks_nothing_is_said(
    heard: Callable[[str], Sound], models: Models, name: str
) -> None:
    found = said(heard(name), models)
    assert (found.text, found.language, found.segments, found.no_speech) == ("", None, (), 1)
    answer = pace(heard(name), models)
    assert not isinstance(answer, Absent)
    assert answer.words_per_minute is None


def test_a_long_recording_is_read_in_chunks_that_end_where_it_is_quiet(
    shared_media: Path, models: Models, write: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcribing, "CHUNK_S", 40)
    jfk = whole(shared_media / "speech" / "jfk.flac").mean(axis=0)
    gap = np.zeros(20 * 44_100, np.float32)
    sound = hear(write("long.flac", np.concatenate([jfk, gap, jfk, gap]), 44_100))
    assert not isinstance(sound, Absent)
    sound.heard_speech = ()  # as of a sound too long to be kept
    found = said(sound, models)
    assert found.text == f"{JFK} {JFK}"
    starts = [segment.start_s for segment in found.segments]
    assert starts[3] - starts[0] == pytest.approx(31, abs=0.5)


def test_pace_counts_words_over_the_time_they_take(heard: Callable[[str], Sound], models: Models) -> None:
    found = pace(heard("speech/jfk.flac"), models)
    assert not isinstance(found, Absent)
    assert found.words == 22
    assert found.words_per_minute == pytest.approx(22 * 60 / 9.0)


def test_words_of_writing_without_spaces_are_estimated() -> None:
    assert count_words("恭喜发财", "zh") == 3
    assert count_words("I said: yes - no!", "en") == 4
    segment = Segment(start_s=0, end_s=2, text="Hm", no_speech=0, log_probability=0)
    one = Transcript(model="m", language="en", text="Hm", segments=(segment,), no_speech=0)
    assert pace_of(one).words_per_minute is None


def test_the_model_is_named_by_a_setting(shared_weights: Path, tmp_path: Path) -> None:
    def found(name: str) -> Path | Absent:
        return checkpoint(Models(Settings(home=tmp_path, weights=str(shared_weights), whisper=name)))

    folder = shared_weights / "whisper_path_test"
    file = folder / "whisper_path_test_fp16.pt"
    assert found("whisper_path_test") == found("path_test") == found(str(folder)) == found(str(file)) == file
    assert found("none") == Absent("switched off: CREATORLENS_WHISPER names no model")
    missing = found("base")
    assert isinstance(missing, Absent)
    assert "weights pull whisper_base" in missing.reason
    assert isinstance(found("/nowhere/at/all.pt"), Absent)


def test_a_broken_checkpoint_costs_the_transcript_alone(
    heard: Callable[[str], Sound], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"not a checkpoint")
    sound = hear(heard("speech/english.wav").path)
    assert not isinstance(sound, Absent)
    answer = transcript(sound, Models(Settings(home=tmp_path, whisper=str(broken))))
    assert isinstance(answer, Absent)
    assert "cannot be loaded" in answer.reason
