"""The end of a test: its verdict is kept, and what a title or thumbnail test has shown becomes training data."""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from creatorlens.advice.experiments import State, Verdict
from recommend.experiments.judging import Seen, periods_of
from services.content import experiments, imports_log
from services.content.batches import Batch
from services.content.reports import ImportReport
from services.content.tables import Kind
from services.experiments import kept
from services.experiments.kept import Row, Trial


def end(
    connection: Connection,
    workspace: str,
    trial: Trial,
    rows: Sequence[Row],
    verdict: Verdict,
    status: State,
    now: datetime,
) -> None:
    """In the caller's transaction, once: `trial` is locked and runs."""
    kept.insert_verdict(connection, workspace, trial, verdict, status, now)
    frame = training_rows(trial, rows, verdict)
    if not frame.empty:
        _store(connection, workspace, trial, frame, now)


def training_rows(trial: Trial, rows: Sequence[Row], verdict: Verdict) -> pd.DataFrame:
    """The canonical table `experiments`: one row per variant that was shown; empty for a time test.

    Where shares of traffic changed on the way, or each day had one variant, plain sums would tell variants from days: clicks
    are then those of equal days (the estimated effects on the same impressions, with the total as it was).
    """
    if trial.kind == "time" or sum(row.clicks for row in rows) == 0:
        return pd.DataFrame()
    impressions, clicks = _sums(trial, rows)
    if verdict.analysis == "by-day" or trial.plan.allocation == "thompson":
        effects = [0.0, *(None if one.effect is None else math.log1p(one.effect) for one in verdict.effects)]
        if any(one is None for one in effects):
            return pd.DataFrame()
        weighed = impressions * np.exp(np.array(effects, dtype=float))
        clicks = np.minimum(np.round(clicks.sum() * weighed / weighed.sum()), impressions)
    shown = impressions > 0
    if shown.sum() < 2:
        return pd.DataFrame()
    first = min(row.period_start for row in rows).isocalendar()
    frame = pd.DataFrame(
        {
            "experiment_id": f"test:{trial.experiment_id}",
            "variant_id": [one.variant_id for one in trial.variants],
            "week": float(first.year * 100 + first.week),
            "headline": [one.title if trial.kind == "title" else trial.headline for one in trial.variants],
            "lede": None,
            "image_id": [one.thumbnail for one in trial.variants],
            "impressions": impressions,
            "clicks": clicks,
        }
    )
    return frame[shown].reset_index(drop=True)


def _sums(trial: Trial, rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    """By variant; of tests side by side only periods in which all ran."""
    seen = [
        Seen(
            trial.position(row.variant_id) or 0, row.period_start, row.period_end, row.impressions, row.clicks
        )
        for row in rows
    ]
    periods, _ = periods_of(seen, len(trial.variants))
    if trial.plan.rotation == "by-day":
        return periods.impressions.sum(axis=0), periods.clicks.sum(axis=0)
    used = (periods.impressions > 0).all(axis=1)
    return periods.impressions[used].sum(axis=0), periods.clicks[used].sum(axis=0)


def _store(connection: Connection, workspace: str, trial: Trial, frame: pd.DataFrame, now: datetime) -> None:
    batch = Batch(workspace, str(uuid.uuid4()), now, frame)
    told = json.dumps(frame.to_dict("records"), sort_keys=True)
    name = f"test {trial.experiment_id}"
    imports_log.begin(connection, batch, name, Kind.EXPERIMENTS, hashlib.sha256(told.encode()).hexdigest())
    experiments.store(connection, batch, frame, frame)
    imports_log.finish(
        connection,
        ImportReport(
            file=name, kind=Kind.EXPERIMENTS.value, import_id=batch.import_id, rows_read=len(frame),
            rows_taken=len(frame), rows_unchanged=0, rows_duplicate=0, rows_quarantined=0,
        ),
    )  # fmt: skip
