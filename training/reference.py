"""What a version was trained on, small enough to keep with it: later inputs and errors are compared with that.

One Parquet file: up to `SAMPLE` rows of numbers (the features, and the titles' embeddings as their few directions),
and in its metadata how far each feature moves this model's forecasts. No words, no ids.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from training.columns import Floats
from training.text_directions import EMBEDDING, TextDirections, embeddings, fit_text_directions

FILE = "reference.parquet"
METADATA = b"creatorlens.reference"
SAMPLE = 2_000
# Days of a window; `window` counts them back from the newest post (0), `OLDER` is everything before.
WINDOW_D = 28
WINDOWS = 13
OLDER = -1
# Rows whose forecasts are asked for again with one feature exchanged among them.
_MOVED_ROWS = 200
_AT_ONCE = 10
_SEED = 20
_WEEK_H = 168.0


class Forecasts(Protocol):
    @property
    def feature_names(self) -> tuple[str, ...]: ...

    def forecast(
        self, rows: pd.DataFrame, drivers: bool = False, floor_only: bool = False, gated: bool = True
    ) -> pd.DataFrame: ...


def write_reference(
    folder: Path, model: Forecasts, rows: pd.DataFrame, backtest_predictions: pd.DataFrame
) -> Path:
    """rows: those the model was fitted on; backtest_predictions: see `training.backtest`. The same rows and model
    give the same file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    newest = rows.loc[rows["is_last"]] if rows["is_last"].any() else rows
    text = fit_text_directions(embeddings(rows))
    sample = _sample(newest)
    table = pa.Table.from_pandas(_numbers(sample, tuple(model.feature_names), text), preserve_index=False)
    moves = feature_moves(model, _thin(sample), sample)
    told = {
        "known_until": rows["outcome_known_at"].max().isoformat(),
        "published_until": rows["published_at"].max().isoformat(),
        "rows": len(rows),
        "window_d": WINDOW_D,
        "moves": moves,
        "text": {name: _packed(array) for name, array in text.arrays().items()} if len(text) else None,
        "backtest": backtest_losses(backtest_predictions),
    }
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {**(table.schema.metadata or {}), METADATA: json.dumps(told, sort_keys=True).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), folder / FILE, compression="zstd")
    return folder / FILE


def log_reference(
    model: Forecasts, rows: pd.DataFrame, backtest_predictions: pd.DataFrame, scratch: Path
) -> None:
    """Into the active MLflow run, as `reference/reference.parquet`."""
    import mlflow

    path = write_reference(scratch / "reference", model, rows, backtest_predictions)
    mlflow.log_artifact(str(path), "reference")


def feature_moves(
    model: Forecasts, rows: pd.DataFrame, spread_of: pd.DataFrame
) -> dict[str, dict[str, float]]:
    """By feature, in ln of the middle forecast at a week's age: `effect_ln`, the mean change when the feature is
    exchanged among the rows, and `per_sd_ln`, the same per standard deviation (in `spread_of`) that it changed by; a
    value missing on one side only counts as one. Embeddings are exchanged whole and have no standard deviation.

    Exchanging values (permutation importance; Breiman, 2001) asks the whole ensemble, whatever it is made of.
    """
    rows = rows.reset_index(drop=True).assign(horizon_h=_WEEK_H)
    other = np.random.default_rng(_SEED).permutation(len(rows))
    asked = [name for name in (*model.feature_names, EMBEDDING) if name in rows.columns]
    before = _middle_ln(model, rows)
    found: dict[str, dict[str, float]] = {}
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        copies = [rows.assign(**{name: rows[name].to_numpy()[other]}) for name in some]
        after = _middle_ln(model, pd.concat(copies, ignore_index=True)).reshape(len(some), len(rows))
        for name, now in zip(some, after, strict=True):
            effect = float(np.abs(now - before).mean())
            found[name] = {"effect_ln": effect}
            if name != EMBEDDING:
                values = rows[name].to_numpy(np.float64)
                changed = _changed(values, values[other], float(spread_of[name].std(ddof=0)))
                found[name]["per_sd_ln"] = effect / changed if changed > 0 else 0.0
    return found


