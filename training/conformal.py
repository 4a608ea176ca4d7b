"""Conformal calibration on outcomes that became known after the model was trained.

Asymmetric: the lower and the upper bound each get a shift of their own; the middle stays the model's. Groups (channels by
size, and those without a history) have shifts of their own, drawn towards everybody's. Platforms drift from one round of
outcomes to the next, which costs coverage that calibration on past scores alone would promise: the share left outside is
the one that would have kept the promise from one round to the next (after adaptive conformal inference, Gibbs and Candès 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.columns import Floats

GROUP_MIN = 40
# So many scores' worth of everybody's shift is mixed into a group's own.
_PRIOR_SCORES = 150.0
# Each side leaves this share outside; where drift says otherwise, another of `_TRIED`, as far as `_PRIOR_DRIFT` rows of
# the usual one are outweighed.
OUTSIDE = 0.1
_TRIED = np.arange(0.03, 0.1451, 0.005)
_PRIOR_DRIFT = 50.0
_MIN_ROUND = 100


@dataclass(frozen=True)
class Shifts:
    """Added to p10 and p90 (ln space); `n` scores they rest on."""

    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Conformal:
    """`groups` by number; a group without shifts of its own takes those of all. `outside`: share left outside on each side."""

    everybody: Shifts
    groups: dict[int, Shifts]
    outside: float = OUTSIDE

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
            "outside": self.outside,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Conformal:
        groups = {int(group): Shifts(**shifts) for group, shifts in told["groups"].items()}
        return cls(Shifts(**told["everybody"]), groups, told["outside"])


def fit_conformal(
    quantiles: Floats,
    truth: Floats,
    group: NDArray[np.int64],
    round_of: NDArray[np.int64] | None = None,
) -> Conformal:
    """quantiles: n x 3 from a model that never saw these rows; round_of: number of the out-of-time round of each."""
    outside = OUTSIDE if round_of is None else _outside(quantiles, truth, group, round_of)
    return _fitted(quantiles, truth, group, outside)


def _fitted(quantiles: Floats, truth: Floats, group: NDArray[np.int64], outside: float) -> Conformal:
    groups, everybody = {}, _shifts(quantiles, truth, outside)
    for number in np.unique(group).tolist():
        of_group = group == number
        if of_group.sum() >= GROUP_MIN:
            own = _shifts(quantiles[of_group], truth[of_group], outside)
            groups[int(number)] = _shrunk(own, everybody)
    return Conformal(everybody, groups, outside)


def _outside(
    quantiles: Floats, truth: Floats, group: NDArray[np.int64], round_of: NDArray[np.int64]
) -> float:
    """Calibrated on the round before the last, what share must be left outside for the last to be covered as promised?"""
    rounds = np.unique(round_of)
    if len(rounds) < 2:
        return OUTSIDE
    earlier, later = round_of == rounds[-2], round_of == rounds[-1]
    if min(earlier.sum(), later.sum()) < _MIN_ROUND:
        return OUTSIDE
    missed = []
    for outside in _TRIED:
        fitted = _fitted(quantiles[earlier], truth[earlier], group[earlier], float(outside))
        there = fitted.apply(quantiles[later], group[later])
        covered = (truth[later] >= there[:, 0]) & (truth[later] <= there[:, 2])
        missed.append(abs(float(covered.mean()) - (1 - 2 * OUTSIDE)))
    best, n = float(_TRIED[int(np.argmin(missed))]), int(later.sum())
    return (n * best + _PRIOR_DRIFT * OUTSIDE) / (n + _PRIOR_DRIFT)


def quantile(values: Floats, level: float, *, weight: Floats | None = None, unseen: bool = False) -> float:
    """Smallest value with at least the share `level` of the weight (of the values, where there is none) at or below it.

    `unseen` counts the point still to come as one more, infinitely large (conformal prediction's
    finite-sample correction); the answer stays finite.
    """
    if len(values) == 0:
        return 0.0
    weights = np.ones(len(values)) if weight is None else weight
    order = np.argsort(values, kind="stable")
    total = weights.sum() + (weights.max() if unseen else 0.0)
    reached = np.cumsum(weights[order]) / total
    at = int(np.searchsorted(reached, level - 1e-12))
    return float(values[order[min(at, len(values) - 1)]])


def _shifts(quantiles: Floats, truth: Floats, outside: float) -> Shifts:
    if len(truth) == 0:
        return Shifts(0.0, 0.0, 0)
    return Shifts(
        low=-quantile(quantiles[:, 0] - truth, 1.0 - outside, unseen=True),
        high=quantile(truth - quantiles[:, 2], 1.0 - outside, unseen=True),
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
