"""What else a post will get: likes beside views, comments, shares; calibrated on posts the network had not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.columns import QUANTILES, Floats
from training.conformal import quantile
from training.out_of_time import OutOfTime

_LEAST = 100


@dataclass(frozen=True)
class OtherMetrics:
    """`shifts`: per metric, added to p10, p50 and p90 in ln(1+metric)."""

    shifts: dict[str, tuple[float, float, float]]

    def calibrated(self, found: dict[str, Floats]) -> dict[str, Floats]:
        """Of `Members.others`: n x 3 in ln(1+metric), never crossing, never below nothing."""
        return {
            metric: np.maximum(np.sort(found[metric] + np.array(shift), axis=1), 0.0)
            for metric, shift in self.shifts.items()
            if metric in found
        }

    def to_json(self) -> dict[str, Any]:
        return {metric: list(shift) for metric, shift in sorted(self.shifts.items())}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> OtherMetrics:
        return cls({metric: (low, middle, high) for metric, (low, middle, high) in told.items()})


def fit_other_metrics(unseen: OutOfTime) -> OtherMetrics:
    """Metrics whose counts are known of enough unseen posts."""
    parts = [one.members.others(one.rows) for one in unseen.rounds]
    shifts = {}
    for metric in sorted(set.intersection(*(set(part) for part in parts))) if parts else []:
        quantiles = np.concatenate([part[metric] for part in parts])
        truth = np.log1p(unseen.rows[f"outcome_{metric}"].to_numpy(np.float64).clip(min=0))
        known = ~np.isnan(truth)
        if known.sum() < _LEAST:
            continue
        error = truth[known, None] - quantiles[known]
        moved = [quantile(error[:, i], level) for i, level in enumerate(QUANTILES)]
        shifts[metric] = (moved[0], moved[1], moved[2])
    return OtherMetrics(shifts)
