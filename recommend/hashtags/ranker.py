"""How likely a creator chooses a hashtag, from what each source says: a logistic regression.

Fitted on the creators' own later choices, each post described by what was there just before it; shrunk towards weights
that stand for "each source counts, habit most", so that with few posts those decide and with many the posts do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.asof import Floats
from recommend.hashtags.candidates import SOURCES, Candidates

SMALL = 0.003
"""A share this small hardly differs from none in ln."""
SHARES = ("own_share", "own_near", "near", "nearest", "alike")
IN_LN = tuple(SOURCES.index(name) for name in SHARES)
WITHOUT_HABIT = tuple(SOURCES.index(name) for name in ("near", "nearest", "popular", "rise", "words"))
PENALTY = 3.0
"""Strength of the argued weights: as much as a few posts with all their candidates."""

_ARGUED = {
    "own_share": 0.5, "own_last": 0.5, "own_used": 0.2, "own_near": 0.3, "near": 0.3, "nearest": 0.1,
    "alike": 0.2, "popular": 0.4, "rise": 0.2, "words": 1.0,
}  # fmt: skip
_ARGUED_START = -7.0


@dataclass(frozen=True)
class Ranker:
    """`weight`: of `described` columns and the intercept (last). `posts`: how many it was fitted on."""

    weight: Floats
    posts: int

    def logit(self, found: Candidates) -> Floats:
        """ln odds that the creator chooses each."""
        described = describe(found.strength)
        return described @ self.weight[:-1] + self.weight[-1]


def describe(strength: Floats) -> Floats:
    """Shares in ln and as they are, and the sources once more for channels without habit: n x 20."""
    logs = strength.copy()
    logs[:, IN_LN] = np.log((logs[:, IN_LN] + SMALL) / SMALL)
    without = float(not strength[:, SOURCES.index("own_used")].any())
    return np.column_stack([logs, strength[:, IN_LN], logs[:, WITHOUT_HABIT] * without])


def argued() -> Ranker:
    """Before anything was learnt."""
    weight = np.zeros(len(SOURCES) + len(IN_LN) + len(WITHOUT_HABIT) + 1)
    weight[: len(SOURCES)] = [_ARGUED[name] for name in SOURCES]
    weight[-1] = _ARGUED_START
    return Ranker(weight, 0)


def fit_ranker(examples: Sequence[tuple[Candidates, NDArray[np.bool_]]]) -> Ranker:
    """`examples`: candidates of past posts, and which of them the creator chose."""
    from scipy.optimize import minimize

    start = argued()
    examples = [(found, chosen) for found, chosen in examples if len(found.tag)]
    if not examples:
        return start
    x = np.concatenate([describe(found.strength) for found, _ in examples])
    x = np.column_stack([x, np.ones(len(x))])
    y = np.concatenate([chosen for _, chosen in examples]).astype(float)
    scale = np.r_[x[:, :-1].std(axis=0), 1.0]

    def loss(weight: Floats) -> tuple[float, Floats]:
        logit = x @ weight
        away = (weight - start.weight) * scale
        value = float(np.logaddexp(0.0, logit).sum() - y @ logit + 0.5 * PENALTY * away @ away)
        with np.errstate(over="ignore"):
            slope = x.T @ (1.0 / (1.0 + np.exp(-logit)) - y)
        return value, slope + PENALTY * away * scale

    found = minimize(loss, start.weight, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return Ranker(np.asarray(found.x, dtype=np.float64), len(examples))
