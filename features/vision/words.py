"""Text in the picture and how well a phone shows it: PP-OCR mobile (Du et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from creatorlens.reading.image import TextRegion, Words
from features.absent import Absent
from features.vision.boxes import shares
from features.vision.legibility import contrast_ratio, legibility, phone_height
from features.vision.picture import Picture, Pixels
from features.vision.text_lines import Line, lines_in
from features.weights.models import Models

PPOCR = "ppocr_v2_mobile"
DETECTOR = "ch_ppocr_mobile_v2.0_det_infer.onnx"
RECOGNISER = "en_number_mobile_v2.0_rec_infer.onnx"
LINE_HEIGHT = 32
LINE_WIDEST = 1600
LEAST_SCORE = 0.6
"""Below it the recogniser has read letters into something else."""
LEAST_SCORE_OF_ONE = 0.95
"""Of a single character: many a thing looks like an S."""
LINES_AT_ONCE = 8
MOST_LINES = 100


def read_words(pictures: Sequence[Picture], models: Models) -> Sequence[Words | Absent]:
    detector, recogniser = (models.onnx(PPOCR, file) for file in (DETECTOR, RECOGNISER))
    for session in (detector, recogniser):
        if isinstance(session, Absent):
            return [session] * len(pictures)
    folder = models.folder(PPOCR)
    if isinstance(folder, Absent):
        return [folder] * len(pictures)
    alphabet = models.once(
        ("alphabet", folder), lambda: _alphabet((folder / "en_dict.txt").read_text("utf-8"))
    )
    model = f"{PPOCR}@{models.fingerprint(PPOCR)}"
    out = []
    for picture in pictures:
        lines = lines_in(picture.rgb, detector)[:MOST_LINES]
        # Picture by picture: lines read together are padded to one width, and a text must not depend on what else
        # happened to be in the batch.
        texts = _recognised([line.crop for line in lines], recogniser, alphabet)
        out.append(_words(picture, [(line, *text) for line, text in zip(lines, texts, strict=True)], model))
    return out


def _alphabet(lines: str) -> tuple[str, ...]:
    """By output of the network: nothing (blank), then the dictionary, whose last lines are spaces."""
    return ("", *(line for line in lines.split("\n") if line))


def _recognised(crops: Sequence[Pixels], session: Any, alphabet: tuple[str, ...]) -> list[tuple[str, float]]:
    """Text and mean certainty of each line, lines of like width together."""
    strips = [_strip(crop) for crop in crops]
    out: list[tuple[str, float]] = [("", 0.0)] * len(strips)
    order = sorted(range(len(strips)), key=lambda i: strips[i].shape[1])
    for start in range(0, len(order), LINES_AT_ONCE):
        some = order[start : start + LINES_AT_ONCE]
        widest = max(strips[i].shape[1] for i in some)
        given = np.zeros((len(some), 3, LINE_HEIGHT, widest), np.float32)
        for row, i in enumerate(some):
            given[row, :, :, : strips[i].shape[1]] = strips[i].transpose(2, 0, 1) / np.float32(127.5) - 1
        chances = session.run(None, {session.get_inputs()[0].name: given})[0]
        for row, i in enumerate(some):
            out[i] = _decoded(chances[row], alphabet)
    return out


def _strip(crop: Pixels) -> Pixels:
    import cv2

    width = int(np.clip(np.ceil(LINE_HEIGHT * crop.shape[1] / crop.shape[0]), LINE_HEIGHT // 2, LINE_WIDEST))
    return cv2.resize(crop, (width, LINE_HEIGHT), interpolation=cv2.INTER_LINEAR)[:, :, ::-1]


def _decoded(chances: Any, alphabet: tuple[str, ...]) -> tuple[str, float]:
    """Greedy CTC: repeats are one character, blanks are none."""
    best = chances.argmax(axis=1)
    starts = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
    if not starts.any():
        return "", 0.0
    text = "".join(alphabet[i] for i in best[starts])
    return text.strip(), float(np.clip(chances.max(axis=1)[starts].mean(), 0, 1))


def _words(picture: Picture, read: list[tuple[Line, str, float]], model: str) -> Words:
    regions = []
    for line, text, score in read:
        if score < (LEAST_SCORE if len(text) > 1 else LEAST_SCORE_OF_ONE):
            continue
        height = phone_height(line.height, picture.width)
        contrast = contrast_ratio(line.crop)
        regions.append(
            TextRegion(
                text=text, box=shares(line.edges, picture), score=score, phone_px=height, contrast=contrast,
                legibility=legibility(height, contrast),
            )
        )  # fmt: skip
    letters = sum(len(region.text) for region in regions)
    mean = sum(region.legibility * len(region.text) for region in regions) / letters if letters else None
    area = min(1.0, sum(region.box.width * region.box.height for region in regions))
    return Words(regions=tuple(regions), area_share=area, legibility=mean, model=model)
