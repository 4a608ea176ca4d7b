"""What is measured of a recording's quality moves the right way over a whole range of damage."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from creatorlens.reading.audio import Clarity, Quality
from features.absent import Absent
from features.audio.clarity import clarity
from features.audio.quality import quality
from features.audio.reading import read_audio
from features.audio.sound import hear
from features.media.limits import USUAL
from features.weights.models import Models
from tests.features.audio.conftest import Writer
from tests.features.audio.sounds import RATE, Samples, encode, frames, noise, tone, whole, with_noise


def read(samples: Samples) -> Quality:
    return quality(frames(samples), 0.0, 0.0, RATE)


def falling(values: list[float], slack: float = 0.0) -> bool:
    return all(after < before + slack for before, after in pairwise(values))


SNRS = (40, 35, 30, 25, 20, 15, 10, 5, 0)


@pytest.mark.parametrize("seed", [0, 1])
def test_noise_lowers_snr_and_raises_the_floor_all_the_way(speech: Samples, seed: int) -> None:
    found = [read(with_noise(speech, snr, seed)) for snr in SNRS]
    assert falling([each.snr_db for each in found])
    assert falling([-each.noise_floor_dbfs for each in found])


@pytest.mark.parametrize("snr", [5, 10, 15, 20])
def test_snr_is_about_what_was_mixed(speech: Samples, snr: int) -> None:
    assert read(with_noise(speech, snr)).snr_db == pytest.approx(snr, abs=4)


@pytest.mark.parametrize("gain_db", range(-24, 7, 6))
def test_gain_moves_the_floor_and_not_the_snr(speech: Samples, gain_db: int) -> None:
    noisy = with_noise(speech, 20)
    plain, moved = read(noisy), read(noisy * np.float32(10 ** (gain_db / 20)))
    assert moved.snr_db == pytest.approx(plain.snr_db, abs=0.1)
    assert moved.noise_floor_dbfs == pytest.approx(plain.noise_floor_dbfs + gain_db, abs=0.1)


def test_level_of_white_noise_is_its_floor() -> None:
    # The quietest tenth of each band lies some dB under its mean.
    assert read(noise(10 * RATE, 0.1)).noise_floor_dbfs == pytest.approx(-20, abs=4)


def test_clipping_grows_with_gain(speech: Samples, write: Writer, no_models: Models) -> None:
    shares = []
    for index, gain in enumerate((1.0, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0)):
        reading = read_audio(
            write(f"{index}.flac", np.clip(speech * gain, -1, 1)), no_models, USUAL, learned=False
        )
        assert not isinstance(reading, Absent)
        assert reading.quality is not None
        shares.append(reading.quality.clipping_share)
    assert shares[0] == 0
    assert falling([-share for share in shares[2:]])


@pytest.mark.parametrize("edge_hz", [3_400, 5_000, 8_000])
def test_bandwidth_is_where_a_filter_cut(write: Writer, no_models: Models, edge_hz: int) -> None:
    from scipy.signal import firwin, lfilter

    rough = lfilter(
        firwin(2001, edge_hz, window=("kaiser", 10.0), fs=44_100), 1, noise(5 * 44_100, 0.2)
    ).astype(np.float32)
    reading = read_audio(write("a.wav", rough, 44_100), no_models, USUAL, learned=False)
    assert not isinstance(reading, Absent)
    assert reading.quality is not None
    assert reading.quality.bandwidth_hz == pytest.approx(edge_hz, abs=200)


def test_silence_is_counted() -> None:
    half = np.concatenate([np.zeros(5 * RATE, np.float32), tone(440, 5)])
    assert read(half).silence_share == pytest.approx(0.5, abs=0.02)


def judged(samples: Samples, write: Writer, models: Models, name: str) -> Clarity:
    sound = hear(write(f"{name}.flac", samples))
    assert not isinstance(sound, Absent)
    found = clarity(sound, models)
    assert not isinstance(found, Absent), found
    return found


@pytest.fixture(scope="module")
def by_noise(shared_media: Path, models: Models, tmp_path_factory: pytest.TempPathFactory) -> list[Clarity]:
    found = []
    nine_seconds = whole(shared_media / "speech" / "librosa_198-209-0000.ogg")[0, : int(9.2 * RATE)]
    for snr in (60, 30, 20, 10, 0):
        path = tmp_path_factory.mktemp("noisy") / "a.flac"
        encode(path, with_noise(nine_seconds, snr)[None], RATE)
        sound = hear(path)
        assert not isinstance(sound, Absent)
        answer = clarity(sound, models)
        assert not isinstance(answer, Absent)
        found.append(answer)
    return found


def test_the_learned_judgement_falls_with_noise(by_noise: list[Clarity]) -> None:
    """In steps of 10 dB. It is not monotone everywhere: in finer steps, and near the bottom of its scale, it can rise."""
    assert falling([each.background for each in by_noise])
    assert falling([each.overall for each in by_noise])


def test_the_learned_judgement_falls_with_clipping(speech: Samples, write: Writer, models: Models) -> None:
    nine_seconds = speech[: int(9.2 * RATE)]
    found = [judged(np.clip(nine_seconds * g, -0.5, 0.5), write, models, f"clip{g}") for g in (1, 5, 25)]
    assert falling([each.overall for each in found])


def test_nothing_is_judged_where_nobody_speaks(write: Writer, models: Models) -> None:
    sound = hear(write("tone.flac", tone(440, 3)))
    assert not isinstance(sound, Absent)
    assert clarity(sound, models) == Absent("nobody speaks, and the model judges speech alone")
