"""Rolling backtest: at each cut-off train on what was known then, forecast the posts up to the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from training.columns import Floats, floor_ln, model_features, outcome_ln, with_values
from training.expert import in_known_order
from training.forecaster import Forecaster
from training.members import FAMILIES
from training.metrics import measures, rounded
from training.parameters import Parameters
from training.plain import fit_plain
from training.processes import in_processes, usual_workers

MIN_FOLDS = 4
MONTH = pd.Timedelta(days=30.4375)


@dataclass(frozen=True)
class BacktestReport:
    """`summary`: the keys of house.md. `predictions`: one row per forecast post, for plots and checks."""

    summary: dict[str, Any]
    predictions: pd.DataFrame


def backtest(
    rows: pd.DataFrame,
    start: pd.Timestamp,
    platform: Platform,
    *,
    families: tuple[str, ...] = FAMILIES,
    folds: int | None = None,
    features: tuple[str, ...] | None = None,
    parameters: Parameters | None = None,
    workers: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> BacktestReport:
    """rows: labelled rows of the platform; start: UTC. Cut-offs are monthly, at least `MIN_FOLDS`. `features`, `families`: what
    the models may read and consist of instead of the usual, to see what it is worth. `workers`: processes, by default as
    many as there are processors where there is enough to do.

    Raises InputError where no post was published after `start`, NotReadyError where too little was known.
    """
    asked = folds_of(rows, start, platform, families, folds, features, parameters, progress)
    parts = in_processes(run_fold, asked, workers or usual_workers(len(rows)))
    return report_of(parts, platform, start)


def folds_of(
    rows: pd.DataFrame,
    start: pd.Timestamp,
    platform: Platform,
    families: tuple[str, ...] = FAMILIES,
    folds: int | None = None,
    features: tuple[str, ...] | None = None,
    parameters: Parameters | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Fold]:
    """What `backtest` runs, the earliest first; cut-offs without a post ahead are left out."""
    cuts = cut_offs(rows, start, folds)
    asked = []
    for number, (cut, until) in enumerate(pairwise(cuts), start=1):
        ahead = rows.loc[rows["is_last"] & (rows["published_at"] > cut) & (rows["published_at"] <= until)]
        progress(
            f"{platform.value}: cut-off {number} of {len(cuts) - 1}, {cut:%Y-%m-%d}, {len(ahead)} posts ahead"
        )
        if len(ahead):
            known = rows.loc[rows["outcome_known_at"] <= cut]
            # More than the newest would only be copied to another process and left there.
            asked.append(
                Fold(cut, known, ahead.reset_index(drop=True), platform, families, features, parameters)
            )
    return asked


def report_of(parts: Sequence[pd.DataFrame], platform: Platform, start: pd.Timestamp) -> BacktestReport:
    """parts: what `run_fold` gave, the earliest first."""
    predictions = pd.concat(parts, ignore_index=True)
    return BacktestReport(_summary(predictions, platform, start), predictions)


def cut_offs(rows: pd.DataFrame, start: pd.Timestamp, folds: int | None = None) -> list[pd.Timestamp]:
    """From `start` to the last post, a month or less apart, at least `MIN_FOLDS` steps of equal length."""
    end = rows["published_at"].max()
    if len(rows) == 0 or start >= end:
        last = "" if len(rows) == 0 else f" The last post is of {end:%Y-%m-%d %H:%M}."
        raise InputError(
            "no post with a known outcome was published after it.", field="--from", hint=last.strip()
        )
    if not (rows["outcome_known_at"] <= start).any():
        first = rows["outcome_known_at"].min()
        raise InputError(
            "no outcome was known by then.",
            field="--from",
            hint=f"The first became known on {first:%Y-%m-%d %H:%M}.",
        )
    steps = folds or max(MIN_FOLDS, int(np.ceil((end - start) / MONTH)))
    return [start + (end - start) * i / steps for i in range(steps)] + [end]


def two_thirds(rows: pd.DataFrame) -> pd.Timestamp:
    """When two thirds of the posts were out: where rolling starts by default."""
    posts = rows.drop_duplicates("post_id")["published_at"].sort_values()
    return pd.Timestamp(posts.iloc[len(posts) * 2 // 3])


@dataclass(frozen=True)
class Fold:
    """One cut-off: what was known by then, and the posts ahead."""

    cut: pd.Timestamp
    known: pd.DataFrame
    ahead: pd.DataFrame
    platform: Platform
    families: tuple[str, ...]
    features: tuple[str, ...] | None
    parameters: Parameters | None


def run_fold(fold: Fold) -> pd.DataFrame:
    """Forecasts of the model as served, the model alone, the floor and the plain booster."""
    known, ahead = fold.known, fold.ahead
    names = fold.features or with_values(known, model_features())
    model = Forecaster.fit(
        known, fold.platform, fold.parameters, features=names, families=fold.families, explain=False
    )
    out = ahead[["post_id", "channel_id", "published_at", "age_h", "backfilled", "metric_definition"]].copy()
    out["truth"], out["floor_ln"], out["base_ln"] = outcome_ln(ahead), floor_ln(ahead), ahead["base_ln"]
    forecasts = {
        "served": model.forecast(ahead),
        "model": model.forecast(ahead, gated=False),
        "floor": model.forecast(ahead, floor_only=True),
    }
    middle = float(np.median(outcome_ln(known)))
    for name, forecast in forecasts.items():
        ln = np.log1p(forecast[["p10", "p50", "p90"]].to_numpy(np.float64))
        if name == "floor":
            # Where a channel has no floor, its contender is the median of what the platform then knew.
            lone = np.isnan(out["floor_ln"].to_numpy())
            ln[lone] = np.quantile(outcome_ln(known), [0.1, 0.5, 0.9]) if lone.any() else middle
        out[[f"{name}_{q}" for q in ("p10", "p50", "p90")]] = ln
    out["prob_beats_floor"] = forecasts["served"]["prob_beats_floor"].to_numpy()
    out["abstained"] = forecasts["served"]["abstained"].to_numpy(dtype=bool)
    out[["plain_p10", "plain_p50", "plain_p90"]] = _plain(known, ahead, names)
    out["trained_on"] = len(known)
    out["left_out"] = sum(model.left_out.values())
    return out.assign(cut_off=fold.cut)


def _plain(known: pd.DataFrame, ahead: pd.DataFrame, features: tuple[str, ...]) -> Floats:
    """XGBoost without any history; one model per metric definition."""
    out = np.full((len(ahead), 3), np.nan)
    for definition in ahead["metric_definition"].unique():
        at = (ahead["metric_definition"] == definition).to_numpy()
        own = known.loc[known["metric_definition"] == definition]
        fitted = fit_plain(in_known_order(own if len(own) else known), features)
        out[at] = fitted.quantiles(ahead.loc[at])
    return out


def _summary(predictions: pd.DataFrame, platform: Platform, start: pd.Timestamp) -> dict[str, Any]:
    shown = predictions.loc[~predictions["abstained"], "channel_id"].nunique()
    backfilled = predictions["backfilled"].to_numpy(dtype=bool)
    return {
        "platform": platform.value,
        "from": start.isoformat(),
        "until": predictions["published_at"].max().isoformat(),
        **contenders(predictions),
        "share_shown": rounded(shown / predictions["channel_id"].nunique()),
        "share_posts_shown": rounded(float((~predictions["abstained"]).mean())),
        "without_floor": int(predictions["floor_ln"].isna().sum()),
        "backfilled": contenders(predictions.loc[backfilled]),
        "observed": contenders(predictions.loc[~backfilled]),
        "cut_offs": [_cut_off(cut, part) for cut, part in predictions.groupby("cut_off", sort=True)],
        "rows_left_out": int(predictions.groupby("cut_off")["left_out"].first().iloc[-1]),
    }


def contenders(predictions: pd.DataFrame) -> dict[str, Any]:
    """The served forecast's measures, and the same of the floor, the plain booster and the model ungated."""
    by_name = {name: _measures(predictions, name) for name in ("served", "floor", "plain", "model")}
    return {
        **by_name["served"],
        "floor": by_name["floor"],
        "plain_xgboost": by_name["plain"],
        "ungated": by_name["model"],
    }


def _cut_off(cut: Any, part: pd.DataFrame) -> dict[str, Any]:
    mine, floor = _measures(part, "served"), _measures(part, "floor")
    return {
        "cut_off": cut.isoformat(),
        "trained_on": int(part["trained_on"].iloc[0]),
        **{key: mine[key] for key in ("n", "spearman", "mae_ln", "pinball", "coverage80", "width80")},
        "floor_mae_ln": floor["mae_ln"],
        "floor_pinball": floor["pinball"],
    }


def _measures(predictions: pd.DataFrame, name: str) -> dict[str, Any]:
    quantiles = predictions[[f"{name}_{q}" for q in ("p10", "p50", "p90")]].to_numpy(np.float64)
    return measures(predictions["channel_id"], predictions["truth"].to_numpy(np.float64), quantiles)
