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

CENTRE_ROUNDS = 300
SPREAD_ROUNDS = 120
# Residuals beyond e^4 are one viral post each: they may pull, not own, the fit.
CLIP_LN = 4.0
NARROWEST_LN = 0.05

_SHARED: dict[str, Any] = {
    "tree_method": "hist",
    "max_bin": 64,
    "max_depth": 4,
    "eta": 0.03,
    "min_child_weight": 20,
    "reg_lambda": 10.0,
    "subsample": 0.6,
    "colsample_bytree": 0.4,
    # One thread: sums in another order would change the last digits, and metrics are compared byte by byte.
    "nthread": 1,
    "seed": 0,
}


@dataclass(frozen=True)
class Boosters:
    """Native boosters; `predict` and `contributions` take the model features and ln(age) beside them."""

    centre: Any
    spread: Any

    def predict(self, x: Singles, horizon_ln: Floats) -> Floats:
        """n x 3: p10, p50, p90 of what base and age slope leave over."""
        middle = self.centre.inplace_predict(with_age(x, horizon_ln)).astype(np.float64)
        around = np.sort(self.spread.inplace_predict(x).astype(np.float64), axis=1)
        below = np.maximum(around[:, 1] - around[:, 0], NARROWEST_LN)
        above = np.maximum(around[:, 2] - around[:, 1], NARROWEST_LN)
        return np.stack([middle - below, middle, middle + above], axis=1)

    def contributions(self, x: Singles, horizon_ln: Floats) -> Floats:
        """n x features: exact TreeSHAP of the centre (age and bias left out)."""
        from xgboost import DMatrix

        data = DMatrix(with_age(x, horizon_ln), nthread=1)
        shap: Floats = self.centre.predict(data, pred_contribs=True)[:, :-2].astype(np.float64)
        return shap

    def importance(self, names: tuple[str, ...]) -> dict[str, float]:
        """Total gain of the centre by feature, largest first."""
        gain = self.centre.get_score(importance_type="total_gain")
        by_name = {(*names, "age")[int(key[1:])]: float(value) for key, value in gain.items()}
        return dict(sorted(by_name.items(), key=lambda item: -item[1]))

    def save(self, folder: Path) -> None:
        self.centre.save_model(folder / "centre.ubj")
        self.spread.save_model(folder / "spread.ubj")


def load_boosters(folder: Path) -> Boosters:
    from xgboost import Booster

    loaded = []
    for name in ("centre", "spread"):
        booster = Booster({"nthread": 1})
        booster.load_model(folder / f"{name}.ubj")
        loaded.append(booster)
    return Boosters(*loaded)


def fit_boosters(x: Singles, horizon_ln: Floats, target: Floats, weight: Floats) -> Boosters:
    """`target`: ln(1+outcome) minus base and age slope."""
    from xgboost import DMatrix, train

    clipped = np.clip(target, -CLIP_LN, CLIP_LN)
    ages = ",".join(["0"] * x.shape[1] + ["1"])
    centre = train(
        {
            **_SHARED,
            "objective": "reg:pseudohubererror",
            "huber_slope": 0.5,
            "base_score": 0.0,
            "monotone_constraints": f"({ages})",
        },
        DMatrix(with_age(x, horizon_ln), clipped, weight=weight, nthread=1),
        CENTRE_ROUNDS,
    )
    left = clipped - centre.inplace_predict(with_age(x, horizon_ln))
    spread = train(
        {**_SHARED, "objective": "reg:quantileerror", "quantile_alpha": list(QUANTILES), "max_depth": 3},
        DMatrix(x, left, weight=weight, nthread=1),
        SPREAD_ROUNDS,
    )
    return Boosters(centre, spread)


def with_age(x: Singles, horizon_ln: Floats) -> Singles:
    return np.concatenate([x, horizon_ln.astype(np.float32)[:, None]], axis=1)
