"""Untrusted files become a bounded stream, an absence or an error that says what to do."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from creatorlens.errors import InputError
from features.absent import Absent
from features.audio.decode import Block, Stream, open_stream
from features.audio.sound import Sound, hear
from features.media.limits import USUAL, Limits
from tests.features.audio.conftest import Writer
from tests.features.audio.sounds import noise, tone, whole


def blocks_of(path: Path, *rates: int, limits: Limits = USUAL) -> tuple[Stream, list[Block]]:
    stream = open_stream(path, limits)
    assert not isinstance(stream, Absent)
    with stream:
        return stream, list(stream.blocks(rates))


def test_blocks_are_small_and_together_the_whole(write: Writer) -> None:
    samples = np.stack([noise(500_000, 0.1, 1), noise(500_000, 0.1, 2)])
    _, blocks = blocks_of(write("long.wav", samples, 48_000))
    assert max(block.samples.size for block in blocks) <= 1 << 18
    assert np.array_equal(np.concatenate([block.samples for block in blocks], axis=1), samples)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_every_rate_is_heard_at_every_other(write: Writer, rate: int) -> None:
    stream, blocks = blocks_of(write("a.flac", tone(440, 2, rate), rate), 16_000, 22_050)
    assert stream.rate == rate
    for target in (16_000, 22_050):
        mono = np.concatenate([block.mono[target] for block in blocks])
        assert abs(len(mono) - 2 * target) <= 2
        expected = tone(440, 2, target)[: len(mono)]
        middle = slice(target // 4, -target // 4)
        assert np.abs(mono[: len(expected)][middle] - expected[middle]).max() < 2e-3


def test_mono_is_the_mean_of_the_channels(write: Writer) -> None:
    left = tone(300, 1)
    _, blocks = blocks_of(write("a.wav", np.stack([left, -left])), 22_050)
    assert max(float(np.abs(block.mono[22_050]).max(initial=0)) for block in blocks) == 0


def test_a_film_without_sound_has_none(shared_media: Path) -> None:
    assert hear(shared_media / "video" / "bitmap.mp4") == Absent("the file has no sound")


def test_a_file_that_breaks_off_counts_as_far_as_it_goes(write: Writer, tmp_path: Path) -> None:
    data = write("a.flac", noise(220_500, 0.2)).read_bytes()
    broken = tmp_path / "broken.flac"
    broken.write_bytes(data[: len(data) // 2])
    sound = hear(broken)
    assert not isinstance(sound, Absent)
    assert 4 < sound.facts.duration_s < 6
    assert not sound.facts.complete
    assert any("it ends after" in note for note in sound.facts.notes)


def test_damage_in_the_middle_costs_what_it_hits(write: Writer, tmp_path: Path) -> None:
    data = bytearray(write("a.mp3", tone(440, 10), bit_rate=64_000).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    damaged = tmp_path / "damaged.mp3"
    damaged.write_bytes(data)
    assert whole(damaged).shape[1] > 9 * 22_050


def test_a_playlist_opens_no_other_file(write: Writer, tmp_path: Path) -> None:
    secret = write("secret.wav", tone(440, 1))
    playlist = tmp_path / "list.mp3"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n")
    with pytest.raises(InputError, match="cannot be opened"):
        open_stream(playlist)
    playlist.write_text(f"ffconcat version 1.0\nfile '{secret}'\n")
    with pytest.raises(InputError, match="cannot be opened"):
        open_stream(playlist)


def test_limits_of_bytes_and_length(write: Writer) -> None:
    path = write("a.wav", tone(440, 3))
    with pytest.raises(InputError, match="more bytes"):
        open_stream(path, Limits(file_bytes=1000))
    with pytest.raises(InputError, match="longer than"):
        open_stream(path, Limits(duration_s=2))


def test_a_file_that_hides_its_length_does_not_get_past_the_limit(shared_media: Path) -> None:
    stream = open_stream(shared_media / "video" / "no_duration.webm", Limits(duration_s=3))
    assert not isinstance(stream, Absent)
    assert stream.seconds == 0
    with stream, pytest.raises(InputError, match="longer than"):
        list(stream.blocks())


def test_samples_that_are_not_numbers_become_silence(write: Writer) -> None:
    samples = tone(440, 1)
    samples[100], samples[200], samples[300] = np.nan, np.inf, 1e30
    decoded = whole(write("a.wav", samples))
    assert np.isfinite(decoded).all()
    assert np.abs(decoded).max() <= 8


@pytest.mark.parametrize("name", ["speech/jfk.flac", "audio/robin.ogg", "audio/with-attached-pic.mp3", "composed/known_answers.mp4", "speech/english.wav"])  # fmt: skip
def test_mutated_real_files_give_sound_or_a_clear_error(
    shared_media: Path, tmp_path: Path, name: str
) -> None:
    data = (shared_media / name).read_bytes()[:60_000]
    for seed in range(12):
        rng = random.Random(seed)
        mutated = bytearray(data[: rng.randrange(100, len(data))] if seed % 2 else data)
        for _ in range(rng.choice([1, 10, 200])):
            mutated[rng.randrange(len(mutated) if seed % 3 else 512 % len(mutated))] = rng.randrange(256)
        path = tmp_path / "mutated"
        path.write_bytes(mutated)
        found: Sound | Absent | InputError
        try:
            found = hear(path)
        except InputError as error:
            found = error
        assert not isinstance(found, Sound) or found.facts.duration_s > 0