def backtest_losses(predictions: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """By who answers (served, floor) and measure: the backtest's `mean`, its standard error with posts of a channel
    taken together, and `between`, how much further than that the cut-offs lie apart (standard deviation)."""
    return {
        who: {
            name: _spread(values, predictions)
            for name, values in losses(
                predictions["truth"].to_numpy(np.float64),
                predictions[[f"{who}_p10", f"{who}_p50", f"{who}_p90"]].to_numpy(np.float64),
            ).items()
        }
        for who in ("served", "floor")
    }


def losses(truth: Floats, quantiles: Floats) -> dict[str, Floats]:
    """What is lost on each post, in ln(1+metric): the terms of mae_ln, pinball and coverage80."""
    over = truth[:, None] - quantiles
    levels = np.array([0.1, 0.5, 0.9])
    return {
        "mae_ln": np.abs(over[:, 1]),
        "pinball": np.maximum(levels * over, (levels - 1) * over).mean(axis=1),
        "coverage80": ((over[:, 0] >= 0) & (over[:, 2] <= 0)).astype(np.float64),
    }


def _spread(values: Floats, predictions: pd.DataFrame) -> dict[str, float]:
    channel = predictions["channel_id"].to_numpy(dtype=object)
    folds = [(predictions["cut_off"] == cut).to_numpy() for cut in predictions["cut_off"].unique()]
    folds = [at for at in folds if at.sum() >= 2]
    means = np.array([values[at].mean() for at in folds])
    own = np.array([_standard_error(values[at], channel[at]) for at in folds])
    # DerSimonian and Laird's idea (1986): what the spread of the means has above their own errors.
    between = max(0.0, float(means.var(ddof=1) - (own**2).mean())) if len(folds) > 1 else 0.0
    return {
        "mean": float(values.mean()), "se": _standard_error(values, channel), "between": float(np.sqrt(between)),
    }  # fmt: skip


def _standard_error(values: Floats, channel: Any) -> float:
    """Of the mean, posts of one channel being alike (cluster-robust; Liang and Zeger, 1986)."""
    left = pd.Series(values - values.mean()).groupby(channel).sum().to_numpy()
    n = len(left)
    return float(np.sqrt((left**2).sum() * n / max(1, n - 1)) / len(values))


def _sample(rows: pd.DataFrame) -> pd.DataFrame:
    """At most `SAMPLE` of the rows, in their order of publishing."""
    rows = rows.sort_values("published_at", kind="stable")
    if len(rows) <= SAMPLE:
        return rows
    chosen = np.random.default_rng(_SEED).choice(len(rows), SAMPLE, replace=False)
    return rows.iloc[np.sort(chosen)]


def _thin(rows: pd.DataFrame) -> pd.DataFrame:
    """At most `_MOVED_ROWS` of them, evenly over time."""
    return rows.iloc[np.linspace(0, len(rows) - 1, min(len(rows), _MOVED_ROWS)).astype(int)]


def _numbers(rows: pd.DataFrame, features: Sequence[str], text: TextDirections) -> pd.DataFrame:
    age_d = (rows["published_at"].max() - rows["published_at"]).dt.total_seconds().to_numpy() / 86_400
    back = (age_d // WINDOW_D).astype(np.int16)
    columns = {
        "window": np.where(back < WINDOWS, back, OLDER).astype(np.int16),
        **{name: rows[name].to_numpy(np.float32) for name in features if name in rows.columns},
    }
    read = text.apply(embeddings(rows), len(rows))
    columns |= {f"text_{i}": read[:, i] for i in range(read.shape[1])}
    # Shuffled: what is left of the order would be the order of somebody's posts.
    shuffled = np.random.default_rng(_SEED + 1).permutation(len(rows))
    return pd.DataFrame(columns).iloc[shuffled].reset_index(drop=True)


def _middle_ln(model: Forecasts, rows: pd.DataFrame) -> Floats:
    answer: Floats = np.log1p(model.forecast(rows, gated=False)["p50"].to_numpy(np.float64))
    return answer


def _changed(before: Floats, after: Floats, spread: float) -> float:
    """Mean change in standard deviations."""
    change = np.nan_to_num(np.abs(after - before)) / spread if spread > 0 else np.zeros(len(before))
    one_missing = np.isnan(before) != np.isnan(after)
    return float(np.where(one_missing, 1.0, change).mean())


def _packed(array: Any) -> dict[str, Any]:
    data = np.ascontiguousarray(array, "<f4")
    return {"shape": list(data.shape), "f4": base64.b64encode(data.tobytes()).decode()}
