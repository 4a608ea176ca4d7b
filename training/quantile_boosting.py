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
from training.columns import QUANTILES, Floats, Singles, matrix
from training.parameters import QuantileParameters
from training.text_directions import TextDirections, embeddings, fit_text_directions

# How many rounds are enough is seen on this share of the rows, the newest; then all rows are fitted.
_NEWEST = 0.15
_FEWEST_ROUNDS = 20
_MEDIAN = QUANTILES.index(0.5)


@dataclass(frozen=True)
class QuantileMember:
    """One booster with an output per quantile. It takes the features, and the text's directions beside them."""

    features: tuple[str, ...]
    text: TextDirections
    booster: Any

    def predict(self, rows: pd.DataFrame) -> Floats:
        """n x 3: what base and age slope leave over; never crossing."""
        out: Floats = np.sort(self.booster.inplace_predict(self._inputs(rows)).astype(np.float64), axis=1)
        return out

    def contributions(self, rows: pd.DataFrame) -> Floats:
        """TreeSHAP of the middle, n x (features + 1): the last column is the text's embedding."""
        from xgboost import DMatrix

        each = self.booster.predict(DMatrix(self._inputs(rows), nthread=1), pred_contribs=True)
        middle = each[:, _MEDIAN, :-1].astype(np.float64)
        numbers, text = np.split(middle, [len(self.features)], axis=1)
        return np.column_stack([numbers, text.sum(axis=1)])

    def save(self, folder: Path) -> None:
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        (folder / "quantiles.json").write_text(json.dumps({"features": list(self.features)}, indent=1))
        save_file(self.text.arrays(), folder / "text.safetensors")
        self.booster.save_model(folder / "quantiles.ubj")

    def _inputs(self, rows: pd.DataFrame) -> Singles:
        numbers = matrix(rows, self.features)
        if len(self.text) == 0:
            return numbers
        return np.concatenate([numbers, self.text.apply(embeddings(rows), len(rows))], axis=1)


def load_quantile_member(folder: Path) -> QuantileMember:
    from safetensors.numpy import load_file
    from xgboost import Booster

    told = json.loads((folder / "quantiles.json").read_text())
    booster = Booster({"nthread": 1})
    booster.load_model(folder / "quantiles.ubj")
    text = TextDirections.from_arrays(load_file(folder / "text.safetensors"))
    return QuantileMember(tuple(told["features"]), text, booster)


def fit_quantile_member(
    rows: pd.DataFrame, features: tuple[str, ...], target: Floats, parameters: QuantileParameters
) -> QuantileMember:
    """rows: in the order their outcomes became known; target: ln(1+outcome) minus base and age slope."""
    from xgboost import DMatrix, train

    text = fit_text_directions(embeddings(rows))
    unfitted = QuantileMember(features, text, None)
    x, y = unfitted._inputs(rows), np.clip(target, -CLIP_LN, CLIP_LN)
    # A post that was observed often counts once in all.
    weight = 1.0 / rows.groupby("post_id")["post_id"].transform("size").to_numpy(np.float64)
    options = SHARED | {
        "objective": "reg:quantileerror",
        "quantile_alpha": list(QUANTILES),
        "seed": 0,
        **parameters.model_dump(exclude={"rounds", "patience"}),
    }

    def data(part: slice) -> Any:
        return DMatrix(x[part], y[part], weight=weight[part], nthread=1)

    cut = int(len(rows) * (1 - _NEWEST))
    stopped = train(
        options, data(slice(0, cut)), parameters.rounds, evals=[(data(slice(cut, None)), "newest")],
        early_stopping_rounds=parameters.patience, verbose_eval=False,
    )  # fmt: skip
    rounds = max(_FEWEST_ROUNDS, int((stopped.best_iteration + 1) / (1 - _NEWEST)))
    return QuantileMember(features, text, train(options, data(slice(None)), rounds))
