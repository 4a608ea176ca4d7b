"""The XGBoost member: a robust centre and the spread around it.

Both are boosted on what the base and the age slope leave over. The centre (pseudo-Huber) may only rise with
age, a constraint quantile objectives do not keep (they re-fit their leaves); the spread is an XGBoost quantile
model without age, so that every quantile moves with the centre and none can cross or fall with age.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.columns import QUANTILES, Floats, Singles
from training.parameters import BoostingParameters

# Residuals beyond e^4 are one viral post each: they may pull, not own, the fit.
CLIP_LN = 4.0
NARROWEST_LN = 0.05

SHARED: dict[str, Any] = {
    "tree_method": "hist",
    "max_bin": 64,
    # One thread: sums in another order would change the last digits, and metrics are compared byte by byte.
    "nthread": 1,
}


@dataclass(frozen=True)
class Boosters:
    """Native boosters; `predict` and `contributions` take the model features and ln(age) beside them. `centres`: of
    different seeds, averaged."""

    centres: tuple[Any, ...]
    spread: Any

    def predict(self, x: Singles, horizon_ln: Floats) -> Floats:
        """n x 3: p10, p50, p90 of what base and age slope leave over."""
        inputs = with_age(x, horizon_ln)
        middle = sum(centre.inplace_predict(inputs).astype(np.float64) for centre in self.centres)
        middle = middle / len(self.centres)
        around = np.sort(self.spread.inplace_predict(x).astype(np.float64), axis=1)
        below = np.maximum(around[:, 1] - around[:, 0], NARROWEST_LN)
        above = np.maximum(around[:, 2] - around[:, 1], NARROWEST_LN)
        return np.stack([middle - below, middle, middle + above], axis=1)

    def contributions(self, x: Singles, horizon_ln: Floats) -> Floats:
        """n x features: exact TreeSHAP of the centre (age and bias left out)."""
        from xgboost import DMatrix

        data = DMatrix(with_age(x, horizon_ln), nthread=1)
        each = [c.predict(data, pred_contribs=True)[:, :-2].astype(np.float64) for c in self.centres]
        shap: Floats = np.mean(each, axis=0)
        return shap

    def importance(self, names: tuple[str, ...]) -> dict[str, float]:
        """Total gain of the centre by feature, largest first."""
        gain = self.centres[0].get_score(importance_type="total_gain")
        by_name = {(*names, "age")[int(key[1:])]: float(value) for key, value in gain.items()}
        return dict(sorted(by_name.items(), key=lambda item: -item[1]))

    def save(self, folder: Path) -> None:
        for i, centre in enumerate(self.centres):
            centre.save_model(folder / f"centre_{i}.ubj")
        self.spread.save_model(folder / "spread.ubj")


def load_boosters(folder: Path) -> Boosters:
    from xgboost import Booster

    def loaded(path: Path) -> Any:
        booster = Booster({"nthread": 1})
        booster.load_model(path)
        return booster

    centres = sorted(folder.glob("centre_*.ubj"), key=lambda path: int(path.stem.partition("_")[2]))
    return Boosters(tuple(loaded(path) for path in centres), loaded(folder / "spread.ubj"))


def fit_boosters(
    x: Singles, horizon_ln: Floats, target: Floats, weight: Floats, parameters: BoostingParameters
) -> Boosters:
    """`target`: ln(1+outcome) minus base and age slope."""
    from xgboost import DMatrix, train

    shared = SHARED | {
        name: getattr(parameters, name)
        for name in ("max_depth", "eta", "min_child_weight", "reg_lambda", "subsample", "colsample_bytree")
    }
    clipped = np.clip(target, -CLIP_LN, CLIP_LN)
    ages = ",".join(["0"] * x.shape[1] + ["1"])
    centre_of = {
        **shared,
        "objective": "reg:pseudohubererror",
        "huber_slope": parameters.huber_slope,
        "base_score": 0.0,
        "monotone_constraints": f"({ages})",
    }
    inputs = with_age(x, horizon_ln)
    data = DMatrix(inputs, clipped, weight=weight, nthread=1)
    centres = tuple(
        train({**centre_of, "seed": seed}, data, parameters.rounds) for seed in range(parameters.bags)
    )
    left = clipped - np.mean([centre.inplace_predict(inputs) for centre in centres], axis=0)
    spread_of = {
        **shared,
        "seed": 0,
        "objective": "reg:quantileerror",
        "quantile_alpha": list(QUANTILES),
        "max_depth": min(3, parameters.max_depth),
    }
    spread = train(spread_of, DMatrix(x, left, weight=weight, nthread=1), parameters.spread_rounds)
    return Boosters(centres, spread)


def with_age(x: Singles, horizon_ln: Floats) -> Singles:
    return np.concatenate([x, horizon_ln.astype(np.float32)[:, None]], axis=1)
