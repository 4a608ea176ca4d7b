"""Clips made for one question each, and models that are the real small ones."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from creatorlens.settings import Settings
from features.weights.models import Models

Clip = Callable[..., Path]
Read = Callable[[Path], dict[str, Any]]
CHILD = Path(__file__).with_name("reading_child.py")
REPO = Path(__file__).parents[3]
SECONDS = 120.0
"""Generous: it is there to find a hang."""


@pytest.fixture(scope="session")
def models(shared_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Models:
    home = tmp_path_factory.mktemp("home")
    return Models(Settings(home=home, weights=str(shared_weights), model_threads=1))


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Without any weights."""
    return Models(Settings(home=tmp_path_factory.mktemp("bare"), model_threads=1))


@pytest.fixture(scope="session")
def photo(shared_media: Path) -> Callable[..., Any]:
    """A real photo by name, RGB, filled into width x height."""

    @cache
    def read(name: str, width: int = 320, height: int = 180) -> Any:
        import cv2

        pixels = cv2.cvtColor(cv2.imread(str(shared_media / "photos" / name)), cv2.COLOR_BGR2RGB)
        scale = max(width / pixels.shape[1], height / pixels.shape[0])
        size = (max(width, round(pixels.shape[1] * scale)), max(height, round(pixels.shape[0] * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        left, top = (size[0] - width) // 2, (size[1] - height) // 2
        return np.ascontiguousarray(pixels[top : top + height, left : left + width])

    return read


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    """Write frames (RGB arrays) as a video; `stamps` in frames for a rate that varies."""

    def write(
        frames: Iterable[Any],
        name: str = "clip.mp4",
        fps: int = 25,
        codec: str = "libx264",
        options: dict[str, str] | None = None,
        stamps: Iterable[int] | None = None,
        prepare: Callable[[Any], None] = lambda stream: None,
    ) -> Path:
        import av

        frames = list(frames)
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream(
                codec, rate=fps, options=options or {"preset": "veryfast", "crf": "20"}
            )
            stream.height, stream.width = frames[0].shape[:2]
            stream.pix_fmt = "yuv420p"
            prepare(stream)
            for stamp, pixels in zip(stamps or range(len(frames)), frames, strict=True):
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = stamp, Fraction(1, fps)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return write


class Child:
    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=REPO, text=True, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPO), "OMP_NUM_THREADS": "1"},
        )  # fmt: skip

    def read(self, path: Path) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        assert ready, f"{path.name} hangs"
        line = self.process.stdout.readline()
        assert line, f"the process died over {path.name} with {self.process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def child() -> Iterator[Read]:
    """Reads videos in a process of its own, the same for a module's tests."""
    child = Child()
    yield child.read
    child.close()
