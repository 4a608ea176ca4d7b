"""Errors of graded forecasts against the model's own backtest, and whether they are worse beyond noise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.platforms import Platform
from services.monitoring.reference import Losses

QUANTILES = (0.1, 0.5, 0.9)
STATED = 0.8
_WORDS = {
    "mae_ln": "forecasts miss by more than in the backtest",
    "pinball": "quantiles fit worse than in the backtest",
    "coverage80": "the 80 % interval holds another share than in the backtest",
}
# Below this many channels, what is noise cannot be told.
_FEWEST_CHANNELS = 5


@dataclass(frozen=True)
class ErrorDrift:
    """figures: n, channels, and per measure the window's, the backtest's and the p of being worse. worse: in words,
    None where nothing is beyond noise. said: for a report in which nothing fired."""

    figures: dict[str, float] = field(default_factory=dict)
    worse: str | None = None
    said: str = "no forecast of the window is graded yet"


def graded_forecasts(
    engine: Engine,
    workspace: str,
    platform: Platform,
    since: datetime,
    until: datetime,
    version: str | None,
    known_until: datetime | None,
) -> pd.DataFrame:
    """The last forecast of each post and age whose time fell between `since` and `until`: channel_id, p10, p50, p90,
    outcome. Live ones by whichever version answered; those made afterwards only where `version` made them of posts
    published after all it knew (`known_until`)."""
    p, g = tables.predictions.c, tables.grades.c
    query = (
        select(
            p.channel_id, p.horizon_h, p.planned_at, p.created_at, p.retrospective, p.model_version, p.p10, p.p50,
            p.p90, g.post_id, g.outcome,
        )
        .join(tables.grades, (p.prediction_id == g.prediction_id) & (p.horizon_h == g.horizon_h))
        .where(p.workspace_id == workspace, p.platform == platform.value, p.revises.is_(None))
        .where(p.planned_at <= until, g.graded_at >= since)
    )  # fmt: skip
    with engine.connect() as connection:
        result = connection.execute(query)
        frame = pd.DataFrame.from_records(result.fetchall(), columns=list(result.keys()))
    planned = pd.to_datetime(frame["planned_at"], utc=True)
    due = planned + pd.to_timedelta(frame["horizon_h"].astype(float), unit="h")
    honest = ~frame["retrospective"].astype(bool)
    if known_until is not None:
        honest |= (frame["model_version"] == version) & (planned > pd.Timestamp(known_until))
    chosen = frame[honest & (due >= pd.Timestamp(since)) & (planned <= pd.Timestamp(until))]
    latest = chosen.sort_values("created_at", kind="stable").drop_duplicates(
        ["post_id", "horizon_h"], keep="last"
    )
    return latest.reset_index(drop=True)


def error_drift(
    graded: pd.DataFrame,
    backtest: dict[str, Losses] | None,
    *,
    fewest: int = 50,
    worse_p: float = 0.01,
) -> ErrorDrift:
    """graded: channel_id, p10, p50, p90, outcome. One-sided t tests with posts of a channel taken together, noise of
    window, backtest and between months added up; the p of the three tests are corrected (Bonferroni)."""
    channels = graded["channel_id"].nunique()
    figures: dict[str, float] = {"n": float(len(graded)), "channels": float(channels)}
    if graded.empty:
        return ErrorDrift(figures)
    found = _losses(graded)
    figures |= {name: round(float(values.mean()), 6) for name, values in found.items()}
    if len(graded) < fewest or channels < _FEWEST_CHANNELS:
        return ErrorDrift(
            figures, said=f"{len(graded)} forecasts of {channels} channels are graded, too few to judge"
        )
    if backtest is None:
        return ErrorDrift(figures, said="the version kept no backtest to compare errors with")
    channel, fired = graded["channel_id"].to_numpy(dtype=object), []
    for name, values in found.items():
        p = _p_worse(name, values, channel, backtest[name])
        figures[f"{name}_backtest"] = round(backtest[name].mean, 6)
        figures[f"{name}_p"] = round(p, 6)
        if p * len(found) < worse_p:
            fired.append(
                f"{_WORDS[name]}: {name} {values.mean():.3f} against {backtest[name].mean:.3f} on {len(graded)} posts"
            )
    said = (
        f"errors are those of the backtest within noise (mae_ln {figures['mae_ln']:.3f} against "
        f"{figures['mae_ln_backtest']:.3f} on {len(graded)} posts)"
    )
    return ErrorDrift(figures, "; ".join(fired) or None, said)


def _losses(graded: pd.DataFrame) -> dict[str, Any]:
    ln = np.log1p(graded[["p10", "p50", "p90"]].to_numpy(np.float64).clip(min=0))
    truth = np.log1p(graded["outcome"].to_numpy(np.float64).clip(min=0))
    over = truth[:, None] - ln
    levels = np.array(QUANTILES)
    return {
        "mae_ln": np.abs(over[:, 1]),
        "pinball": np.maximum(levels * over, (levels - 1) * over).mean(axis=1),
        # The ends count as inside, to within what storing a count costs.
        "coverage80": ((over[:, 0] >= -1e-9) & (over[:, 2] <= 1e-9)).astype(np.float64),
    }


def _p_worse(name: str, values: Any, channel: Any, backtest: Losses) -> float:
    from scipy.stats import t

    worse = float(values.mean()) - backtest.mean
    if name == "coverage80":
        # Worse is farther from what is stated, on either side.
        worse = abs(float(values.mean()) - STATED) - abs(backtest.mean - STATED)
    own, n_channels = _standard_error(values, channel)
    noise = float(np.sqrt(own**2 + backtest.se**2 + backtest.between**2))
    if noise == 0:
        return 0.0 if worse > 0 else 1.0
    return float(t.sf(worse / noise, df=n_channels - 1))


def _standard_error(values: Any, channel: Any) -> tuple[float, int]:
    """Of the mean, posts of one channel being alike (cluster-robust; Liang and Zeger, 1986)."""
    left = pd.Series(values - values.mean()).groupby(channel).sum().to_numpy()
    n = len(left)
    return float(np.sqrt((left**2).sum() * n / max(1, n - 1)) / len(values)), n
