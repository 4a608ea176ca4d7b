"""The same recording is recognised through coding, gain, noise and cuts; others are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from features.absent import Absent
from features.audio.fingerprint import fingerprint, from_hex, part, similarity, to_hex
from features.audio.sound import Sound, hear
from tests.features.audio.conftest import Writer
from tests.features.audio.sounds import RATE, Samples, noise, with_noise

NAMES = ("audio/vibe_ace.ogg", "audio/brahms_strings.ogg", "speech/librosa_198-209-0000.ogg")


@pytest.fixture(params=NAMES)
def sound(request: pytest.FixtureRequest, heard: Callable[[str], Sound]) -> Sound:
    return heard(request.param)


def samples_of(sound: Sound) -> Samples:
    return sound.heard[0].samples[: 30 * RATE]


def of(
    write: Writer, name: str, samples: Samples, bit_rate: int | None = None, rate: int = RATE
) -> tuple[int, ...]:
    sound = hear(write(name, samples, rate, bit_rate))
    assert not isinstance(sound, Absent)
    return fingerprint(sound)


@pytest.mark.parametrize(
    ("suffix", "bit_rate"), [("mp3", 64_000), ("m4a", 64_000), ("opus", 32_000), ("ogg", None)]
)
def test_it_survives_coding(sound: Sound, write: Writer, suffix: str, bit_rate: int | None) -> None:
    samples = samples_of(sound)
    assert similarity(of(write, "a.flac", samples), of(write, f"b.{suffix}", samples, bit_rate)) > 0.6


@pytest.mark.parametrize("gain", [0.05, 0.3, 1.5])
def test_it_survives_gain(sound: Sound, write: Writer, gain: float) -> None:
    samples = samples_of(sound)
    assert similarity(of(write, "a.wav", samples), of(write, "b.wav", samples * np.float32(gain))) > 0.97


@pytest.mark.parametrize("cut_s", [0.033, 0.5, 3.21])
def test_it_survives_a_cut_at_both_ends(sound: Sound, write: Writer, cut_s: float) -> None:
    samples = samples_of(sound)
    cut = samples[int(cut_s * RATE) : -int(cut_s * RATE)]
    assert similarity(of(write, "a.flac", samples), of(write, "b.mp3", cut, 64_000)) > 0.5


def test_it_survives_some_noise(sound: Sound, write: Writer) -> None:
    samples = samples_of(sound)
    assert similarity(of(write, "a.flac", samples), of(write, "b.flac", with_noise(samples, 20))) > 0.5


def test_different_recordings_differ(heard: Callable[[str], Sound], write: Writer) -> None:
    names = (
        *NAMES,
        "audio/rain.mp3",
        "audio/humpback.ogg",
        "speech/jfk.flac",
        "speech/librosa_5703-47212-0000.ogg",
    )
    prints = [fingerprint(heard(name)) for name in names]
    prints.append(of(write, "n.flac", noise(30 * RATE, 0.1)))
    pairs = [(i, j) for i in range(len(prints)) for j in range(i)]
    assert max(similarity(prints[i], prints[j]) for i, j in pairs) < 0.3


def test_the_text_form_goes_there_and_back(heard: Callable[[str], Sound]) -> None:
    words = fingerprint(heard("speech/jfk.flac"))
    assert from_hex(to_hex(words)) == words
    assert similarity(words, words) == 1
    assert similarity(words, words[20:]) == 1


def test_silence_has_none_and_is_like_nothing(write: Writer) -> None:
    nothing = of(write, "s.flac", np.zeros(5 * RATE, np.float32))
    assert nothing == ()
    assert isinstance(part(nothing), Absent)
    assert similarity(nothing, nothing) == 0


def test_two_minutes_are_a_few_kilobytes(write: Writer) -> None:
    words = of(write, "l.flac", noise(150 * 8_000, 0.1), rate=8_000)
    assert len(words) == pytest.approx(120 / 0.0929, rel=0.02)
