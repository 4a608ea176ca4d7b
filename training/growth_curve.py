"""How much a post still grows: quantiles of ln growth from one age to a later one.

Counts saturate, and what is still to come falls roughly with a power of the age: between ages a and h a post adds
(168/a)^K - (168/h)^K times something of its own, in ln. Quantile q of that is exp(x b_q); the b_q minimise
the pinball loss (Koenker and Bassett 1978), smoothed near zero so that a gradient exists. Medians, not means:
most posts hardly grow and few grow much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.columns import QUANTILES, Floats
from training.growth_pairs import GrowthPairs

WEEK_H = 168.0
K = 0.7
"""Exponents of 0.5 to 0.85 forecast TikTok's posts equally well, lower ones those younger than a week worse."""

_SMOOTH = 0.02
_RIDGE = {"age": 0.01, "surprise": 0.01}
_MOST_SURPRISE = 3.0
_AGE_EDGES = (0.02, 0.98)
_YOUNGEST_H = 1.0


@dataclass(frozen=True)
class GrowthCurve:
    """`weights`: 3 x 3, per quantile: constant, ln age, surprise. `youngest_h`, `oldest_h`: ages it learned from; outside
    them the coefficient of age stands still. `monotone`: counts never fell in the pairs it learned from."""

    weights: Floats
    youngest_h: float
    oldest_h: float

    def growth(self, age_h: Floats, later_h: Floats, surprise: Floats) -> Floats:
        """n x 3 of ln growth, never below zero, never crossing, never falling with `later_h`; 0 at `age_h`."""
        x = self._inputs(age_h, surprise)
        # einsum adds up each row alike; a matrix product would depend on how many rows there are.
        told = np.einsum("nk,qk->nq", x, self.weights)
        raw = np.exp(np.clip(told, -20.0, 10.0)) * still_to_come(age_h, later_h)[:, None]
        out: Floats = np.sort(raw, axis=1)
        return out

    def _inputs(self, age_h: Floats, surprise: Floats) -> Floats:
        return inputs(np.clip(age_h, self.youngest_h, self.oldest_h), surprise)


def still_to_come(age_h: Floats, later_h: Floats) -> Floats:
    """0 where the later age is not later. The power ends at an hour: below, it would promise the sky."""
    age, later = np.maximum(age_h, _YOUNGEST_H), np.maximum(later_h, _YOUNGEST_H)
    out: Floats = np.maximum((WEEK_H / age) ** K - (WEEK_H / later) ** K, 0.0)
    return out


def inputs(age_h: Floats, surprise: Floats) -> Floats:
    """n x 3: constant, ln of the age against a week, surprise (0 where nothing was forecast)."""
    known = np.clip(np.nan_to_num(surprise, nan=0.0), -_MOST_SURPRISE, _MOST_SURPRISE)
    return np.stack([np.ones_like(age_h), np.log(age_h / WEEK_H), known], axis=1)


def fit_growth_curve(pairs: GrowthPairs, *, surprise: bool) -> GrowthCurve:
    """`surprise`: whether what the forecast had expected is conditioned on. Deterministic."""
    low, high = np.quantile(pairs.age_h, _AGE_EDGES)
    age = np.clip(pairs.age_h, low, high)
    x = inputs(age, pairs.surprise if surprise else np.zeros_like(age))
    scale = still_to_come(pairs.age_h, pairs.later_h)
    weights = np.stack([_quantile(x, scale, pairs.growth, pairs.weight, level) for level in QUANTILES])
    if not surprise:
        weights[:, 2] = 0.0
    return GrowthCurve(weights, float(low), float(high))


def _quantile(x: Floats, scale: Floats, growth: Floats, weight: Floats, level: float) -> Floats:
    from scipy.optimize import minimize

    ridge = np.array([0.0, _RIDGE["age"], _RIDGE["surprise"]])
    share = weight / weight.sum()
    typical = np.quantile(growth / np.maximum(scale, 1e-9), level)
    start = np.array([np.log(max(float(typical), 1e-3)), 0.0, 0.0])

    def loss(b: Floats) -> tuple[float, Floats]:
        predicted = np.exp(np.clip(x @ b, -20.0, 10.0)) * scale
        over = growth - predicted
        near = np.abs(over) < _SMOOTH
        size = np.where(near, over**2 / (2 * _SMOOTH) + _SMOOTH / 2, np.abs(over))
        slope = np.where(near, over / _SMOOTH, np.sign(over))
        value = share @ (0.5 * size + (level - 0.5) * over) + ridge @ b**2
        gradient = -x.T @ (share * (0.5 * slope + level - 0.5) * predicted) + 2 * ridge * b
        return float(value), gradient

    solved: Floats = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return solved
