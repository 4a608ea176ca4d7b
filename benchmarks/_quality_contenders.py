"""Who forecasts in `benchmarks quality`: each is a function from known rows to a forecast of rows ahead.

All read the same rows and the same numbers (features of the models, base, floor, age, directions of the title's embedding);
a metric definition is one more number for those that have one model for all of them. Answers are n x 3 in ln(1+metric).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from training.columns import QUANTILES, Floats, floor_ln, horizon_ln, matrix, model_features, outcome_ln
from training.columns import with_values as _with_values

Forecast = Callable[[pd.DataFrame], pd.DataFrame]
Fit = Callable[[pd.DataFrame], Forecast]
COLUMNS = ("p10", "p50", "p90")

# The regression a user would write down: audience, history, age, format.
_LINEAR = (
    "followers_ln", "base_level_ln", "fast_over_base", "last_over_base", "n_matured_ln", "sd_ln", "is_video", "is_short",
    "channel_tag_lift", "channel_format_lift",
)  # fmt: skip
_LEAVES, _RATE, _MOST_ROUNDS, _PATIENCE = 15, 0.03, 1500, 60


class Inputs:
    """The numbers of a row as every contender sees them; what it needs to know is learned from known rows alone."""

    def __init__(self, known: pd.DataFrame) -> None:
        from training.text_directions import embeddings, fit_text_directions

        self.names = _with_values(known, model_features())
        self.text = fit_text_directions(embeddings(known))
        self.definitions = known["metric_definition"].value_counts().index.tolist()
        self.usual = float(np.median(outcome_ln(known)))

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        from training.text_directions import embeddings

        out = pd.DataFrame(matrix(rows, self.names), columns=list(self.names), index=rows.index)
        text = self.text.apply(embeddings(rows), len(rows))
        extra = pd.DataFrame(
            {f"title_{i}": text[:, i] for i in range(text.shape[1])}
            | {
                "base_ln": rows["base_ln"].to_numpy(np.float32),
                "floor_ln": floor_ln(rows).astype(np.float32),
                "age_ln": horizon_ln(rows).astype(np.float32),
            },
            index=rows.index,
        )
        if len(self.definitions) > 1:
            for number, name in enumerate(self.definitions[1:], start=1):
                extra[f"definition_{number}"] = (rows["metric_definition"] == name).to_numpy(np.float32)
        return pd.concat([out, extra], axis=1)

    def base(self, rows: pd.DataFrame) -> Floats:
        base = rows["base_ln"].to_numpy(np.float64)
        out: Floats = np.where(np.isnan(base), self.usual, base)
        return out


def answer(quantiles: Floats) -> pd.DataFrame:
    return pd.DataFrame(np.sort(quantiles, axis=1), columns=list(COLUMNS))


def ours(known: pd.DataFrame, *, families: tuple[str, ...] | None = None, explain: bool = True) -> Forecast:
    """As served: the gate decides. `families`: those that may have a share, calibrated and gated as ever."""
    from creatorlens.platforms import Platform
    from training.forecaster import Forecaster
    from training.members import FAMILIES

    platform = Platform(str(known["platform"].iloc[0]))
    model = Forecaster.fit(known, platform, families=families or FAMILIES, explain=explain)

    def forecast(rows: pd.DataFrame) -> pd.DataFrame:
        served = model.forecast(rows)
        out = np.log1p(served[list(COLUMNS)]).reset_index(drop=True)
        out["abstained"] = served["abstained"].to_numpy(bool)
        return out

    forecast.model = model  # type: ignore[attr-defined]
    return forecast


def floor(known: pd.DataFrame) -> Forecast:
    """The median of the last five with the spread it had on posts published later than what it rested on; the platform's
    known outcomes where a channel has none."""
    of_platform = np.quantile(outcome_ln(known), QUANTILES)
    last = known.loc[known["is_last"]] if known["is_last"].any() else known
    # The newest two fifths, as our own calibration of the floor.
    newest = last.sort_values("outcome_known_at", kind="stable").tail(max(1, len(last) * 2 // 5))
    ratio = outcome_ln(newest) - floor_ln(newest)
    ratio = ratio[~np.isnan(ratio)]
    low, high = np.quantile(ratio, [0.1, 0.9]) if len(ratio) else (-1.0, 1.0)

    def forecast(rows: pd.DataFrame) -> pd.DataFrame:
        centre = floor_ln(rows)
        around = np.stack([np.maximum(centre + min(low, 0), 0), centre, centre + max(high, 0)], axis=1)
        return answer(np.where(np.isnan(centre)[:, None], of_platform, around))

    return forecast


def linear(known: pd.DataFrame) -> Forecast:
    """Quantile regression (linear programme) on log followers, the history's level and how it moved, age and format."""
    from sklearn.linear_model import QuantileRegressor

    inputs = Inputs(known)
    x = _linear_design(inputs, known)
    centre, spread = np.nanmedian(x, axis=0), np.nanstd(x, axis=0)
    spread = np.where(spread > 0, spread, 1.0)

    def design(rows: pd.DataFrame) -> Floats:
        raw = _linear_design(inputs, rows)
        missing = np.isnan(raw)
        scaled = np.where(missing, 0.0, (raw - np.where(np.isnan(centre), 0.0, centre)) / spread)
        gone: Floats = np.concatenate([scaled, missing[:, :4].astype(float)], axis=1)
        return gone

    target = outcome_ln(known)
    fitted = [
        QuantileRegressor(quantile=level, alpha=1e-4, solver="highs").fit(design(known), target)
        for level in QUANTILES
    ]
    return lambda rows: answer(np.stack([model.predict(design(rows)) for model in fitted], axis=1))


