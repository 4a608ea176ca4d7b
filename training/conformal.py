"""Conformal calibration on outcomes that became known after the model was trained.

Asymmetric: the lower and the upper bound each get a shift of their own; the middle stays the model's. Residuals
drift, so recent scores weigh more. Groups (channels by size, and those without a history) have shifts of their own where
there are scores enough, drawn towards everybody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.columns import QUANTILES, Floats

GROUP_MIN = 40
# So many scores' worth of everybody's shift is mixed into a group's own.
_PRIOR_SCORES = 40.0
# A score this share of the slice older weighs half as much.
HALF_LIFE_SHARE = 0.5


@dataclass(frozen=True)
class Shifts:
    """Added to p10 and p90 (ln space); `n` scores they rest on."""

    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Conformal:
    """`groups` by number; a group without shifts of its own takes those of all."""

    everybody: Shifts
    groups: dict[int, Shifts]

    def apply(self, quantiles: Floats, group: NDArray[np.int64]) -> Floats:
        """n x 3 in, calibrated n x 3 out, never crossing."""
        table = np.array([_triple(self.groups.get(g, self.everybody)) for g in range(_groups(group))])
        out = quantiles + table[group] if len(group) else quantiles.copy()
        out[:, 0] = np.minimum(out[:, 0], out[:, 1])
        out[:, 2] = np.maximum(out[:, 2], out[:, 1])
        return out

    def to_json(self) -> dict[str, Any]:
        return {
            "everybody": vars(self.everybody),
            "groups": {str(group): vars(shifts) for group, shifts in sorted(self.groups.items())},
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Conformal:
        groups = {int(group): Shifts(**shifts) for group, shifts in told["groups"].items()}
        return cls(Shifts(**told["everybody"]), groups)


def fit_conformal(quantiles: Floats, truth: Floats, weight: Floats, group: NDArray[np.int64]) -> Conformal:
    """quantiles: n x 3 from a model that never saw these rows; weight: see `recency`."""
    groups, everybody = {}, _shifts(quantiles, truth, weight)
    for number in np.unique(group).tolist():
        of_group = group == number
        if of_group.sum() >= GROUP_MIN:
            own = _shifts(quantiles[of_group], truth[of_group], weight[of_group])
            groups[int(number)] = _shrunk(own, everybody)
    return Conformal(everybody, groups)


def recency(order: NDArray[np.int64]) -> Floats:
    """Weights by rank in time (any increasing number): halved every `HALF_LIFE_SHARE` of the rows."""
    n = len(order)
    rank = np.empty(n)
    rank[np.argsort(order, kind="stable")] = np.arange(n)
    weight: Floats = 0.5 ** ((n - 1 - rank) / max(1.0, HALF_LIFE_SHARE * n))
    return weight


def weighted_quantile(values: Floats, weight: Floats, level: float, *, unseen: bool = False) -> float:
    """Smallest value with at least `level` of the weight at or below it.

    `unseen` counts the point still to come as one more, infinitely large (conformal prediction's
    finite-sample correction); the answer stays finite.
    """
    if len(values) == 0:
        return 0.0
    order = np.argsort(values, kind="stable")
    total = weight.sum() + (weight.max() if unseen else 0.0)
    reached = np.cumsum(weight[order]) / total
    at = int(np.searchsorted(reached, level - 1e-12))
    return float(values[order[min(at, len(values) - 1)]])


def _shifts(quantiles: Floats, truth: Floats, weight: Floats) -> Shifts:
    if len(truth) == 0:
        return Shifts(0.0, 0.0, 0)
    low, _, high = QUANTILES
    return Shifts(
        low=-weighted_quantile(quantiles[:, 0] - truth, weight, 1.0 - low, unseen=True),
        high=weighted_quantile(truth - quantiles[:, 2], weight, high, unseen=True),
        n=len(truth),
    )


def _shrunk(own: Shifts, everybody: Shifts) -> Shifts:
    share = own.n / (own.n + _PRIOR_SCORES)
    return Shifts(
        low=share * own.low + (1 - share) * everybody.low,
        high=share * own.high + (1 - share) * everybody.high,
        n=own.n,
    )


def _triple(shifts: Shifts) -> tuple[float, float, float]:
    return shifts.low, 0.0, shifts.high


def _groups(group: NDArray[np.int64]) -> int:
    return int(group.max()) + 1 if len(group) else 0
