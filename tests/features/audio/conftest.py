"""Real recordings, models with the small real weights, and files written by FFmpeg's encoders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from creatorlens.settings import Settings
from features.absent import Absent
from features.audio.sound import Sound, hear
from features.weights.models import Models
from tests.features.audio.sounds import Samples, encode, whole

Writer = Callable[..., Path]


@pytest.fixture(scope="session")
def models(shared_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Models:
    home = tmp_path_factory.mktemp("home")
    # Reproduces seven known clips and nothing else: it shows that the path works, never how well speech is recognised.
    return Models(
        Settings(home=home, weights=str(shared_weights), whisper="whisper_path_test", model_threads=1)
    )


@pytest.fixture(scope="session")
def no_models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(Settings(home=tmp_path_factory.mktemp("empty")))


@pytest.fixture(scope="session")
def heard(shared_media: Path) -> Callable[[str], Sound]:
    """A file of the shared media by its path there, decoded once per session."""
    kept: dict[str, Sound] = {}

    def give(name: str) -> Sound:
        if name not in kept:
            sound = hear(shared_media / name)
            assert not isinstance(sound, Absent)
            kept[name] = sound
        return kept[name]

    return give


@pytest.fixture(scope="session")
def speech(shared_media: Path) -> Samples:
    """14 s of clean speech, mono at 22,050 Hz, highest sample 0.5."""
    samples = whole(shared_media / "speech" / "librosa_5703-47212-0000.ogg")[0]
    return samples * np.float32(0.5 / np.abs(samples).max())


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """(n,) or (channels, n) -> a file, by its suffix; a bit rate in bits per second for lossy ones."""

    def give(name: str, samples: Samples, rate: int = 22_050, bit_rate: int | None = None) -> Path:
        encode(tmp_path / name, np.atleast_2d(samples), rate, bit_rate)
        return tmp_path / name

    return give
