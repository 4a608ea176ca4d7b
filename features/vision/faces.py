"""Faces by YuNet (Wu, Peng, Yu 2023), and the expression of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from creatorlens.reading.base import Labelled
from creatorlens.reading.image import Face, Faces
from features.absent import Absent
from features.vision.boxes import kept_of_overlapping, shares
from features.vision.inputs import batches, fitted, planes
from features.vision.picture import Picture, Pixels, shrunk
from features.vision.whole import likeliest
from features.weights.models import Models

YUNET = "yunet"
EXPRESSION = "face_expression"
EXPRESSIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
LONGEST = 640
"""A face of a fortieth of the longest side is still 16 pixels, the least the detector was trained on."""
THRESHOLD = 0.8
OVERLAP = 0.3
STRIDES = (8, 16, 32)
CROP = 112


def read_faces(pictures: Sequence[Picture], models: Models) -> Sequence[Faces | Absent]:
    session = models.onnx(YUNET, "yunet_n_dynamic.onnx")
    if isinstance(session, Absent):
        return [session] * len(pictures)
    found = _detected(pictures, session, models.settings.device)
    expressions = _expressions(pictures, found, models)
    absent = expressions.reason if isinstance(expressions, Absent) else None
    model = f"{YUNET}@{models.fingerprint(YUNET)}"
    out = []
    for i, (picture, rows) in enumerate(zip(pictures, found, strict=True)):
        each = [()] * len(rows) if isinstance(expressions, Absent) else expressions[i]
        faces = [
            Face(box=shares(row[:4], picture), score=min(1.0, float(row[4])), expression=expression)
            for row, expression in zip(rows, each, strict=True)
        ]
        faces.sort(key=lambda face: -face.size)
        area = min(1.0, sum(face.size for face in faces))
        out.append(Faces(faces=tuple(faces), area_share=area, model=model, expression_absent=absent))
    return out


def _detected(pictures: Sequence[Picture], session: Any, device: str) -> list[Any]:
    """Per picture rows of left, top, right, bottom (pixels of the picture) and score."""
    small = [shrunk(picture.rgb, LONGEST) for picture in pictures]
    by_size = defaultdict(list)
    for i, rgb in enumerate(small):
        by_size[rgb.shape].append(i)
    out: list[Any] = [None] * len(pictures)
    for alike in by_size.values():
        for some in batches(alike, device):
            given = planes([_padded(small[i])[:, :, ::-1] for i in some])
            answers = dict(
                zip((o.name for o in session.get_outputs()), session.run(None, {"input": given}), strict=True)
            )
            for row, i in enumerate(some):
                one = {name: values[row] for name, values in answers.items()}
                boxes = _decoded(one, given.shape[3])
                scale = pictures[i].width / small[i].shape[1], pictures[i].height / small[i].shape[0]
                out[i] = boxes * np.array([scale[0], scale[1], scale[0], scale[1], 1])
    return out


def _padded(rgb: Pixels) -> Pixels:
    """To multiples of the coarsest stride, black below and to the right."""
    tall, wide = rgb.shape[:2]
    return np.pad(rgb, ((0, -tall % STRIDES[-1]), (0, -wide % STRIDES[-1]), (0, 0)))


def _decoded(answer: dict[str, Any], width: int) -> Any:
    rows = []
    for stride in STRIDES:
        scores = np.sqrt(
            np.clip(answer[f"cls_{stride}"], 0, 1) * np.clip(answer[f"obj_{stride}"], 0, 1)
        ).ravel()
        sure = np.flatnonzero(scores >= THRESHOLD)
        offset = answer[f"bbox_{stride}"][sure]
        columns = width // stride
        centre = (np.stack([sure % columns, sure // columns], axis=1) + offset[:, :2]) * stride
        half = np.exp(offset[:, 2:4]) * stride / 2
        rows.append(np.concatenate([centre - half, centre + half, scores[sure, None]], axis=1))
    boxes = np.concatenate(rows)
    return boxes[kept_of_overlapping(boxes[:, :4], boxes[:, 4], OVERLAP)]


def _expressions(
    pictures: Sequence[Picture], found: Sequence[Any], models: Models
) -> list[list[tuple[Labelled, ...]]] | Absent:
    """For each face of each picture, likeliest first."""
    session = models.onnx(EXPRESSION, "model.onnx")
    if isinstance(session, Absent):
        return session
    crops = [_crop(picture.rgb, row) for picture, rows in zip(pictures, found, strict=True) for row in rows]
    chances = [
        row
        for some in batches(crops, models.settings.device)
        for row in session.run(None, {"rgb": np.stack(some).astype(np.float32)})[0]
    ]
    each = iter(chances)
    return [[likeliest(EXPRESSIONS, next(each), len(EXPRESSIONS)) for _ in rows] for rows in found]


def _crop(rgb: Pixels, row: Any) -> Pixels:
    """The face padded to a square with black, at the size that the network takes."""
    left, top = (max(0, int(edge)) for edge in row[:2])
    right, bottom = min(rgb.shape[1], int(row[2]) + 1), min(rgb.shape[0], int(row[3]) + 1)
    face = rgb[top : max(bottom, top + 1), left : max(right, left + 1)]
    tall, wide = face.shape[:2]
    side = max(tall, wide)
    square = np.zeros((side, side, 3), np.uint8)
    square[(side - tall) // 2 : (side - tall) // 2 + tall, (side - wide) // 2 : (side - wide) // 2 + wide] = (
        face
    )
    return fitted(square, CROP, CROP)
