"""Pictures drawn here with what was read of them told, and a maker with the real detectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from creatorlens.reading.base import Box
from creatorlens.reading.image import Face, Faces, ImageReading, TextRegion, Words
from creatorlens.settings import Settings
from features.vision.picture import picture_of
from features.vision.reading import CLASSICAL, read_pictures
from features.weights.models import Models
from recommend.thumbnails.making import Maker
from recommend.thumbnails.seen import Seen


def drawn(wide: int, tall: int, seed: int = 0) -> Any:
    """Blurred blobs; equal seeds are equal pictures."""
    import cv2

    rng = np.random.default_rng(seed)
    few = rng.integers(30, 225, (5, 7, 3), dtype=np.uint8)
    return cv2.resize(few, (wide, tall), interpolation=cv2.INTER_CUBIC)


def face(x: float, y: float, width: float, height: float) -> Face:
    return Face(box=Box(x=x, y=y, width=width, height=height), score=0.9)


def line(text: str, x: float, y: float, width: float, height: float, **more: Any) -> TextRegion:
    usual = {"score": 0.95, "phone_px": 20.0, "contrast": 10.0, "legibility": 1.0}
    return TextRegion(text=text, box=Box(x=x, y=y, width=width, height=height), **{**usual, **more})


def reading_of(
    picture: Any, faces: Sequence[Face] = (), lines: Sequence[TextRegion] = (), **more: Any
) -> ImageReading:
    plain = read_pictures([picture], Models(Settings(weights="")), CLASSICAL)[0]
    area = min(1.0, sum(one.box.width * one.box.height for one in lines))
    told = {
        "faces": Faces(faces=tuple(faces), area_share=min(1.0, sum(one.size for one in faces)), model="told"),
        "words": Words(
            regions=tuple(lines), area_share=area, legibility=1.0 if lines else None, model="told"
        ),
    }
    return plain.model_copy(update={**told, **more})


@pytest.fixture(scope="session")
def make_seen() -> Callable[..., Seen]:
    def make(
        wide: int,
        tall: int,
        *,
        faces: Sequence[Face] = (),
        lines: Sequence[TextRegion] = (),
        seed: int = 0,
        **more: Any,
    ) -> Seen:
        picture = picture_of(drawn(wide, tall, seed))
        return Seen(picture, reading_of(picture, faces, lines), **more)

    return make


@pytest.fixture(scope="session")
def maker(shared_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Maker:
    home = tmp_path_factory.mktemp("thumbnails")
    return Maker(Models(Settings(home=home, weights=str(shared_weights), model_threads=1)))
