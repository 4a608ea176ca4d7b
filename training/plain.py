"""The member that knows nothing of the channel's past: text, calendar, format and audience alone.

It is the reference a backtest is read against, and a member of the ensemble: where most channels are new, a
history of one or two posts misleads more than it tells. It alone among the boosted members reads the text's
embedding (docs/experiments.md: beside the history the trees make noise of it).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from training.boosting import Boosters, fit_boosters, load_boosters
from training.columns import (
    Floats,
    horizon_ln,
    outcome_ln,
    plain_features,
    row_weights,
)
from training.level import AgeSlope, fit_age_slope
from training.parameters import Parameters
from training.text_directions import TextDirections, embeddings, fit_text_directions, with_directions


@dataclass(frozen=True)
class PlainMember:
    """`usual_ln`: the median outcome in training, in ln(1+metric)."""

    features: tuple[str, ...]
    text: TextDirections
    usual_ln: float
    age: AgeSlope
    boosters: Boosters

    def quantiles(self, rows: pd.DataFrame) -> Floats:
        """n x 3 in ln(1+metric)."""
        age = horizon_ln(rows)
        level = (self.usual_ln + self.age.at(age))[:, None]
        return level + self.boosters.predict(with_directions(rows, self.features, self.text), age)

    def contributions(self, rows: pd.DataFrame, hours: float) -> Floats:
        """TreeSHAP of the centre at one age, n x (features + 1): the last column is the text's embedding."""
        x = with_directions(rows, self.features, self.text)
        each = self.boosters.contributions(x, np.full(len(rows), np.log(hours)))
        numbers, text = np.split(each, [len(self.features)], axis=1)
        return np.column_stack([numbers, text.sum(axis=1)])

    def save(self, folder: Path) -> None:
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        told = {"features": list(self.features), "usual_ln": self.usual_ln, "age": vars(self.age)}
        (folder / "plain.json").write_text(json.dumps(told, sort_keys=True, indent=1))
        save_file(self.text.arrays(), folder / "text.safetensors")
        self.boosters.save(folder)


def load_plain(folder: Path) -> PlainMember:
    from safetensors.numpy import load_file

    told = json.loads((folder / "plain.json").read_text())
    text = TextDirections.from_arrays(load_file(folder / "text.safetensors"))
    age, boosters = AgeSlope(**told["age"]), load_boosters(folder)
    return PlainMember(tuple(told["features"]), text, told["usual_ln"], age, boosters)


def fit_plain(
    rows: pd.DataFrame, features: tuple[str, ...], parameters: Parameters | None = None
) -> PlainMember:
    """rows: labelled, in the order their outcomes became known; of `features`, those that know no history."""
    names, truth, age = plain_features(features), outcome_ln(rows), horizon_ln(rows)
    usual_ln = float(np.median(truth))
    parameters = parameters or Parameters()
    weight = row_weights(rows, parameters.fade)
    slope = fit_age_slope(truth - usual_ln, age, weight)
    left = truth - usual_ln - slope.at(age)
    text = fit_text_directions(embeddings(rows))
    boosters = fit_boosters(with_directions(rows, names, text), age, left, weight, parameters.boosting)
    return PlainMember(names, text, usual_ln, slope, boosters)
