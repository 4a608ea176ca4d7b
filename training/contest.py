"""Which forecasts of two versions may be compared: of the same posts, seen at the same age, trained on by neither.

A challenger's are those of its own rolling backtest. A champion's are, of posts published after it was trained, what
it answers as it stands; of older posts, those of the rolling backtest it was itself judged on (docs/adr/0006).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from training import tracking

Q = ("p10", "p50", "p90")
_SAME_AGE_H = 0.01
# Somebody may have registered a model that never answers.
_TIMEOUT_S = 1_800

Forecast = Callable[[pd.DataFrame], pd.DataFrame]
"""From the challenger's predictions of some posts to rows of post_id, age_h, truth, p10, p50, p90 in ln."""


@dataclass(frozen=True)
class Contest:
    """`pairs`: see `training.challenge.challenge`, with `head_start`: the challenger had known more than the champion
    when it forecast the row."""

    pairs: pd.DataFrame

    @property
    def level(self) -> pd.DataFrame:
        """Those where neither had a head start: what compares recipes, not how fresh they are."""
        return self.pairs.loc[~self.pairs["head_start"]].reset_index(drop=True)


def against_floor(predictions: pd.DataFrame) -> pd.DataFrame:
    """Pairs of a version's backtest with the floor's forecasts of the same posts."""
    renamed = {f"served_{q}": f"challenger_{q}" for q in Q} | {f"floor_{q}": f"champion_{q}" for q in Q}
    return predictions.rename(columns=renamed)


def contest(
    challenger: pd.DataFrame,
    champion: pd.DataFrame | None,
    champion_known_until: pd.Timestamp,
    as_it_stands: Forecast,
) -> Contest:
    """challenger, champion: what their runs logged of their backtests (None: nothing)."""
    logged = (challenger.iloc[:0] if champion is None else champion).rename(
        columns={f"served_{q}": q for q in Q}
    )
    newer = challenger["published_at"] > champion_known_until
    older = _joined(challenger.loc[~newer], logged)
    parts = [older.assign(head_start=False)]
    if newer.any():
        part = _joined(challenger.loc[newer], as_it_stands(challenger.loc[newer]))
        parts.append(part.assign(head_start=part["cut_off"] > champion_known_until))
    pairs = pd.concat(parts, ignore_index=True)
    return Contest(pairs.sort_values(["published_at", "post_id"], kind="stable", ignore_index=True))


def _joined(challenger: pd.DataFrame, champion: pd.DataFrame) -> pd.DataFrame:
    """Rows of both that speak of the same observation of the same post."""
    theirs = champion[["post_id", "age_h", "truth", *Q]].rename(columns={q: f"champion_{q}" for q in Q})
    both = challenger.merge(theirs, on="post_id", suffixes=("", "_theirs"))
    age, other = both["age_h"].to_numpy(float), both["age_h_theirs"].to_numpy(float)
    same_age = (np.isnan(age) & np.isnan(other)) | (np.abs(age - other) < _SAME_AGE_H)
    same = same_age & np.isclose(both["truth"], both["truth_theirs"], rtol=0, atol=1e-9)
    kept = both.loc[same].drop(columns=["age_h_theirs", "truth_theirs"])
    return kept.rename(columns={f"served_{q}": f"challenger_{q}" for q in Q})


def forecast_as_it_stands(
    settings: Settings, platform: Platform, version: str, until: pd.Timestamp
) -> Forecast:
    """Forecasts of a registered version of posts in the feature store, with outcomes known at `until`.

    In a process of its own, so that the version runs on the code it carries and not on ours."""

    def forecast(some: pd.DataFrame) -> pd.DataFrame:
        from training.train import known_rows

        rows = known_rows(settings, platform, until.to_pydatetime())
        rows = rows.loc[rows["is_last"] & rows["post_id"].isin(some["post_id"])].reset_index(drop=True)
        out = rows[["post_id", "age_h"]].assign(truth=np.log1p(rows["outcome"].clip(lower=0)))
        if rows.empty:
            return out.assign(**dict.fromkeys(Q, np.nan))
        hidden = rows.drop(columns=["outcome", "outcome_known_at"])
        answer = answers_apart(settings, f"models:/{tracking.model_name(platform)}/{version}", hidden)
        out[list(Q)] = np.log1p(answer[list(Q)].to_numpy(np.float64))
        return out

    return forecast


_PROGRAM = """
import sys
import pandas as pd
import mlflow
model = mlflow.pyfunc.load_model(sys.argv[1]).unwrap_python_model()
answer = model.forecast(pd.read_pickle(sys.argv[2]))
answer[["p10", "p50", "p90"]].reset_index(drop=True).to_parquet(sys.argv[3])
"""


def answers_apart(settings: Settings, model: str, rows: pd.DataFrame) -> pd.DataFrame:
    """p10, p50, p90 of a registered model (its `models:/` address), run in a process that has nothing of ours loaded."""
    with tempfile.TemporaryDirectory() as scratch:
        asked, answered = Path(scratch) / "rows.pkl", Path(scratch) / "answer.parquet"
        rows.to_pickle(asked)
        environment = os.environ | {
            # by the environment, not the command line: an address may hold a password
            "MLFLOW_TRACKING_URI": settings.mlflow_uri,
            "MLFLOW_REGISTRY_URI": settings.mlflow_uri,
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, model, str(asked), str(answered)],
            env=environment, cwd=scratch, capture_output=True, text=True, timeout=_TIMEOUT_S,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{model} does not answer: {done.stderr.strip()[-2000:]}")
        return pd.read_parquet(answered)
