"""Objects and where they are: YOLOX (Ge et al. 2021) as ONNX, or any detector of `transformers` by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from creatorlens.reading.image import Objects, Thing
from features.absent import Absent
from features.vision.boxes import kept_of_overlapping, shares
from features.vision.coco import LABELS
from features.vision.inputs import batches
from features.vision.named import find
from features.vision.picture import Picture
from features.weights.models import Models

THRESHOLD = 0.35
OVERLAP = 0.45
STRIDES = (8, 16, 32)
GROUND = 114
MOST = 100


@dataclass(frozen=True)
class Yolox:
    model_id: str
    session: Any
    size: int

    def detect(self, pictures: Sequence[Picture], threshold: float) -> list[list[Thing]]:
        return [self._one(picture, threshold) for picture in pictures]

    def _one(self, picture: Picture, threshold: float) -> list[Thing]:
        given, scale = _letterboxed(picture, self.size)
        answer = self.session.run(None, {self.session.get_inputs()[0].name: given})[0][0]
        grid, stride = _grid(self.size)
        chances = answer[:, 4:5] * answer[:, 5:]
        kind = chances.argmax(axis=1)
        score = chances[np.arange(len(kind)), kind]
        sure = np.flatnonzero(score >= threshold)
        centre = (answer[sure, :2] + grid[sure]) * stride[sure] / scale
        half = np.exp(answer[sure, 2:4]) * stride[sure] / scale / 2
        boxes = np.concatenate([centre - half, centre + half], axis=1)
        # Boxes of different classes never overlap once each class has a place of its own.
        apart = boxes + kind[sure, None] * 1e5
        return [
            Thing(
                label=LABELS[kind[sure[i]]],
                score=min(1.0, float(score[sure[i]])),
                box=shares(boxes[i], picture),
            )
            for i in kept_of_overlapping(apart, score[sure], OVERLAP)[:MOST]
        ]


def _letterboxed(picture: Picture, size: int) -> tuple[Any, float]:
    """1 x 3 x size x size BGR 0-255 with the picture at the top left, and the picture's scale."""
    import cv2

    scale = min(size / picture.height, size / picture.width)
    fit = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    square = np.full((size, size, 3), GROUND, np.uint8)
    square[: fit[1], : fit[0]] = cv2.resize(picture.rgb, fit, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(square[:, :, ::-1].transpose(2, 0, 1)[None], np.float32), scale


@lru_cache(maxsize=4)
def _grid(size: int) -> tuple[Any, Any]:
    """Column and row of each answer, and its stride."""
    places, strides = [], []
    for stride in STRIDES:
        side = size // stride
        rows, columns = np.divmod(np.arange(side * side), side)
        places.append(np.stack([columns, rows], axis=1))
        strides.append(np.full((side * side, 1), stride))
    return np.concatenate(places).astype(np.float32), np.concatenate(strides).astype(np.float32)


@dataclass(frozen=True)
class ByTransformers:
    model_id: str
    detector: Any

    def detect(self, pictures: Sequence[Picture], threshold: float) -> list[list[Thing]]:
        found = self.detector.detect(pictures, threshold)
        return [
            [
                Thing(label=one.label, score=min(1.0, one.score), box=shares(one.box, picture))
                for one in sorted(some, key=lambda one: -one.score)[:MOST]
            ]
            for picture, some in zip(pictures, found, strict=True)
        ]


def read_objects(pictures: Sequence[Picture], models: Models) -> Sequence[Objects | Absent]:
    name = models.settings.detector
    detector = models.once(("detector", name), lambda: _load(models, name))
    if isinstance(detector, Absent):
        return [detector] * len(pictures)
    return [
        Objects(things=tuple(things), model=detector.model_id)
        for some in batches(pictures, models.settings.device)
        for things in detector.detect(some, THRESHOLD)
    ]


def _load(models: Models, name: str) -> Yolox | ByTransformers | Absent:
    found = find(models, name)
    if isinstance(found, Absent):
        return found
    graphs = sorted(found.folder.glob("*.onnx")) if found.folder else []
    if not graphs:
        from features.vision.transformer import load_detector

        detector = load_detector(models, found)
        return detector if isinstance(detector, Absent) else ByTransformers(detector.model_id, detector)
    session = models.onnx(name, graphs[0].name)
    if isinstance(session, Absent):
        return session
    size = session.get_inputs()[0].shape[-1]
    if not isinstance(size, int) or session.get_outputs()[0].shape[-1] != 5 + len(LABELS):
        return Absent(f"{name}/{graphs[0].name} is not a YOLOX of COCO's 80 classes and a fixed size")
    return Yolox(found.model_id, session, size)