def _linear_design(inputs: Inputs, rows: pd.DataFrame) -> Floats:
    told = matrix(rows, _LINEAR)
    frame = inputs.frame(rows).assign(**{name: told[:, i] for i, name in enumerate(_LINEAR)})
    names = [
        *_LINEAR,
        "base_ln",
        "floor_ln",
        "age_ln",
        *[n for n in frame if str(n).startswith("definition_")],
    ]
    first = ["followers_ln", "base_ln", "floor_ln", "age_ln"]
    out: Floats = frame[first + [n for n in names if n not in first]].to_numpy(np.float64)
    return out


def plain_xgboost(known: pd.DataFrame) -> Forecast:
    """`training.plain`: boosted trees without any history, one per metric definition."""
    from training.expert import in_known_order
    from training.plain import fit_plain

    names = _with_values(known, model_features())
    fitted: dict[str, Any] = {}

    def of(definition: str) -> Any:
        if definition not in fitted:
            own = known.loc[known["metric_definition"] == definition]
            fitted[definition] = fit_plain(in_known_order(own if len(own) else known), names)
        return fitted[definition]

    for definition in known["metric_definition"].unique():
        of(definition)

    def forecast(rows: pd.DataFrame) -> pd.DataFrame:
        out = np.full((len(rows), 3), np.nan)
        for definition in rows["metric_definition"].unique():
            at = (rows["metric_definition"] == definition).to_numpy()
            out[at] = of(definition).quantiles(rows.loc[at])
        return answer(out)

    return forecast


def lightgbm(known: pd.DataFrame) -> Forecast:
    """Quantile regression of ln(1+outcome) above the base; rounds by early stopping on the newest 15 %, then fitted once more
    on everything."""
    return _lightgbm(known, robust=False, above_base=True)


def lightgbm_huber(known: pd.DataFrame) -> Forecast:
    """A Huber centre, and quantiles of what it leaves over."""
    return _lightgbm(known, robust=True, above_base=True)


def lightgbm_raw(known: pd.DataFrame) -> Forecast:
    """The same quantiles of ln(1+outcome) itself, the base being one feature among others."""
    return _lightgbm(known, robust=False, above_base=False)


def _lightgbm(known: pd.DataFrame, *, robust: bool, above_base: bool) -> Forecast:
    inputs = Inputs(known)
    rows = known.sort_values("outcome_known_at", kind="stable", ignore_index=True)
    x = inputs.frame(rows)
    level = inputs.base(rows) if above_base else np.zeros(len(rows))
    left = outcome_ln(rows) - level
    if robust:
        centre = _boosted(x, left, {"objective": "huber", "alpha": 1.0})
        around = left - centre.predict(x)
        spread = [_boosted(x, around, {"objective": "quantile", "alpha": q}) for q in (0.1, 0.9)]
    else:
        models = [_boosted(x, left, {"objective": "quantile", "alpha": q}) for q in QUANTILES]

    def forecast(ahead: pd.DataFrame) -> pd.DataFrame:
        told = inputs.frame(ahead)
        if robust:
            middle = centre.predict(told)
            found = np.stack(
                [middle + spread[0].predict(told), middle, middle + spread[1].predict(told)], axis=1
            )
        else:
            found = np.stack([model.predict(told) for model in models], axis=1)
        base = inputs.base(ahead) if above_base else np.zeros(len(ahead))
        return answer(found + base[:, None])

    return forecast


def _boosted(x: pd.DataFrame, y: Floats, objective: dict[str, Any]) -> Any:
    import lightgbm as library

    parameters = {
        **objective, "num_leaves": _LEAVES, "learning_rate": _RATE, "min_data_in_leaf": 20, "feature_fraction": 0.5,
        "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "seed": 0, "verbosity": -1, "num_threads": 1,
        "deterministic": True, "force_row_wise": True,
    }  # fmt: skip
    cut = int(len(x) * 0.85)
    first = library.Dataset(x.iloc[:cut], y[:cut])
    newest = library.Dataset(x.iloc[cut:], y[cut:], reference=first)
    stopping = library.early_stopping(_PATIENCE, verbose=False)
    rounds = library.train(
        parameters, first, _MOST_ROUNDS, valid_sets=[newest], callbacks=[stopping]
    ).best_iteration
    return library.train(parameters, library.Dataset(x, y), max(20, int(rounds / 0.85)))


CONTENDERS: dict[str, Fit] = {
    "ours": ours,
    "floor": floor,
    "linear": linear,
    "plain_xgboost": plain_xgboost,
    "lightgbm": lightgbm,
    "lightgbm_huber": lightgbm_huber,
    "lightgbm_raw": lightgbm_raw,
}
