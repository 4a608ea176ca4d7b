"""The boosted quantiles: XGBoost's quantile objective on what the base and the age slope leave over.

Beside the boosters of the centre this member remembers longer (its rows do not fade), reads the title's embedding, loses by
the absolute error, and stops by the newest rows. It has no age among its inputs, so that no quantile can fall with age.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from training.boosting import CLIP_LN, SHARED
from training.columns import QUANTILES, Floats, observations
from training.parameters import QuantileParameters
from training.text_directions import TextDirections, embeddings, fit_text_directions, with_directions

# How many rounds are enough is seen on this share of the rows, the newest; then all rows are fitted.
_NEWEST = 0.15
_FEWEST_ROUNDS = 20
_MEDIAN = QUANTILES.index(0.5)


@dataclass(frozen=True)
class QuantileMember:
    """Boosters of different seeds, averaged, with an output per quantile. They take the features, and the text's directions
    beside them."""

    features: tuple[str, ...]
    text: TextDirections
    boosters: tuple[Any, ...]

    def predict(self, rows: pd.DataFrame) -> Floats:
        """n x 3: what base and age slope leave over; never crossing."""
        x = with_directions(rows, self.features, self.text)
        each = [booster.inplace_predict(x).astype(np.float64) for booster in self.boosters]
        out: Floats = np.sort(np.mean(each, axis=0), axis=1)
        return out

    def contributions(self, rows: pd.DataFrame) -> Floats:
        """TreeSHAP of the middle, n x (features + 1): the last column is the text's embedding."""
        from xgboost import DMatrix

        data = DMatrix(with_directions(rows, self.features, self.text), nthread=1)
        each = [booster.predict(data, pred_contribs=True)[:, _MEDIAN, :-1] for booster in self.boosters]
        middle = np.mean(np.asarray(each, np.float64), axis=0)
        numbers, text = np.split(middle, [len(self.features)], axis=1)
        return np.column_stack([numbers, text.sum(axis=1)])

    def save(self, folder: Path) -> None:
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        told = {"features": list(self.features), "boosters": len(self.boosters)}
        (folder / "quantiles.json").write_text(json.dumps(told, sort_keys=True, indent=1))
        save_file(self.text.arrays(), folder / "text.safetensors")
        for i, booster in enumerate(self.boosters):
            booster.save_model(folder / f"quantiles_{i}.ubj")


def load_quantile_member(folder: Path) -> QuantileMember:
    from safetensors.numpy import load_file
    from xgboost import Booster

    told = json.loads((folder / "quantiles.json").read_text())
    boosters = []
    for i in range(told["boosters"]):
        boosters.append(Booster({"nthread": 1}))
        boosters[-1].load_model(folder / f"quantiles_{i}.ubj")
    text = TextDirections.from_arrays(load_file(folder / "text.safetensors"))
    return QuantileMember(tuple(told["features"]), text, tuple(boosters))


def fit_quantile_member(
    rows: pd.DataFrame, features: tuple[str, ...], target: Floats, parameters: QuantileParameters
) -> QuantileMember:
    """rows: in the order their outcomes became known; target: ln(1+outcome) minus base and age slope."""
    from xgboost import DMatrix, train

    text = fit_text_directions(embeddings(rows))
    x, y = with_directions(rows, features, text), np.clip(target, -CLIP_LN, CLIP_LN)
    weight = 1.0 / observations(rows)
    options = SHARED | {
        "objective": "reg:quantileerror",
        "quantile_alpha": list(QUANTILES),
        **parameters.model_dump(exclude={"rounds", "patience", "bags"}),
    }

    def data(part: slice) -> Any:
        return DMatrix(x[part], y[part], weight=weight[part], nthread=1)

    cut = int(len(rows) * (1 - _NEWEST))
    stopped = train(
        options | {"seed": 0}, data(slice(0, cut)), parameters.rounds, evals=[(data(slice(cut, None)), "newest")],
        early_stopping_rounds=parameters.patience, verbose_eval=False,
    )  # fmt: skip
    rounds = max(_FEWEST_ROUNDS, int((stopped.best_iteration + 1) / (1 - _NEWEST)))
    whole = data(slice(None))
    fitted = tuple(train(options | {"seed": seed}, whole, rounds) for seed in range(parameters.bags))
    return QuantileMember(features, text, fitted)
