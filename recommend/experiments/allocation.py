"""Which variant is likely the best, and Thompson sampling: the shares of traffic for the next period.

Rates are compared within periods, as evidence is: P(clicks of a period | their sum) is multinomial with shares n_i e^θ_i. Its
posterior under θ_i ~ N(0, `USUAL_SPREAD`²) is taken as normal around its mode (Laplace). Shares follow the past alone, so that
evidence stays valid under them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommend.experiments.evidence import Periods

Floats = NDArray[np.float64]
USUAL_SPREAD = 0.3
"""Of headlines' rates in ln, within real tests."""
LEAST = 0.1
"""Of an equal share: nobody is left without traffic while the test runs, so that it can still be judged."""
DRAWS = 2000
STEPS = 12


def chances(periods: Periods, random: np.random.Generator, draws: int = DRAWS) -> Floats:
    """Of each variant to have the highest rate."""
    mean, covariance = posterior(periods.impressions[None], periods.clicks[None])
    return chances_of(mean, covariance, random, draws)[0]


def shares(best: Floats) -> Floats:
    """Thompson sampling: traffic by the chance to be the best, nobody below `LEAST` of an equal share. Last axis:
    variants."""
    least = LEAST / best.shape[-1]
    found: Floats = least + best * (1.0 - LEAST)
    return found


def posterior(impressions: Floats, clicks: Floats) -> tuple[Floats, Floats]:
    """Mode and covariance of θ for many tests at once: (tests, periods, variants) → (tests, variants), (tests, variants,
    variants)."""
    theta: Floats = np.zeros((impressions.shape[0], impressions.shape[2]))
    for _ in range(STEPS):
        slope, curvature = _derivatives(impressions, clicks, theta)
        step = np.linalg.solve(curvature, slope[..., None])[..., 0].astype(np.float64)
        theta = theta + np.clip(step, -1.0, 1.0)
    _, curvature = _derivatives(impressions, clicks, theta)
    return theta, np.linalg.inv(curvature).astype(np.float64)


def _derivatives(impressions: Floats, clicks: Floats, theta: Floats) -> tuple[Floats, Floats]:
    weighed = impressions * np.exp(theta)[:, None, :]
    share = weighed / np.maximum(weighed.sum(axis=2, keepdims=True), 1e-300)
    total = clicks.sum(axis=2)
    slope = clicks.sum(axis=1) - np.einsum("st,stv->sv", total, share) - theta / USUAL_SPREAD**2
    eye = np.eye(theta.shape[1])
    curvature = (
        np.einsum("st,stv,vw->svw", total, share, eye)
        - np.einsum("st,stv,stw->svw", total, share, share)
        + eye / USUAL_SPREAD**2
    )
    return slope, curvature


def chances_of(mean: Floats, covariance: Floats, random: np.random.Generator, draws: int = DRAWS) -> Floats:
    """(tests, variants) from the normal posteriors of many tests."""
    root = np.linalg.cholesky(covariance)
    noise = random.standard_normal((draws, *mean.shape))
    drawn = mean + np.einsum("svw,dsw->dsv", root, noise)
    best = drawn.argmax(axis=2)
    return np.stack([(best == v).mean(axis=0) for v in range(mean.shape[1])], axis=1)
