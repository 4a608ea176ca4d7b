"""One set of models for all tests here: making the sentence encoder smaller takes seconds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from creatorlens.settings import Settings
from features.nlp.source import Source, source
from features.nlp.words import Words
from features.weights.models import Models


@pytest.fixture(scope="session", autouse=True)
def _no_hub() -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """With the sentence encoder where the machine has it."""
    return Models(Settings(home=tmp_path_factory.mktemp("nlp")))


@pytest.fixture(scope="session")
def wordless(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Without any model."""
    home = tmp_path_factory.mktemp("wordless")
    return Models(Settings(home=home, text_encoder="none"))


@pytest.fixture(scope="session")
def encoded(models: Models) -> Models:
    if source(Words("x"), models).vectors.model_id is None:
        pytest.skip("no weights of the sentence encoder on this machine")
    return models


@pytest.fixture
def of(wordless: Models) -> Callable[..., Source]:
    """Words as extractors read them, without an encoder."""
    return lambda title="", text="", **more: source(Words(title, text, **more), wordless)


@pytest.fixture(scope="session")
def upworthy(shared_data: Path) -> Path:
    return shared_data / "upworthy.experiments.parquet"
