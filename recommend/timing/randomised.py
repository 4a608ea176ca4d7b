"""Slots drawn by lot, and what they then show: the draw alone makes posts in different slots comparable.

Balanced permuted blocks: each block holds every slot once, in random order. Effects by least squares, covariates
interacted with the slots (Lin 2013), variances robust to unequal spread (HC2, widened for few posts); that blocks are
balanced over time only makes them smaller than told. And the exact p-value by drawing the lots again within blocks
(Fisher).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.asof import Floats, Ints

LOTS = 2_000
PRIOR_SD = 0.5
"""In ln, of a slot's effect: wide, beside what is seen of times of posting."""
MIN_PER_SLOT = 2


@dataclass(frozen=True)
class Assignment:
    """The `number`-th post goes out in `slot`; its effect is compared within its `block`."""

    number: int
    block: int
    slot: str


@dataclass(frozen=True)
class CausalPosterior:
    """Effects in ln over the mean of the slots. `covariance`: of `mean`; `adjusted`: covariates were used."""

    slots: tuple[str, ...]
    posts: tuple[int, ...]
    mean: Floats
    covariance: Floats
    p_value: float
    adjusted: bool


def randomise(slots: Sequence[str], n: int, seed: int) -> list[Assignment]:
    """For `n` posts in the order in which they will go out. `slots`: those the creator accepts, at least two different ones.
    Raises ValueError."""
    if len(set(slots)) != len(slots) or len(slots) < 2:
        raise ValueError("at least two slots, each named once")
    rng = np.random.default_rng(seed)
    drawn: list[Assignment] = []
    while len(drawn) < n:
        block = len(drawn) // len(slots)
        drawn += [
            Assignment(len(drawn) + i, block, slots[j]) for i, j in enumerate(rng.permutation(len(slots)))
        ]
    return drawn[:n]


def causal_effect(
    assignments: Sequence[Assignment], outcomes: Floats, covariates: Floats | None = None, seed: int = 0
) -> CausalPosterior | None:
    """`outcomes`: ln over the channel's level, NaN where not known yet; `covariates`: n x k, known before the draw. None
    below `MIN_PER_SLOT` outcomes of any slot."""
    told = np.flatnonzero(~np.isnan(outcomes))
    names = tuple(dict.fromkeys(one.slot for one in assignments))
    code = np.array([names.index(assignments[i].slot) for i in told.tolist()], dtype=np.int64)
    posts = np.bincount(code, minlength=len(names))
    if len(names) < 2 or posts.min() < MIN_PER_SLOT:
        return None
    block = np.unique([assignments[i].block for i in told.tolist()], return_inverse=True)[1]
    y = outcomes[told]
    x = None if covariates is None else _usable(covariates[told], len(told), len(names))
    estimate, covariance = _least_squares(y, code, len(names), x)
    mean, shrunk = _with_prior(estimate, covariance)
    p = _by_lot(y if x is None else _without(y, x), code, block, len(names), seed)
    return CausalPosterior(names, tuple(posts.tolist()), mean, shrunk, p, x is not None)


def _usable(covariates: Floats, n: int, slots: int) -> Floats | None:
    """Centred; None where there are too few posts for the interactions."""
    x = covariates - covariates.mean(axis=0)
    x = x[:, x.std(axis=0) > 1e-9]
    return x if x.shape[1] and n >= 3 * slots * (1 + x.shape[1]) else None


def _least_squares(y: Floats, code: Ints, slots: int, x: Floats | None) -> tuple[Floats, Floats]:
    """Means per slot (at mean covariates) less their mean, and their covariance (HC2)."""
    own = np.eye(slots)[code]
    design = own if x is None else np.hstack([own, *(own[:, [k]] * x for k in range(slots))])
    inverse = np.linalg.pinv(design.T @ design)
    beta = inverse @ design.T @ y
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design).clip(0.0, 0.999)
    weight = (y - design @ beta) ** 2 / (1.0 - leverage)
    few = _student(len(y) - design.shape[1]) ** 2
    covariance = few * (inverse @ (design.T * weight) @ design @ inverse)[:slots, :slots]
    centre = np.eye(slots) - 1.0 / slots
    return centre @ beta[:slots], centre @ covariance @ centre.T


def _student(freedom: int) -> float:
    """How many times wider an 80 % interval is with this many degrees of freedom."""
    from scipy.stats import norm, t

    return float(t.ppf(0.9, max(1, freedom)) / norm.ppf(0.9))


def _with_prior(estimate: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Normal around zero with `PRIOR_SD`, in the space where effects sum to zero."""
    slots = len(estimate)
    prior = PRIOR_SD**2 * (np.eye(slots) - 1.0 / slots)
    gain = prior @ np.linalg.pinv(prior + covariance)
    return gain @ estimate, prior - gain @ prior


def _without(y: Floats, x: Floats) -> Floats:
    return y - x @ np.linalg.lstsq(x, y - y.mean(), rcond=None)[0]


def _by_lot(y: Floats, code: Ints, block: Ints, slots: int, seed: int) -> float:
    """Share of draws whose slots differ at least as much as the one that was made."""
    drawn = np.sort(block)[None, :] * 2.0 + np.random.default_rng(seed).random((LOTS, len(block)))
    # sorted by block, then by lot: a permutation within each
    by_block = code[np.argsort(block, kind="stable")][np.argsort(drawn, axis=1)]
    own = y[np.argsort(block, kind="stable")]
    count = np.bincount(code, minlength=slots)

    def between(codes: Ints) -> Floats:
        sums = np.stack([((codes == k) * own).sum(axis=-1) for k in range(slots)], axis=-1)
        return np.asarray((count * (sums / count - y.mean()) ** 2).sum(axis=-1))

    seen = float(between(code[np.argsort(block, kind="stable")])) - 1e-12
    return (1 + int((between(by_block) >= seen).sum())) / (1 + LOTS)
