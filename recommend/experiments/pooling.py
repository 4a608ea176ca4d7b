"""What a kind of change is worth over many tests that are each too small: random effects, fully averaged.

Test i saw y_i ± s_i in ln; its true effect is N(μ, τ²), for tests are not alike. With μ flat and τ half-normal (`SPREAD_PRIOR`) the
posterior is a mixture over τ of normals (Gelman et al., Bayesian Data Analysis, 5.4), computed on a grid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

SPREAD_PRIOR = 0.3
GRID = 200
WIDEST_SPREAD = 1.5


@dataclass(frozen=True)
class Effect:
    """Of one test, in ln with its standard error."""

    ln: float
    error: float


@dataclass(frozen=True)
class Pooled:
    """`mean_ln` with 95 %, where the true effect of the next test lies in 80 % of cases, spread between tests, and each
    test's effect drawn towards the others."""

    tests: int
    mean_ln: float
    low_ln: float
    high_ln: float
    prob_better: float
    next_low_ln: float
    next_high_ln: float
    spread_ln: float
    shrunk_ln: tuple[float, ...]


def pool(effects: Sequence[Effect], *, among: int = 1) -> Pooled:
    """`among`: kinds of change looked at together, whose intervals are to hold at once (Bonferroni). Raises ValueError
    without a test."""
    if not effects:
        raise ValueError("nothing to pool")
    y = np.array([one.ln for one in effects])
    s2 = np.array([one.error for one in effects]) ** 2
    tau = np.linspace(0.0, WIDEST_SPREAD, GRID)
    total = 1.0 / (s2 + tau[:, None] ** 2)
    precision = total.sum(axis=1)
    mean = (total * y).sum(axis=1) / precision
    fit = 0.5 * np.log(total).sum(axis=1) - 0.5 * np.log(precision)
    fit -= 0.5 * (total * (y - mean[:, None]) ** 2).sum(axis=1) + 0.5 * (tau / SPREAD_PRIOR) ** 2
    weight = np.exp(fit - fit.max())
    weight /= weight.sum()
    spread = np.sqrt(1.0 / precision)
    ahead = np.sqrt(spread**2 + tau**2)
    towards = tau[:, None] ** 2 * total
    shrunk = weight @ (towards * y + (1 - towards) * mean[:, None])
    return Pooled(
        tests=len(effects),
        mean_ln=float(weight @ mean),
        low_ln=_quantile(weight, mean, spread, 0.025 / among),
        high_ln=_quantile(weight, mean, spread, 1 - 0.025 / among),
        prob_better=float(weight @ ndtr(mean / spread)),
        next_low_ln=_quantile(weight, mean, ahead, 0.1),
        next_high_ln=_quantile(weight, mean, ahead, 0.9),
        spread_ln=float(weight @ tau),
        shrunk_ln=tuple(shrunk.tolist()),
    )


def _quantile(weight: np.ndarray, mean: np.ndarray, spread: np.ndarray, share: float) -> float:
    """Of the mixture of normals, by bisection."""
    low = float((mean - 10 * spread).min())
    high = float((mean + 10 * spread).max())
    for _ in range(60):
        middle = (low + high) / 2
        if float(weight @ ndtr((middle - mean) / spread)) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def log_ratio(clicks: Sequence[float], impressions: Sequence[float]) -> Effect | None:
    """Of the first over the second: log odds ratio with its error (half a click added to each count); None without
    impressions on both sides."""
    if min(impressions) <= 0:
        return None
    yes = [c + 0.5 for c in clicks]
    no = [n - c + 0.5 for n, c in zip(impressions, clicks, strict=True)]
    ln = math.log(yes[0] / no[0]) - math.log(yes[1] / no[1])
    return Effect(ln, math.sqrt(sum(1 / v for v in (*yes, *no))))
