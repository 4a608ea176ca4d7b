"""Loudness against pyloudnorm and FFmpeg's own meter, peaks against known signals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from creatorlens.reading.audio import Loudness
from features.audio.loudness import LoudnessMeter, channel_weights, loudness
from features.audio.peaks import PeakMeter
from features.audio.sound import Sound
from tests.features.audio.sounds import Samples, noise, tone, whole

FILES = (
    "audio/rain.mp3",
    "audio/vibe_ace.ogg",
    "speech/jfk.flac",
    "audio/crunching.mp3",
    "speech/english.wav",
)


def measured(samples: Samples, rate: int = 48_000, block: int = 1 << 16) -> Loudness:
    samples = np.atleast_2d(samples)
    meter = LoudnessMeter(rate, ("FL", "FR")[: len(samples)])
    peaks = PeakMeter(rate, len(samples))
    for at in range(0, samples.shape[1], block):
        meter.push(samples[:, at : at + block])
        peaks.push(samples[:, at : at + block])
    peaks.finish()
    return loudness(meter.finish(), peaks.true_peak, peaks.sample_peak)


def of(sound: Sound) -> Loudness:
    return loudness(sound.energies, sound.peaks.true_peak, sound.peaks.sample_peak)


@pytest.mark.parametrize("name", FILES)
def test_integrated_loudness_equals_pyloudnorms(
    heard: Callable[[str], Sound], shared_media: Path, name: str
) -> None:
    import pyloudnorm

    sound = heard(name)
    samples = whole(shared_media / name).T.astype(np.float64)
    # De Man's filters are the ones of the recommendation; pyloudnorm's default set differs by up to 0.1 LU.
    exact = pyloudnorm.Meter(sound.facts.sample_rate, filter_class="DeMan").integrated_loudness(samples)
    usual = pyloudnorm.Meter(sound.facts.sample_rate).integrated_loudness(samples)
    assert of(sound).integrated_lufs == pytest.approx(exact, abs=0.01)
    assert of(sound).integrated_lufs == pytest.approx(usual, abs=0.1)


@pytest.mark.parametrize("name", FILES[:4])
def test_range_and_true_peak_equal_ffmpegs_meter(
    heard: Callable[[str], Sound], shared_media: Path, name: str
) -> None:
    reference = ebur128(shared_media / name)
    found = of(heard(name))
    assert found.integrated_lufs == pytest.approx(reference["I"], abs=0.05)
    assert found.range_lu == pytest.approx(reference["LRA"], abs=0.3)
    assert found.true_peak_dbtp is not None
    assert 10 ** (found.true_peak_dbtp / 20) == pytest.approx(reference["true_peak"], rel=0.02)


def ebur128(path: Path) -> dict[str, float]:
    import av

    container = av.open(str(path))
    stream = container.streams.audio[0]
    graph = av.filter.Graph()
    source, meter = graph.add_abuffer(template=stream), graph.add("ebur128", "peak=true:metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    last: dict[str, str] = {}
    for frame in [*container.decode(stream), None]:
        graph.push(frame)
        while True:
            try:
                last = dict(graph.pull().metadata) or last
            except (av.BlockingIOError, av.EOFError):
                break
    return {name.removeprefix("lavfi.r128."): float(value) for name, value in last.items()}


def test_a_full_scale_sine_of_1_khz_has_the_loudness_the_recommendation_gives_it() -> None:
    # BS.1770: a 0 dB 997 Hz sine in one front channel reads -3.01 LUFS.
    assert measured(tone(997, 10, 48_000, 1.0)).integrated_lufs == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("gain_db", range(-40, 1, 5))
def test_loudness_and_peaks_move_with_gain_exactly(gain_db: int) -> None:
    samples = noise(480_000, 0.05) * (1 + tone(0.3, 10, 48_000))
    plain, moved = measured(samples), measured(samples * np.float32(10 ** (gain_db / 20)))
    assert plain.integrated_lufs is not None
    assert plain.true_peak_dbtp is not None
    assert moved.integrated_lufs == pytest.approx(plain.integrated_lufs + gain_db, abs=0.01)
    assert moved.true_peak_dbtp == pytest.approx(plain.true_peak_dbtp + gain_db, abs=0.01)
    assert moved.range_lu == pytest.approx(plain.range_lu, abs=0.01)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("block", [777, 4_800, 100_000])
def test_how_the_stream_is_cut_does_not_matter(rate: int, block: int) -> None:
    samples = noise(5 * rate + 123, 0.1)
    one, other = measured(samples, rate, 1 << 30), measured(samples, rate, block)
    assert other.integrated_lufs == pytest.approx(one.integrated_lufs, abs=1e-6)
    assert other.short_term.values == pytest.approx(one.short_term.values, abs=1e-6)
    assert other.true_peak_dbtp == pytest.approx(one.true_peak_dbtp, abs=1e-4)


def test_the_opening_is_told_apart() -> None:
    quiet, loud = noise(3 * 48_000, 0.01), noise(20 * 48_000, 0.1)
    found = measured(np.concatenate([quiet, loud]))
    assert found.first_3s_lufs is not None
    assert found.first_15s_lufs is not None
    assert found.first_15s_lufs - found.first_3s_lufs == pytest.approx(20 + 10 * np.log10(12 / 15), abs=0.3)
    assert found.short_term.values[0] == pytest.approx(found.first_3s_lufs)
    assert found.short_term.values[4] == pytest.approx(found.first_3s_lufs + 20, abs=0.3)


def test_silence_has_no_loudness() -> None:
    found = measured(np.zeros(480_000, np.float32))
    assert (found.integrated_lufs, found.true_peak_dbtp, found.first_3s_lufs) == (None, None, None)
    assert set(found.short_term.values) == {-70.0}


def test_surround_counts_more_and_the_subwoofer_not() -> None:
    assert channel_weights(("FL", "FR", "FC", "LFE", "SL", "SR")).tolist() == [1, 1, 1, 0, 1.41, 1.41]
    assert channel_weights(("NONE",)).tolist() == [1]


def test_true_peak_finds_what_lies_between_samples() -> None:
    # Of a sine at a quarter of the rate, sampled at 45 degrees, samples reach 0.707 of its height.
    samples = np.asarray(np.sin(2 * np.pi * 12_000 * np.arange(48_000) / 48_000 + np.pi / 4), np.float32)
    found = measured(samples[2000:-2000] * np.hanning(44_000).astype(np.float32))
    assert found.sample_peak_dbfs == pytest.approx(-3.01, abs=0.02)
    assert found.true_peak_dbtp == pytest.approx(0, abs=0.1)


def test_an_hour_has_no_more_values_than_can_be_drawn() -> None:
    meter = LoudnessMeter(1_000, ("FC",))
    meter.push(noise(3_600_000, 0.1)[None])
    curve = loudness(meter.finish(), 1, 1).short_term
    assert len(curve.values) <= 600
    assert curve.step_s * len(curve.values) == pytest.approx(3600, abs=curve.step_s)
