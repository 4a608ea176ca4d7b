"""What stands before the background: semantic segmentation by DeepLabV3 on MobileNetV2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from creatorlens.reading.base import Box, Labelled
from creatorlens.reading.image import Subject
from features.absent import Absent
from features.vision.classifier import labels_of, session_of
from features.vision.inputs import batches, fitted, planes
from features.vision.named import config_of, find
from features.vision.picture import Picture, Pixels
from features.weights.models import Models

DEEPLAB = "deeplabv3_mobilenet_v2_513"
LEAST = 0.005


@dataclass(frozen=True)
class Segmenter:
    model_id: str
    labels: tuple[str, ...]
    size: int
    logits: Any


def read_subjects(pictures: Sequence[Picture], models: Models) -> Sequence[Subject | Absent]:
    segmenter = models.once(("segmenter", DEEPLAB), lambda: _load(models))
    if isinstance(segmenter, Absent):
        return [segmenter] * len(pictures)
    out: list[Subject | Absent] = []
    for some in batches(pictures, models.settings.device, on_cpu=1):
        boxed = [_letterboxed(picture, segmenter.size) for picture in some]
        logits = segmenter.logits(planes([square for square, _, _ in boxed], 127.5, 127.5))
        out += [
            _subject(one, segmenter, wide, tall) for one, (_, wide, tall) in zip(logits, boxed, strict=True)
        ]
    return out


def subject_mask(picture: Picture, models: Models) -> Any | Absent:
    """Height x width of the picture, 0-1: how surely a pixel is not background."""
    import cv2

    segmenter = models.once(("segmenter", DEEPLAB), lambda: _load(models))
    if isinstance(segmenter, Absent):
        return segmenter
    square, wide, tall = _letterboxed(picture, segmenter.size)
    kinds = _kinds(segmenter.logits(planes([square], 127.5, 127.5))[0], wide, tall)
    size = (picture.width, picture.height)
    return cv2.resize((kinds > 0).astype(np.float32), size, interpolation=cv2.INTER_LINEAR)


def _letterboxed(picture: Picture, size: int) -> tuple[Pixels, float, float]:
    """The whole picture, undistorted, at the top left of a grey square; and the shares of its sides it fills."""
    scale = size / max(picture.width, picture.height)
    wide, tall = (max(1, round(side * scale)) for side in (picture.width, picture.height))
    square = np.full((size, size, 3), 127, np.uint8)
    square[:tall, :wide] = fitted(picture.rgb, wide, tall)
    return square, wide / size, tall / size


def _load(models: Models) -> Segmenter | Absent:
    found = find(models, DEEPLAB)
    if isinstance(found, Absent) or found.folder is None:
        return found if isinstance(found, Absent) else Absent("not a folder")
    config, folder = config_of(found), found.folder
    size = int(config.get("image_size", 513))
    if models.settings.device == "cpu":
        from features.vision.mobilenet_graph import build

        session = session_of(models, lambda: build(folder, size), found.model_id)
        if isinstance(session, Absent):
            return session
        return Segmenter(
            found.model_id, labels_of(config), size, lambda given: session.run(None, {"pixels": given})[0]
        )
    from features.vision.transformer import load_segmenter

    loaded = load_segmenter(models, found)
    if isinstance(loaded, Absent):
        return loaded
    return Segmenter(found.model_id, labels_of(config), size, loaded.logits)


def _kinds(logits: Any, wide: float, tall: float) -> Any:
    """Class of each pixel from a map of classes x side x side, of which the picture fills the shares given."""
    import cv2

    # Four times as fine by interpolation of the scores: outlines, not stairs.
    side = logits.shape[1] * 4 - 3
    fine = cv2.resize(
        np.ascontiguousarray(logits.transpose(1, 2, 0)), (side, side), interpolation=cv2.INTER_LINEAR
    )
    return fine[: max(1, round(side * tall)), : max(1, round(side * wide))].argmax(axis=2)


def _subject(logits: Any, segmenter: Segmenter, wide: float, tall: float) -> Subject:
    """Class 0 is background."""
    kinds = _kinds(logits, wide, tall)
    share = np.bincount(kinds.ravel(), minlength=len(segmenter.labels)) / kinds.size
    order = [int(i) for i in np.argsort(-share, kind="stable") if i and share[i] > LEAST]
    rows, columns = (np.flatnonzero((kinds > 0).any(axis=axis)) for axis in (1, 0))
    box = None
    if len(rows):
        across, down = kinds.shape[1], kinds.shape[0]
        left, top = float(columns[0] / across), float(rows[0] / down)
        box = Box(x=left, y=top, width=(columns[-1] + 1) / across - left, height=(rows[-1] + 1) / down - top)
    return Subject(
        share=float(1 - share[0]),
        classes=tuple(Labelled(label=segmenter.labels[i], score=float(share[i])) for i in order),
        box=box,
        model=segmenter.model_id,
    )
