"""From channel to channels alike to platform: a tree of Gaussian effects, solved exactly by passing messages.

coefficients of a channel = platform + group of channels alike + its own deviation, each normal around zero with
variances found by maximum marginal likelihood. Variances are kept off zero (Chung et al. 2013): an estimate of exactly
none would make every interval a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.asof import Floats, Ints
from recommend.timing.components import Told
from recommend.timing.cycles import SIZE, variances

LEVELS = ("platform", "alike", "own")
LOW, HIGH = np.log(1e-6), np.log(1.0)
MOST_CHANNELS = 300
OFF_ZERO = 0.5
"""Power of the standard deviation in its prior density."""


@dataclass(frozen=True)
class Posterior:
    """Of a channel's coefficients (see `cycles`)."""

    mean: Floats
    covariance: Floats


@dataclass(frozen=True)
class Spread:
    """Variances of effects of hour and weekday at each of `LEVELS`."""

    hour: tuple[float, float, float]
    weekday: tuple[float, float, float]

    def at(self, level: int) -> Floats:
        return variances(self.hour[level], self.weekday[level])


@dataclass(frozen=True)
class Hierarchy:
    """Everything needed for any channel's posterior in closed form. `up`: what channels say of their group, `group_up`: what
    groups say of the platform, both as information and told, stacked."""

    spread: Spread
    group: Ints
    told: Sequence[Told]
    up: tuple[Floats, Floats]
    group_up: tuple[Floats, Floats]

    def channel(self, i: int) -> Posterior:
        """Of the i-th channel told of."""
        around = self._group_without(int(self.group[i]), i)
        prior = around.covariance + np.diag(self.spread.at(2))
        return _combined(Posterior(around.mean, prior), self.told[i])

    def newcomer(self, group: int | None = None) -> Posterior:
        """Of a channel without outcomes: what channels alike (None: the platform) let expect."""
        around = self._platform() if group is None else self._group_without(group, None)
        beyond = self.spread.at(2) + (self.spread.at(1) if group is None else 0.0)
        return Posterior(around.mean, around.covariance + np.diag(beyond))

    def _platform(self, without: int | None = None) -> Posterior:
        information, told = (part.sum(axis=0) for part in self.group_up)
        if without is not None:
            information, told = information - self.group_up[0][without], told - self.group_up[1][without]
        return _combined(Posterior(np.zeros(SIZE), np.diag(self.spread.at(0))), Told(information, told))

    def _group_without(self, group: int, channel: int | None) -> Posterior:
        others = self.group == group
        if channel is not None:
            others = others & (np.arange(len(others)) != channel)
        above = self._platform(without=group)
        prior = Posterior(above.mean, above.covariance + np.diag(self.spread.at(1)))
        return _combined(prior, Told(self.up[0][others].sum(axis=0), self.up[1][others].sum(axis=0)))


def fit_hierarchy(told: Sequence[Told], group: Ints) -> Hierarchy:
    """`group`: of each channel, 0..k-1."""
    from scipy.optimize import minimize

    information = np.stack([one.information for one in told])
    vector = np.stack([one.told for one in told])
    few = slice(0, MOST_CHANNELS)

    def loss(x: Floats) -> float:
        evidence = _messages(information[few], vector[few], group[few], _spread(x))[2]
        sd = np.exp(x / 2)
        return -evidence - float((OFF_ZERO * np.log(sd) - (sd / 0.5) ** 2 / 2).sum())

    start = np.full(2 * len(LEVELS), np.log(0.01))
    found = minimize(
        loss, start, method="L-BFGS-B", bounds=[(LOW, HIGH)] * len(start), options={"maxiter": 40}
    ).x
    spread = _spread(found)
    up, group_up, _ = _messages(information, vector, group, spread)
    return Hierarchy(spread, group, told, up, group_up)


def _spread(x: Floats) -> Spread:
    value = np.exp(x).tolist()
    return Spread((value[0], value[1], value[2]), (value[3], value[4], value[5]))


def _messages(
    information: Floats, told: Floats, group: Ints, spread: Spread
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats], float]:
    """Upwards: by channel, by group, and the log evidence of all."""
    a, b, evidence = _absorbed(information, told, spread.at(2))
    sums = np.zeros((int(group.max()) + 1, SIZE, SIZE))
    totals = np.zeros((len(sums), SIZE))
    np.add.at(sums, group, a)
    np.add.at(totals, group, b)
    group_a, group_b, more = _absorbed(sums, totals, spread.at(1))
    _, _, last = _absorbed(group_a.sum(axis=0)[None], group_b.sum(axis=0)[None], spread.at(0))
    return (a, b), (group_a, group_b), float(evidence.sum() + more.sum() + last.sum())


def _absorbed(a: Floats, b: Floats, variance: Floats) -> tuple[Floats, Floats, Floats]:
    """What N(theta + deviation) tells of theta, deviation ~ N(0, variance): information, told, log evidence at theta = 0."""
    s = np.sqrt(variance)
    inner = np.eye(SIZE) + s[:, None] * a * s
    gain = s[:, None] * np.linalg.inv(inner) * s
    carried = a @ gain
    left = np.einsum("nij,nj->ni", gain, b)
    evidence = 0.5 * np.einsum("ni,ni->n", b, left) - 0.5 * np.linalg.slogdet(inner)[1]
    return a - carried @ a, b - np.einsum("nij,nj->ni", carried, b), evidence


def _combined(prior: Posterior, told: Told) -> Posterior:
    precision = np.linalg.inv(prior.covariance)
    covariance = np.linalg.inv(precision + told.information)
    covariance = (covariance + covariance.T) / 2
    return Posterior(covariance @ (precision @ prior.mean + told.told), covariance)
