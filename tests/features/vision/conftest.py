"""Photographs, models of the real weights, and what was read from each photograph, once per session."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from creatorlens.reading.image import ImageReading
from creatorlens.settings import Settings
from features.media.limits import USUAL
from features.vision.picture import Picture, open_picture
from features.vision.reading import read_image
from features.weights.models import Models


@pytest.fixture(scope="session")
def photo(shared_media: Path) -> Callable[[str], Picture]:
    """The photograph whose name starts so."""

    @lru_cache
    def find(name: str) -> Picture:
        (path,) = (shared_media / "photos").glob(f"{name}.*")
        return open_picture(path.read_bytes(), USUAL)

    return find


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def models(shared_weights: Path, home: Path) -> Models:
    return Models(Settings(home=home, weights=str(shared_weights), model_threads=1))


@pytest.fixture(scope="session")
def bare(home: Path) -> Models:
    """No weights at all."""
    return Models(Settings(home=home))


@pytest.fixture(scope="session")
def reading(photo: Callable[[str], Picture], models: Models) -> Callable[[str], ImageReading]:
    """Everything read from the photograph."""

    @lru_cache
    def read(name: str) -> ImageReading:
        return read_image(photo(name), models)

    return read
