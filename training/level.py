"""How counts grow with a post's age: a robust slope in ln(age), the part that must extrapolate.

Trees cannot: posts of the last weeks are younger than every matured post they learned from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.columns import Floats

_MIN_ROWS = 50
_RIDGE = 30.0
_HUBER = 0.7
_ROUNDS = 8
_MAX_SLOPE = 1.0
# Younger than this share of the posts learned from counts as extrapolated.
_YOUNGEST = 0.1
_DAMPING = 0.5


@dataclass(frozen=True)
class AgeSlope:
    """ln count = intercept + slope * (ln age - centre), against the base; unknown age = centre. Below `young` it rises half as
    steeply: in tables seen once, old posts are often the ones that were worth keeping, so that the slope between posts
    is steeper than the growth of any of them, which is what extrapolating would take it for (docs/experiments.md)."""

    intercept: float
    slope: float
    centre: float
    young: float

    def at(self, horizon_ln: Floats) -> Floats:
        age = np.where(np.isnan(horizon_ln), self.centre, horizon_ln)
        below = np.minimum(age - self.young, 0.0)
        out: Floats = self.intercept + self.slope * (age - self.centre - (1.0 - _DAMPING) * below)
        return out


def fit_age_slope(target: Floats, horizon_ln: Floats, row_weight: Floats) -> AgeSlope:
    """Huber regression of ln(1+outcome) - base on ln(age); the slope is never negative."""
    known = ~np.isnan(horizon_ln)
    centre = float(np.median(horizon_ln[known])) if known.any() else 0.0
    x = np.where(known, horizon_ln - centre, 0.0)
    spread = float(x.std()) if known.sum() >= _MIN_ROWS else 0.0
    scaled = x / spread if spread > 0 else np.zeros_like(x)
    design = np.stack([scaled, np.ones_like(x)], axis=1)
    ridge = np.diag([_RIDGE, 1e-3])
    weight = row_weight
    solved = np.zeros(2)
    for _ in range(_ROUNDS):
        weighted = design * weight[:, None]
        solved = np.linalg.solve(weighted.T @ design + ridge, weighted.T @ target)
        weight = row_weight * np.minimum(1.0, _HUBER / np.maximum(np.abs(target - design @ solved), 1e-6))
    slope = float(np.clip(solved[0] / spread, 0.0, _MAX_SLOPE)) if spread > 0 else 0.0
    young = float(np.quantile(horizon_ln[known], _YOUNGEST)) if known.any() else 0.0
    return AgeSlope(intercept=float(solved[1]), slope=slope, centre=centre, young=young)
