"""Every spectral figure agrees with librosa's on the same samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from features.audio.excerpts import Excerpt
from features.audio.filters import mel_bands, pitch_classes
from features.audio.sound import Sound
from features.audio.spectra import Frames, frames_of, joined
from features.audio.timbre import mel_decibels, mfcc, timbre
from tests.features.audio.sounds import RATE, Samples, frames, noise, tone

FILES = ("audio/vibe_ace.ogg", "speech/jfk.flac", "audio/crunching.mp3")
# Largest difference of a frame from librosa's: in the figure's own unit, relative to librosa's value.
TOLERANCE = {
    "centroid_hz": (0.01, 1e-5),
    "bandwidth_hz": (0.1, 1e-3),
    "rolloff_hz": (11.0, 0),  # one bin, where the sum lands on the edge
    "flatness": (1e-4, 0),
    "rms": (1e-6, 0),
    "zero_crossing_rate": (0.0006, 0),  # one crossing at the frame's first sample
    "chroma": (1e-3, 0),
    "mel": (1e-3, 1e-3),
}


@pytest.fixture(params=FILES)
def samples(request: pytest.FixtureRequest, heard: Callable[[str], Sound]) -> Samples:
    return heard(request.param).heard[0].samples[: 20 * RATE]


def reference(name: str, y: Samples) -> NDArray[np.float32]:
    import librosa

    found = {
        "centroid_hz": librosa.feature.spectral_centroid,
        "bandwidth_hz": librosa.feature.spectral_bandwidth,
        "rolloff_hz": librosa.feature.spectral_rolloff,
        "flatness": librosa.feature.spectral_flatness,
        "rms": librosa.feature.rms,
        "zero_crossing_rate": librosa.feature.zero_crossing_rate,
        "chroma": lambda y: librosa.feature.chroma_stft(y=y, tuning=0.0),
        "mel": librosa.feature.melspectrogram,
    }[name](y=y)
    return found.T if name in ("chroma", "mel") else found[0]


def test_frames_equal_librosas(samples: Samples) -> None:
    found = frames(samples)
    for name, (absolute, relative) in TOLERANCE.items():
        ours, theirs = getattr(found, name), reference(name, samples)
        assert ours.shape == theirs.shape, name
        # Chroma of digital silence is noise over noise in both.
        loud = found.rms > 1e-4
        np.testing.assert_allclose(ours[loud], theirs[loud], atol=absolute, rtol=relative, err_msg=name)


def test_mfcc_equal_librosas(samples: Samples) -> None:
    import librosa

    ours = mfcc(mel_decibels(frames(samples)))
    np.testing.assert_allclose(ours, librosa.feature.mfcc(y=samples).T, atol=0.01)


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100])
def test_filters_equal_librosas(rate: int) -> None:
    import librosa

    np.testing.assert_allclose(mel_bands(rate, 2048).T, librosa.filters.mel(sr=rate, n_fft=2048), atol=1e-7)
    np.testing.assert_allclose(
        pitch_classes(rate, 2048).T, librosa.filters.chroma(sr=rate, n_fft=2048), atol=1e-6
    )


def test_the_record_is_the_mean_over_frames(heard: Callable[[str], Sound]) -> None:
    found = frames(heard("speech/jfk.flac").heard[0].samples)
    record = timbre(found, mel_decibels(found))
    assert record.centroid_hz == pytest.approx(float(found.centroid_hz.mean()), rel=1e-5)
    assert len(record.mfcc_mean) == len(record.mfcc_sd) == 20
    assert len(record.mel_profile_db) == 32
    assert record.rms_dbfs == pytest.approx(-16.9, abs=0.2)


@pytest.mark.parametrize("count", [1, 100, 511, 512, 513, 2048, 2049, 100_000])
def test_any_length_gives_frames(count: int) -> None:
    found = frames(noise(count, 0.1))
    assert len(found) == 1 + count // 512
    for values in vars(found).values():
        assert len(values) == len(found)
        assert np.isfinite(values).all()


def test_silence_and_steady_level_are_finite() -> None:
    for level in (0.0, 1.0):
        found = frames(np.full(RATE, level, np.float32))
        assert all(np.isfinite(values).all() for values in vars(found).values())
        timbre(found, mel_decibels(found))


def test_a_tone_is_where_it_is_and_noise_is_flat() -> None:
    pure, rough = frames(tone(1000, 2)), frames(noise(2 * RATE, 0.1))
    assert float(np.median(pure.centroid_hz)) == pytest.approx(1000, abs=5)
    assert float(pure.flatness.mean()) < 0.01
    assert float(rough.flatness.mean()) > 0.5
    assert float(rough.centroid_hz.mean()) == pytest.approx(RATE / 4, rel=0.05)
    assert float(np.median(pure.zero_crossing_rate)) == pytest.approx(2000 / RATE, rel=0.02)


def test_excerpts_keep_their_times() -> None:
    parts = frames_of([Excerpt(0.0, RATE, tone(440, 1)), Excerpt(40.0, RATE, tone(440, 1))])
    whole: Frames = joined(parts)
    assert whole.times_s[0] == 0
    assert whole.times_s[len(parts[0])] == 40


@pytest.mark.parametrize("hz", [70, 82.4, 110, 146.8, 220, 261.6, 330, 440, 493])
def test_pitch_of_a_tone_with_overtones(hz: float) -> None:
    voiced = tone(hz, 2) + 0.6 * tone(2 * hz, 2) + 0.4 * tone(3 * hz, 2) + noise(2 * RATE, 0.02)
    found = frames(voiced)
    inner = slice(5, -5)
    cents = 1200 * np.abs(np.log2(found.pitch_hz[inner] / hz))
    assert float(np.percentile(cents, 95)) < 12
    assert float(found.periodicity[inner].min()) > 0.9


def test_pitch_agrees_with_yin_where_speech_is_voiced(heard: Callable[[str], Sound]) -> None:
    import librosa

    samples = heard("speech/librosa_198-209-0000.ogg").heard[0].samples
    found = frames(samples)
    yin = librosa.yin(samples, fmin=65, fmax=500, sr=RATE)
    clear = (found.periodicity > 0.85) & (found.rms > 0.1 * found.rms.max())
    semitones = 12 * np.abs(np.log2(found.pitch_hz[clear] / yin[clear]))
    assert int(clear.sum()) > 100
    # Where pitch glides the two look at slightly different moments.
    assert float((semitones < 1).mean()) > 0.95
    assert float(np.median(semitones)) < 0.2


def test_noise_has_no_pitch() -> None:
    found = frames(noise(5 * RATE, 0.1))
    assert float((found.periodicity > 0.45).mean()) < 0.05
