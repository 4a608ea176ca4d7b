"""The chance of ending above a value, from three calibrated quantiles."""

from __future__ import annotations

import numpy as np

from training.columns import Floats

_NARROWEST = 1e-3


def prob_above(quantiles: Floats, value: Floats) -> Floats:
    """quantiles: n x 3 (p10, p50, p90), value: n, both in ln space; NaN where value is NaN.

    The distribution is piecewise linear between the quantiles and exponential beyond them, with tails that
    go on at the density of the piece they leave.
    """
    low, middle, high = quantiles.T
    below = np.maximum(middle - low, _NARROWEST)
    above = np.maximum(high - middle, _NARROWEST)
    with np.errstate(over="ignore"):
        left = 0.1 * np.exp(np.minimum(4.0 * (value - low) / below, 0.0))
        right = 1.0 - 0.1 * np.exp(-np.maximum(4.0 * (value - high) / above, 0.0))
    lower = 0.5 - 0.4 * (middle - value) / below
    upper = 0.5 + 0.4 * (value - middle) / above
    cdf = np.select([value < low, value <= middle, value <= high], [left, lower, upper], right)
    out: Floats = np.where(np.isnan(value), np.nan, 1.0 - np.clip(cdf, 0.0, 1.0))
    return out
