"""BRISQUE (Mittal, Moorthy, Bovik 2012): how unlike natural scenes the local statistics of luma are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import gamma
from pathlib import Path
from typing import Any

import numpy as np

from creatorlens.reading.image import TechnicalQuality
from features.absent import Absent
from features.vision.picture import Picture, Pixels, shrunk
from features.weights.models import Models

BRISQUE = "brisque_svr"
SPAN = 7
SIGMA = 7 / 6
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))
LONGEST = 800
"""The regression learned from the pictures of LIVE, at most 768 x 512: statistics depend on scale."""
LEAST_SIDE = 16


@dataclass(frozen=True)
class Regression:
    """Support vector regression with a radial kernel."""

    vectors: Any
    weights: Any
    offset: float
    gamma: float
    low: Any
    high: Any

    def __call__(self, features: Any) -> float:
        scaled = -1 + 2 * (features - self.low) / (self.high - self.low)
        distance = ((self.vectors - scaled) ** 2).sum(axis=1)
        return float(self.weights @ np.exp(-self.gamma * distance) - self.offset)


def read_technical_quality(picture: Picture, models: Models) -> TechnicalQuality | Absent:
    folder = models.folder(BRISQUE)
    if isinstance(folder, Absent):
        return folder
    if min(picture.height, picture.width) < LEAST_SIDE:
        return Absent(f"too small for statistics: {picture.width} x {picture.height} pixels")
    regression = models.once(("brisque", folder), lambda: _load(folder))
    features = natural_scene_statistics(shrunk(picture.grey, LONGEST))
    if features is None:
        return Absent("the picture has no texture to judge")
    return TechnicalQuality(brisque=regression(features), model=f"{BRISQUE}@{models.fingerprint(BRISQUE)}")


def _load(folder: Path) -> Regression:
    from safetensors.numpy import load_file

    kept = load_file(folder / "brisque_svr.safetensors")
    return Regression(
        kept["support_vectors"], kept["dual_coef"], float(kept["rho"][0]), float(kept["gamma"][0]),
        kept["feature_min"], kept["feature_max"],
    )  # fmt: skip


def natural_scene_statistics(grey: Pixels) -> Any | None:
    """The 36 features of luma, 18 at each of two scales; None where luma has no variation."""
    import cv2

    image = grey.astype(np.float32) / 255
    half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_CUBIC)
    features = [*_features(image), *_features(half)]
    return np.array(features) if np.isfinite(features).all() else None


def _features(image: Any) -> list[float]:
    normal = _normalised(image)
    shape, left, right = _asymmetric_fit(normal)
    features = [shape, (left + right) / 2]
    rows, columns = normal.shape
    for down, across in NEIGHBOURS:
        one = normal[: rows - down, max(0, -across) : columns - max(0, across)]
        other = normal[down:, max(0, across) : columns - max(0, -across)]
        shape, left, right = _asymmetric_fit(one * other)
        mean = (right**0.5 - left**0.5) * _mean_factor(shape)
        features += [shape, mean, left, right]
    return features


def _normalised(image: Any) -> Any:
    """Luma less its local mean, over its local deviation (MSCN), both by a Gaussian of 7 x 7."""
    import cv2

    def local(values: Any) -> Any:
        return cv2.GaussianBlur(values, (SPAN, SPAN), SIGMA, borderType=cv2.BORDER_REFLECT_101)

    mean = local(image)
    deviation = np.sqrt(np.abs(local(image * image) - mean * mean))
    return (image - mean) / (deviation + np.float32(1 / 255))


def _asymmetric_fit(values: Any) -> tuple[float, float, float]:
    """Asymmetric generalised Gaussian by moments (Lasmar 2009): shape, variance left and right of 0."""
    import cv2

    # Exact zeros, as in burnt-out or black areas, are on neither side.
    lower, upper = cv2.min(values, 0), cv2.max(values, 0)
    below, above = np.count_nonzero(lower), np.count_nonzero(upper)
    left_total, right_total = (float(cv2.norm(side, cv2.NORM_L2SQR)) for side in (lower, upper))
    left, right = left_total / max(int(below), 1), right_total / max(int(above), 1)
    if left <= 0 or right <= 0:
        return float("nan"), left, right
    skew = (left / right) ** 0.5
    moments = float(cv2.norm(values, cv2.NORM_L1)) ** 2 / (values.size * (left_total + right_total))
    ratio = moments * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shapes, ratios = _shapes()
    return float(np.interp(ratio, ratios, shapes)), left, right


@lru_cache(maxsize=1)
def _shapes() -> tuple[Any, Any]:
    """Shapes 0.2 to 10 and their ratio of moments, which grows with the shape."""
    shapes = np.arange(0.2, 10.0001, 0.001)
    return shapes, np.array(
        [gamma(2 / shape) ** 2 / (gamma(1 / shape) * gamma(3 / shape)) for shape in shapes]
    )


def _mean_factor(shape: float) -> float:
    return (gamma(1 / shape) / gamma(3 / shape)) ** 0.5 * gamma(2 / shape) / gamma(1 / shape)
