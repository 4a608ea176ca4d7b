"""How much of what posts do beyond their channel's level goes with content, with drift, with time, and with nothing.

Variance components of a Gaussian process by maximum likelihood over all channels of a platform at once; each channel
has its own noise. Given them, everything that a channel tells of its time effect is one matrix and one vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.asof import Floats
from recommend.timing.content import Occasions, kernels
from recommend.timing.cycles import N_HOUR, basis

MOST_CELLS = 600_000
"""Bound on the sum of squared numbers of posts while fitting: memory and seconds."""
NOISE_PRIOR_POSTS = 10.0
LOW, HIGH = -14.0, 1.5
ROUNDS = 60


@dataclass(frozen=True)
class Components:
    """Variance by kernel name; `noise`: of a post on a channel of usual noise; `hour`, `weekday`: of time on one channel;
    `mean`: of y over all channels."""

    variance: dict[str, float]
    noise: float
    hour: float
    weekday: float
    mean: float


@dataclass(frozen=True)
class Told:
    """What one channel's outcomes tell of its coefficients: likelihood N(information⁻¹ told, information⁻¹)."""

    information: Floats
    told: Floats


@dataclass(frozen=True)
class _Channel:
    """`stack`: kernels with hour and weekday last; `noise`: relative to the usual."""

    y: Floats
    stack: Floats
    noise: float


def fit_components(channels: Sequence[Occasions], names: tuple[str, ...]) -> Components:
    """Raises ValueError where there is no post at all."""
    from scipy.optimize import minimize

    y = np.concatenate([posts.y for posts in channels])
    mean, total = float(y.mean()), max(float(y.var()), 1e-4)
    relative = relative_noise(channels)
    made: list[_Channel] = []
    cells = 0
    for posts in channels:
        cells += len(posts) ** 2
        if made and cells > MOST_CELLS:
            break
        made.append(_prepared(posts, names, mean, relative[posts.channel_id]))
    start = np.log(np.r_[np.full(len(names) + 2, total / 20), total / 2])
    found = minimize(
        lambda x: _loss(x, made),
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOW, HIGH)] * len(start),
        options={"maxiter": ROUNDS, "ftol": 1e-7},
    ).x
    value = np.exp(found)
    return Components(
        dict(zip(names, value.tolist(), strict=False)),
        float(value[-1]),
        float(value[-3]),
        float(value[-2]),
        mean,
    )


def relative_noise(channels: Sequence[Occasions]) -> dict[str, float]:
    """Variance of a channel's posts over the usual one, shrunk to 1 (inverse-gamma prior)."""
    squares = {c.channel_id: float(((c.y - c.y.mean()) ** 2).sum()) for c in channels}
    freedom = {c.channel_id: len(c) - 1 for c in channels}
    usual = max(sum(squares.values()) / max(1, sum(freedom.values())), 1e-6)
    return {
        name: (NOISE_PRIOR_POSTS * usual + squares[name]) / (NOISE_PRIOR_POSTS + freedom[name]) / usual
        for name in squares
    }


def told_by(posts: Occasions, components: Components, relative: float) -> Told:
    """With content, drift and level marginalised."""
    names = tuple(components.variance)
    weight = np.array([components.variance[name] for name in names])
    covariance = np.tensordot(weight, kernels(posts, names), 1) + components.noise * relative * np.eye(
        len(posts)
    )
    x = basis(posts.hour, posts.weekday)
    solved = np.linalg.solve(covariance, np.column_stack([x, posts.y - components.mean]))
    return Told(x.T @ solved[:, :-1], x.T @ solved[:, -1])


def _prepared(posts: Occasions, names: tuple[str, ...], mean: float, relative: float) -> _Channel:
    x = basis(posts.hour, posts.weekday)
    time = np.stack([x[:, :N_HOUR] @ x[:, :N_HOUR].T, x[:, N_HOUR:] @ x[:, N_HOUR:].T])
    return _Channel(posts.y - mean, np.concatenate([kernels(posts, names), time]), relative)


def _loss(x: Floats, channels: Sequence[_Channel]) -> tuple[float, Floats]:
    """Negative log likelihood and its gradient by the logarithms of the variances."""
    from scipy.linalg import cho_factor, cho_solve

    value = np.exp(x)
    loss, gradient = 0.0, np.zeros_like(x)
    for one in channels:
        n = len(one.y)
        covariance = np.tensordot(value[:-1], one.stack, 1)
        covariance[np.diag_indices(n)] += value[-1] * one.noise
        factor = cho_factor(covariance, lower=True, check_finite=False)
        inverse = cho_solve(factor, np.eye(n), check_finite=False)
        alpha = inverse @ one.y
        loss += 0.5 * float(one.y @ alpha) + float(np.log(np.diag(factor[0])).sum())
        slope = inverse - np.outer(alpha, alpha)
        gradient[:-1] += 0.5 * value[:-1] * np.tensordot(one.stack, slope, 2)
        gradient[-1] += 0.5 * value[-1] * one.noise * float(np.trace(slope))
    return loss, gradient
