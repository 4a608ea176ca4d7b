"""Noise reduction: less noise, the same length, and speech that is judged better."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from creatorlens.errors import InputError
from creatorlens.reading.audio import Clarity
from features.absent import Absent
from features.audio.clarity import clarity
from features.audio.denoise import denoise
from features.audio.quality import quality
from features.audio.sound import hear
from features.weights.models import Models
from tests.features.audio.conftest import Writer
from tests.features.audio.sounds import RATE, Samples, encode, frames, noise, tone, whole, with_noise


def judged(path: Path, models: Models) -> Clarity:
    sound = hear(path)
    assert not isinstance(sound, Absent)
    found = clarity(sound, models)
    assert not isinstance(found, Absent)
    return found


@pytest.mark.parametrize("snr", [0, 10, 20])
def test_noisy_speech_is_judged_better(
    speech: Samples, models: Models, write: Writer, tmp_path: Path, snr: int
) -> None:
    noisy, cleaned = write("noisy.flac", with_noise(speech[: int(9.2 * RATE)], snr)), tmp_path / "clean.flac"
    denoise(noisy, cleaned)
    before, after = judged(noisy, models), judged(cleaned, models)
    assert after.background > before.background + 0.2
    assert after.overall > before.overall + 0.15
    snrs = [quality(frames(whole(path)[0]), 0, 0, RATE).snr_db for path in (noisy, cleaned)]
    assert snrs[1] > snrs[0] + 8


def test_clean_speech_stays_as_good(speech: Samples, models: Models, write: Writer, tmp_path: Path) -> None:
    clean, cleaned = write("a.flac", speech[: int(9.2 * RATE)]), tmp_path / "b.flac"
    denoise(clean, cleaned)
    assert judged(cleaned, models).overall > judged(clean, models).overall - 0.15


@pytest.mark.parametrize("count", [1, 255, 4_096, 22_050, 100_001])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_length_rate_and_channels_stay(write: Writer, tmp_path: Path, count: int, suffix: str) -> None:
    source = write("a.wav", np.stack([noise(count, 0.1, 1), noise(count, 0.1, 2)]), 44_100)
    denoise(source, tmp_path / f"b{suffix}")
    assert whole(tmp_path / f"b{suffix}").shape == (2, count)


def test_a_tone_in_noise_keeps_its_place_and_level(write: Writer, tmp_path: Path) -> None:
    # It comes and goes: what never pauses is taken for noise.
    beat = tone(1000, 6) * (np.arange(6 * RATE) // (RATE // 2) % 2 == 0)
    denoise(write("a.wav", beat + noise(6 * RATE, 0.02)), tmp_path / "b.wav")
    cleaned = whole(tmp_path / "b.wav")[0]
    on, off = slice(int(2.1 * RATE), int(2.4 * RATE)), slice(int(2.6 * RATE), int(2.9 * RATE))
    assert float(np.std(cleaned[on] - beat[on])) < 0.02
    assert float(np.std(cleaned[off])) < 0.02 * 10 ** (-12 / 20)


def test_no_more_is_taken_than_asked(write: Writer, tmp_path: Path) -> None:
    source = write("a.wav", noise(5 * RATE, 0.1))
    denoise(source, tmp_path / "b.wav", reduction_db=6)
    level = float(np.std(whole(tmp_path / "b.wav")))
    assert 0.1 * 10 ** (-6.5 / 20) < level < 0.08


def test_the_sound_of_a_film_is_cleaned(shared_media: Path, tmp_path: Path) -> None:
    film = shared_media / "composed" / "known_answers.mp4"
    denoise(film, tmp_path / "b.wav")
    assert whole(tmp_path / "b.wav").shape == whole(film).shape


def test_bad_requests_say_what_is_wrong_and_leave_nothing(
    shared_media: Path, write: Writer, tmp_path: Path
) -> None:
    source = write("a.wav", tone(440, 1))
    with pytest.raises(InputError, match="only WAV and FLAC"):
        denoise(source, tmp_path / "b.mp3")
    with pytest.raises(InputError, match="at most 60"):
        denoise(source, tmp_path / "b.wav", reduction_db=0)
    with pytest.raises(InputError, match="no sound"):
        denoise(shared_media / "video" / "bitmap.mp4", tmp_path / "b.wav")
    broken = tmp_path / "broken.flac"
    broken.write_bytes(b"fLaC but nothing else")
    with pytest.raises(InputError, match="cannot be opened"):
        denoise(broken, tmp_path / "b.wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "broken.flac"]


def test_an_existing_file_is_replaced_only_by_a_whole_one(write: Writer, tmp_path: Path) -> None:
    target = tmp_path / "b.wav"
    encode(target, tone(440, 1)[None], RATE)
    before = target.read_bytes()
    with pytest.raises(InputError, match="does not exist"):
        denoise(tmp_path.parent / "nothing.wav", target)
    assert target.read_bytes() == before
