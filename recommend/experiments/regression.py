"""Anytime-valid inference where each row is one number: a day that showed one variant, or a post in one slot.

A linear model y = nuisance · γ + variant effects + noise of unknown spread. For one contrast, with z² its sum of squares after
the nuisance columns, ν degrees of freedom and t its usual statistic, the mixture over effects N(0, σ²/φ) gives

    sqrt(φ / (φ + z²)) · ((1 + φ/(φ + z²) · t²/ν) / (1 + t²/ν)) ^ (−(ν + 1)/2)

which is a martingale under "no effect" for normal noise, however often one looks (Lindon, Ham, Tingley and Bojinov, 2022;
with an intercept alone, the sequential t-test of Lai, 1976).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_NU = 3
LEAST_SHARE = 0.1
"""Of a contrast's sum of squares that must be left after the nuisance columns: below, what is compared are weekdays or the
course of time, not variants."""


@dataclass(frozen=True)
class Rows:
    """`y` in ln; `variant`: index; `nuisance`: columns beside the variants; `weight`: inverse variance, up to a factor."""

    y: Floats
    variant: NDArray[np.int64]
    nuisance: Floats
    weight: Floats

    def until(self, rows: int) -> Rows:
        return Rows(self.y[:rows], self.variant[:rows], self.nuisance[:rows], self.weight[:rows])


@dataclass(frozen=True)
class Contrast:
    """One variant against another: estimate, its sum of squares z² after everything else, residual spread, ν. `share` of z²
    left after the nuisance columns."""

    estimate: float
    z2: float
    spread: float
    nu: int
    share: float

    @property
    def usable(self) -> bool:
        return self.nu >= LEAST_NU and self.share >= LEAST_SHARE and self.spread > 0.0


def calendar(days: Sequence[datetime]) -> Floats:
    """Nuisance columns of days: the course of time and the weekdays that occur."""
    start = min(days)
    elapsed = np.array([(day - start).total_seconds() / 86_400 for day in days])
    trend = elapsed - elapsed.mean()
    weekdays = np.array([day.weekday() for day in days])
    seen = np.unique(weekdays)[1:]
    columns = [np.ones(len(days)), *((weekdays == one).astype(float) for one in seen)]
    if float(np.abs(trend).max()) > 0:
        columns.append(trend / float(np.abs(trend).max()))
    return np.column_stack(columns)


def contrast(rows: Rows, first: int, second: int) -> Contrast | None:
    """The first variant's effect less the second's; None where one of them has no rows."""
    if not (rows.variant == first).any() or not (rows.variant == second).any():
        return None
    root = np.sqrt(rows.weight / rows.weight.mean())
    others = [v for v in np.unique(rows.variant) if v not in (first, second)]
    # first and second share one column, so that the contrast's own says by how much the first is above the second
    columns = [*((rows.variant == v).astype(float) for v in others), *rows.nuisance.T]
    beside = np.column_stack(columns) * root[:, None]
    own = (rows.variant == first).astype(float)
    own_centred = (own - _projected(np.ones((len(own), 1)) * root[:, None], own * root) / root) * root
    left = own * root - _projected(beside, own * root)
    z2 = float(left @ left)
    y = rows.y * root
    y_left = y - _projected(beside, y)
    rank = int(np.linalg.matrix_rank(beside))
    nu = len(y) - rank - 1
    before = float(own_centred @ own_centred)
    if z2 <= 1e-9 or nu <= 0:
        return Contrast(0.0, max(z2, 0.0), 0.0, nu, 0.0)
    estimate = float(left @ y_left) / z2
    residual = y_left - estimate * left
    return Contrast(estimate, z2, math.sqrt(float(residual @ residual) / nu), nu, z2 / max(before, 1e-12))


def _projected(onto: Floats, what: Floats) -> Floats:
    found: Floats = onto @ np.linalg.lstsq(onto, what, rcond=None)[0]
    return found


def log_evidence(of: Contrast, effect: float, phi: float) -> float:
    """ln of the martingale against "the contrast is `effect`"."""
    t2 = ((of.estimate - effect) / of.spread) ** 2 * of.z2
    ratio = phi / (phi + of.z2)
    tail = math.log1p(ratio * t2 / of.nu) - math.log1p(t2 / of.nu)
    return 0.5 * math.log(ratio) - 0.5 * (of.nu + 1) * tail


def radius(of: Contrast, phi: float, surely: float) -> float:
    """Half the interval of the effects that are not refuted; infinite while everything is possible."""
    return of.spread / math.sqrt(of.z2) * t_bound(of.nu, of.z2, phi, surely)


def t_bound(nu: float, z2: float, phi: float, surely: float) -> float:
    """|t| from which on evidence passes `surely`."""
    ratio = phi / (phi + z2)
    power = (ratio / surely**2) ** (1.0 / (nu + 1))
    if power <= ratio:
        return math.inf
    return math.sqrt(nu * (1 - power) / (power - ratio))
