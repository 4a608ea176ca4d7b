"""From a difference of scores to an expected change of clicks with an interval, learned on weeks nobody had trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.columns import Floats
from training.headline_features import terms_of
from training.headline_rows import HeadlineRows, Ints

Z80 = 1.2815515655446004
_LEAST_PAIRS = 50
# What two unlike headlines differ by beyond any score: used where too few pairs are known to learn it.
_PRIOR_VARIANCE = 0.1
_LEAST_VARIANCE = 1e-4
# Other capitals, other spaces: another headline all the same.
_LEAST_DISTANCE = 0.05


@dataclass(frozen=True)
class Calibration:
    """Expected ln lift = slope x difference of scores; its variance = alike + unlike x how unlike the two headlines are (0 to 1).
    `pairs`: what it was learned from."""

    slope: float
    alike: float
    unlike: float
    pairs: int

    def lifts(self, over: Floats, distance: Floats) -> Floats:
        """n x 3: expected ln, and the ends of the 80 % interval. The same headline lifts nothing for sure."""
        ln = self.slope * over
        half = Z80 * np.sqrt(self.alike + self.unlike * distance)
        half = np.where(distance > 0, half, 0.0)
        ln = np.where(distance > 0, ln, 0.0)
        return np.stack([ln, ln - half, ln + half], axis=1)


def fit_calibration(rows: HeadlineRows, score: Floats) -> Calibration:
    """rows, score: of weeks after those the scores were trained on. The noise of counting is taken off the spread."""
    pairs = rows.pairs
    if len(pairs) < _LEAST_PAIRS:
        return Calibration(1.0, _PRIOR_VARIANCE / 2, _PRIOR_VARIANCE / 2, len(pairs))
    first, second = pairs.T
    over, came = score[first] - score[second], rows.ln_rate[first] - rows.ln_rate[second]
    noise = 1 / (rows.clicks[first] + 0.5) + 1 / (rows.clicks[second] + 0.5)
    # A test of many variants has many pairs of the same few numbers.
    weight = _once_per_variant(rows, pairs) / (noise + _PRIOR_VARIANCE)
    slope = float((weight * over * came).sum() / max((weight * over * over).sum(), 1e-12))
    slope = min(max(slope, 0.0), 2.0)
    apart = distances([rows.headlines[i] for i in first], [rows.headlines[i] for i in second])
    left = np.clip((came - slope * over) ** 2 - noise, -4.0, 4.0)
    alike, unlike = _not_negative(apart, left, weight / (noise + _PRIOR_VARIANCE))
    return Calibration(slope, max(alike, _LEAST_VARIANCE), unlike, len(pairs))


def distances(first: Sequence[str], second: Sequence[str]) -> Floats:
    """1 - share of words, marks and pairs of neighbours that two headlines have in common; 0 for the same headline alone."""

    def one(a: str, b: str) -> float:
        if a == b:
            return 0.0
        mine, theirs = set(terms_of(a)), set(terms_of(b))
        return max(_LEAST_DISTANCE, 1 - len(mine & theirs) / max(1, len(mine | theirs)))

    return np.array([one(a, b) for a, b in zip(first, second, strict=True)], float)


def _once_per_variant(rows: HeadlineRows, pairs: Ints) -> Floats:
    beside = np.bincount(rows.stratum, minlength=int(rows.stratum.max()) + 1)[rows.stratum[pairs[:, 0]]]
    out: Floats = 1 / np.maximum(beside - 1, 1)
    return out


def _not_negative(x: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Least squares y = a + b x with a, b >= 0."""
    from scipy.optimize import nnls

    root = np.sqrt(weight)
    (a, b), _ = nnls(np.stack([root, root * x], axis=1), root * y)
    return float(a), float(b)
