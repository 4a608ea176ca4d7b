"""The shape of a time effect: a smooth circle of hours and seven exchangeable weekdays, as a few Gaussian coefficients.

Hours: harmonics of the day whose prior variances follow the spectrum of a Matérn process of smoothness 3/2, so that
neighbouring hours are alike and midnight is no edge. Weekdays: contrasts that sum to zero. Both are scaled so that a
coefficient's prior variance is the variance of the effect at any one hour or weekday; the mean over times belongs to the
channel's level, not here.
"""

from __future__ import annotations

import numpy as np

from features.asof import Floats, Ints

HARMONICS = 6
LENGTH_RAD = 0.5
"""Correlation length of hours, about two of them."""
N_HOUR = 2 * HARMONICS
N_WEEKDAY = 6
SIZE = N_HOUR + N_WEEKDAY


def of_hour(hour: Floats | Ints) -> Floats:
    """n local hours (0..24) → n x `N_HOUR`."""
    k = np.arange(1, HARMONICS + 1)
    share = (1.0 + (k * LENGTH_RAD) ** 2) ** -2.0
    angle = np.asarray(hour, dtype=float)[:, None] * (2 * np.pi / 24.0) * k
    scale = np.sqrt(share / share.sum())
    return np.hstack([np.cos(angle) * scale, np.sin(angle) * scale])


def of_weekday(weekday: Ints) -> Floats:
    """n weekdays (0 Monday..6) → n x `N_WEEKDAY`: Helmert contrasts."""
    helmert = np.zeros((7, N_WEEKDAY))
    for j in range(N_WEEKDAY):
        helmert[: j + 1, j] = 1.0
        helmert[j + 1, j] = -(j + 1.0)
        helmert[:, j] /= np.sqrt((j + 1.0) * (j + 2.0))
    return helmert[np.asarray(weekday)] * np.sqrt(7.0 / 6.0)


def basis(hour: Floats | Ints, weekday: Ints) -> Floats:
    """n x `SIZE`: effect at a slot = basis @ coefficients."""
    return np.hstack([of_hour(hour), of_weekday(weekday)])


def variances(hour: float, weekday: float) -> Floats:
    """Prior variance of each coefficient."""
    return np.r_[np.full(N_HOUR, hour), np.full(N_WEEKDAY, weekday)]
