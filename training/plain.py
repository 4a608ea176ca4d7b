"""The member that knows nothing of the channel's past: text, calendar, format and audience alone.

It is the reference a backtest is read against, and a member of the ensemble: where most channels are new, a
history of one or two posts misleads more than it tells.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from training.boosting import Boosters, fit_boosters, load_boosters
from training.columns import Floats, horizon_ln, matrix, outcome_ln, plain_features, row_weights
from training.level import AgeSlope, fit_age_slope


@dataclass(frozen=True)
class PlainMember:
    """`usual_ln`: the median outcome in training, in ln(1+metric)."""

    features: tuple[str, ...]
    usual_ln: float
    age: AgeSlope
    boosters: Boosters

    def quantiles(self, rows: pd.DataFrame) -> Floats:
        """n x 3 in ln(1+metric)."""
        age = horizon_ln(rows)
        level = (self.usual_ln + self.age.at(age))[:, None]
        return level + self.boosters.predict(matrix(rows, self.features), age)

    def contributions(self, rows: pd.DataFrame, hours: float) -> Floats:
        """TreeSHAP of the centre at one age, n x features."""
        return self.boosters.contributions(matrix(rows, self.features), np.full(len(rows), np.log(hours)))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        told = {"features": list(self.features), "usual_ln": self.usual_ln, "age": vars(self.age)}
        (folder / "plain.json").write_text(json.dumps(told, sort_keys=True, indent=1))
        self.boosters.save(folder)


def load_plain(folder: Path) -> PlainMember:
    told = json.loads((folder / "plain.json").read_text())
    return PlainMember(
        tuple(told["features"]), told["usual_ln"], AgeSlope(**told["age"]), load_boosters(folder)
    )


def fit_plain(rows: pd.DataFrame) -> PlainMember:
    """rows: labelled, in the order their outcomes became known."""
    names, truth, age = plain_features(), outcome_ln(rows), horizon_ln(rows)
    usual_ln = float(np.median(truth))
    weight = row_weights(rows)
    slope = fit_age_slope(truth - usual_ln, age, weight)
    left = truth - usual_ln - slope.at(age)
    return PlainMember(names, usual_ln, slope, fit_boosters(matrix(rows, names), age, left, weight))
