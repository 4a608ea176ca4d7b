"""Where the eye is likely to go, without a learned model."""

from __future__ import annotations

from typing import Any

import numpy as np

from creatorlens.reading.base import Box
from creatorlens.reading.image import SALIENCY_COLUMNS, SALIENCY_ROWS, Saliency
from features.vision.picture import Picture
from features.weights.models import Models

KEPT = 0.8


def saliency_grid(picture: Picture) -> Any:
    """18 x 32, 0-1 with maximum 1; all 0 for a picture of one colour.

    Image signature (Hou, Harel, Koch 2012): the signs of the cosine transform keep the sparse foreground and lose
    the background. Taken at twice the grid on each channel of Lab, squared, blurred by 0.045 of the width.
    """
    kept = picture.shared.get("saliency")
    if kept is None:
        kept = picture.shared["saliency"] = _signature(picture)
    return kept


def _signature(picture: Picture) -> Any:
    import cv2

    size = (2 * SALIENCY_COLUMNS, 2 * SALIENCY_ROWS)
    few = cv2.resize(picture.small, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(few.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    total = np.zeros(lab.shape[:2], np.float32)
    for channel in cv2.split(lab):
        waves = cv2.dct(channel - channel.mean())
        # What rounding leaves of a flat channel has signs too, and they mean nothing.
        signs = np.sign(np.where(np.abs(waves) > 0.05, waves, 0)).astype(np.float32)
        if signs.any():
            total += cv2.idct(signs) ** 2
    total = cv2.GaussianBlur(total, (0, 0), 0.045 * size[0])
    grid = cv2.resize(total, (SALIENCY_COLUMNS, SALIENCY_ROWS), interpolation=cv2.INTER_AREA)
    # What is no more salient than the average does not stand out.
    grid = np.maximum(grid - grid.mean(), 0)
    largest = float(grid.max())
    return grid / largest if largest > 1e-9 else np.zeros_like(grid)


def centre(grid: Any) -> tuple[float, float]:
    """Shares (across, down) of the centre of gravity; the middle where nothing stands out."""
    total = float(grid.sum())
    if total <= 0:
        return 0.5, 0.5
    across, down = _positions()
    return float((grid.sum(axis=0) * across).sum() / total), float((grid.sum(axis=1) * down).sum() / total)


def _positions() -> tuple[Any, Any]:
    return (np.arange(SALIENCY_COLUMNS) + 0.5) / SALIENCY_COLUMNS, (
        np.arange(SALIENCY_ROWS) + 0.5
    ) / SALIENCY_ROWS


def read_saliency(picture: Picture, models: Models) -> Saliency:  # noqa: ARG001 - an extractor\'s signature
    grid = saliency_grid(picture)
    x, y = centre(grid)
    focus = _focus(grid)
    return Saliency(
        grid=tuple(map(tuple, np.round(grid.astype(np.float64), 3).tolist())),
        centre_x=x,
        centre_y=y,
        spread=_spread(grid, x, y),
        focus=focus,
        focus_share=min(1.0, focus.width * focus.height),
    )


def _spread(grid: Any, x: float, y: float) -> float:
    total = float(grid.sum())
    if total <= 0:
        return 0.0
    across, down = _positions()
    distance = np.hypot(across[None, :] - x, down[:, None] - y)
    return min(1.0, float((grid * distance).sum() / total) / float(np.hypot(0.5, 0.5)))


def _focus(grid: Any) -> Box:
    left, right = _middle(grid.sum(axis=0))
    top, bottom = _middle(grid.sum(axis=1))
    return Box(x=left, y=top, width=right - left, height=bottom - top)


def _middle(weights: Any) -> tuple[float, float]:
    """Smallest stretch of an axis that keeps the square root of 80%, so that both axes together keep about 80%."""
    total = float(weights.sum())
    if total <= 0:
        return 0.0, 1.0
    sums = np.concatenate([[0.0], np.cumsum(weights / total)])
    best = (0, len(weights))
    for start in range(len(weights)):
        end = int(np.searchsorted(sums, sums[start] + KEPT**0.5 - 1e-9))
        if end <= len(weights) and end - start < best[1] - best[0]:
            best = (start, end)
    return best[0] / len(weights), best[1] / len(weights)
