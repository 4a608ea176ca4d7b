"""One pool of workers for all tests here, without learned models, and small pictures and recordings."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from creatorlens.reading.files import Kind
from creatorlens.settings import Settings
from features.analysis_jobs import Glance, ReadFile
from services.analysis.analyzing import DraftContent, analyze
from services.analysis.desk import Desk, Keys
from services.content.intake import Given


class WatchedDesk(Desk):
    """The real desk; remembers what it was asked, and can pretend that an extractor changed."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.asked: list[Any] = []
        self.changed: dict[str, str] = {}

    def ask(self, job: Any) -> Any:
        self.asked.append(job)
        return super().ask(job)

    def keys(self, kind: Kind) -> Keys:
        found = super().keys(kind)
        return replace(
            found, keys={**found.keys, **{n: k for n, k in self.changed.items() if n in found.keys}}
        )

    def forget(self) -> None:
        self.asked.clear()
        self.changed.clear()

    @property
    def read(self) -> list[ReadFile]:
        return [job for job in self.asked if isinstance(job, ReadFile)]

    @property
    def glances(self) -> list[Glance]:
        return [job for job in self.asked if isinstance(job, Glance)]


def plain(home: Path, **more: Any) -> Settings:
    return Settings(home=home, text_encoder="none", malware_scanner="none", **more)


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedDesk]:
    with WatchedDesk(plain(tmp_path_factory.mktemp("desk")), workers=2) as desk:
        yield desk


@pytest.fixture
def desk(pool: WatchedDesk) -> WatchedDesk:
    pool.forget()
    return pool


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"text_encoder": "none", "malware_scanner": "none"})


def jpeg(seed: int, quality: int = 90, size: tuple[int, int] = (320, 180)) -> bytes:
    """Blurred blobs: every seed looks different, every quality much the same."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def tone(path: Path, seconds: float = 2.0) -> Path:
    """A WAV file."""
    import wave

    samples = (0.2 * 32767 * np.sin(2 * np.pi * 440 * np.arange(int(16_000 * seconds)) / 16_000)).astype(
        "<i2"
    )
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(samples.tobytes())
    return path


@dataclass
class Room:
    """Where files are written and read."""

    engine: Engine
    settings: Settings
    desk: WatchedDesk
    folder: Path
    sources: list[str] = field(default_factory=list)

    def file(self, name: str, content: bytes) -> Given:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return Given(path, name)

    def analyze(self, *files: Given, **draft: Any) -> Any:
        return analyze(
            self.engine, self.settings, self.desk, DraftContent(files=files, **draft), source="cli"
        )


@pytest.fixture
def room(engine: Engine, settings: Settings, desk: WatchedDesk, tmp_path: Path) -> Room:
    return Room(engine, settings, desk, tmp_path / "files")


@pytest.fixture(scope="session")
def make_jpeg() -> Callable[..., bytes]:
    return jpeg
