"""The families' shares of the ensemble, chosen on posts none of them had seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from training.columns import QUANTILES, Floats
from training.conformal import quantile
from training.members import FAMILIES, Shares, as_shares, mixed

_STEPS = 4
_MIN_UNSEEN = 40
_AS_GOOD = 0.01


def choose_shares(each: Sequence[Floats], truth: Floats, families: tuple[str, ...]) -> Shares:
    """The mean of the shares, in quarters, that lose at most 1 % more than the best by pinball loss on unseen posts; equal
    where there are few posts. Among those that do about as well the best is luck, and their mean does better on later posts
    (docs/experiments.md).

    Each quantile is moved to where it belongs first: calibration does that afterwards whatever the shares, and a drift of
    the whole platform, which every family missed alike, says nothing of how to mix them.
    """
    if len(truth) < _MIN_UNSEEN:
        usual = [float(name in families and name != "without_history") for name in FAMILIES]
        return as_shares([value / max(1.0, sum(usual)) for value in usual])
    tried = np.array(candidates(families))
    lost = np.array([_loss(mixed(each, as_shares(shares)), truth) for shares in tried])
    good: list[float] = tried[lost <= lost.min() * (1 + _AS_GOOD)].mean(axis=0).tolist()
    return as_shares(good)


def candidates(families: tuple[str, ...]) -> list[Shares]:
    """Every way to divide quarters among the families, the most to the first one first."""
    allowed = [range(_STEPS + 1) if name in families else (0,) for name in FAMILIES]
    found = [parts for parts in product(*allowed) if sum(parts) == _STEPS]
    return [as_shares([part / _STEPS for part in parts]) for parts in sorted(found, reverse=True)]


def _loss(quantiles: Floats, truth: Floats) -> float:
    lost = 0.0
    for i, level in enumerate(QUANTILES):
        error = truth - quantiles[:, i]
        error = error - quantile(error, level)
        lost += float(np.maximum(level * error, (level - 1) * error).mean())
    return lost
