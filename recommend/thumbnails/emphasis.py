"""The subject lifted from its ground: the ground darker and softer, a light line around the subject."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.vision.picture import Pixels
from recommend.thumbnails.reframing import Framed
from recommend.thumbnails.seen import Seen, roomy

LEAST, MOST = 0.03, 0.70
"""Share of the picture that a subject takes which can be told from its ground."""
MOST_TEXT = 0.08
LINE = 0.006
SOFT = 0.005
DARKER = 0.68
PALER = 0.75
REFINED = 256
"""Longest side at which the outline is found exactly."""


def subject_by_saliency(seen: Seen) -> Any | None:
    """Without a segmentation: GrabCut (Rother et al. 2004) begun from where the eye goes. Height x width, 0-1."""
    import cv2

    attention = seen.attention
    if not attention.any():
        return None
    size = (seen.picture.width, seen.picture.height)
    sure = cv2.resize(
        (attention > 0.35 * attention.max()).astype(np.float32), size, interpolation=cv2.INTER_LINEAR
    )
    return refined(seen.picture.rgb, sure)


def refined(rgb: Pixels, mask: Any) -> Any | None:
    """The outline along edges of colour; None where it comes to nothing or to everything."""
    import cv2

    tall, wide = rgb.shape[:2]
    scale = min(1.0, REFINED / max(tall, wide))
    size = (max(16, round(wide * scale)), max(16, round(tall * scale)))
    few = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    start = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    if not LEAST <= float(start.mean()) <= MOST:
        return None
    around = cv2.dilate((start > 0.5).astype(np.uint8), np.ones((9, 9), np.uint8))
    core = cv2.erode((start > 0.9).astype(np.uint8), np.ones((7, 7), np.uint8))
    marks = np.full(start.shape, cv2.GC_BGD, np.uint8)
    marks[around > 0] = cv2.GC_PR_BGD
    marks[start > 0.5] = cv2.GC_PR_FGD
    marks[core > 0] = cv2.GC_FGD
    if not (start > 0.5).any() or (around > 0).all():
        return None
    cv2.setRNGSeed(0)  # the mixtures start from random centres: same picture, same outline
    cv2.grabCut(few, marks, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    found = np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    if not LEAST <= float(found.mean()) <= MOST:
        return None
    return cv2.resize(cv2.GaussianBlur(found, (0, 0), 1.0), (wide, tall), interpolation=cv2.INTER_LINEAR)


def emphasised(seen: Seen, framed: Framed, rgb: Pixels) -> Pixels | str:
    """Words and faces that lie outside the subject stay as they are. A reason where there is no subject."""
    import cv2

    if seen.mask is None:
        return "no subject stands out from its ground"
    words = seen.reading.words
    if words is not None and words.area_share > MOST_TEXT:
        return "the picture is mostly words: there is no ground to darken"
    mask = framed.carry(seen.mask.astype(np.float32))
    share = float(mask.mean())
    if not LEAST <= share <= MOST:
        return "the subject fills too little or too much of this shape to be lifted out"
    keep = _kept(seen, framed, rgb)
    ground = _ground(rgb, mask, keep)
    front = np.maximum(mask, keep)
    return cv2.blendLinear(rgb, ground, front, 1 - front)


def _ground(rgb: Pixels, mask: Any, keep: Any) -> Pixels:
    """Softer, paler, darker, with the line around the subject. Reckoned at half size: it is out of focus anyway."""
    import cv2

    tall, wide = rgb.shape[:2]
    half = (max(1, wide // 2), max(1, tall // 2))
    few = cv2.resize(rgb, half, interpolation=cv2.INTER_AREA)
    few = cv2.GaussianBlur(few, (0, 0), SOFT * half[0]).astype(np.float32)
    grey = few.mean(axis=2, keepdims=True)
    dark = ((grey + PALER * (few - grey)) * np.float32(DARKER)).round().clip(0, 255).astype(np.uint8)
    line = max(1, round(LINE * half[0]))
    inner = cv2.resize(mask, half, interpolation=cv2.INTER_AREA)
    wider = cv2.dilate(inner, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * line + 1, 2 * line + 1)))
    ring = cv2.resize(np.clip(wider - inner, 0, 1), (wide, tall), interpolation=cv2.INTER_LINEAR) * (1 - keep)
    ground = cv2.resize(dark, (wide, tall), interpolation=cv2.INTER_LINEAR)
    return cv2.blendLinear(ground, np.full_like(rgb, 255), 1 - ring, ring)


def _kept(seen: Seen, framed: Framed, rgb: Pixels) -> Any:
    """1 over words and faces, with soft edges."""
    import cv2

    keep = np.zeros(rgb.shape[:2], np.float32)
    boxes = [roomy(edges, (0.02, 0.15, 0.02, 0.15)) for _, edges in seen.lines]
    boxes += [roomy(edges, (0.1, 0.2, 0.1, 0.1)) for edges in seen.faces]
    for box in map(framed.place, boxes):
        left, top, right, bottom = (max(0, round(edge)) for edge in box)
        keep[top:bottom, left:right] = 1.0
    soft: Any = np.maximum(cv2.GaussianBlur(keep, (0, 0), 0.004 * rgb.shape[1]), keep)
    return soft
