"""Which observation grades which forecast, and by how much it was off. Whole columns at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from services.insights.grading_reads import NO_TIME

NEAREST, FARTHEST = 0.75, 1.5
EXACT_H = 1e-3
"""Ages closer than this are the same one: storing times in microseconds costs that much."""
HOUR_US = 3_600_000_000.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def match(predictions: pd.DataFrame, outcomes: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """One row per gradable (prediction_id, horizon_h): the observation that grades it, and the errors.

    predictions: post_id and the columns of `grading_reads.open_predictions`; outcomes: those of `_outcomes`.
    """
    row, seen = _pairs(predictions["post_id"], outcomes["post_id"])
    observed, published, imported = (
        outcomes[name].to_numpy(np.int64)[seen] for name in ("observed_us", "published_us", "imported_us")
    )
    told = observed != NO_TIME
    # A count without a time was seen at the latest when it was imported.
    seen_at = np.where(told, observed, imported)
    created = predictions["created_us"].to_numpy(np.int64)[row]
    retrospective = predictions["retrospective"].to_numpy(bool)[row]
    horizon = predictions["horizon_h"].to_numpy(float)[row]
    age = np.where(told, (observed - published) / HOUR_US, np.nan)
    within = (age >= NEAREST * horizon) & (age <= FARTHEST * horizon)
    now_us = int(pd.Timestamp(now).tz_convert("UTC").as_unit("us").asm8.astype(np.int64))
    closed = published + FARTHEST * horizon * HOUR_US < now_us
    settled = within & ((age >= horizon - EXACT_H) | closed)
    final = ~told & (horizon >= predictions["longest"].to_numpy(float)[row])
    usable = (settled | final) & (retrospective | (seen_at > created))
    row, seen, age, horizon, seen_at = (part[usable] for part in (row, seen, age, horizon, seen_at))
    best = _best(row, _distance(age, horizon), seen_at, outcomes["observation_key"].iloc[seen])
    return _errors(predictions.iloc[row[best]], outcomes.iloc[seen[best]], age[best])


def _pairs(asked: pd.Series, known: pd.Series) -> tuple[Ints, Ints]:
    """Positions (asked, known) of every pair with the same post."""
    together = np.concatenate([asked.to_numpy(object), known.to_numpy(object)])
    codes = pd.factorize(together)[0].astype(np.int64)
    mine, theirs = codes[: len(asked)], codes[len(asked) :]
    order = np.argsort(theirs, kind="stable")
    first = np.searchsorted(theirs[order], mine, side="left")
    count = np.searchsorted(theirs[order], mine, side="right") - first
    row = np.repeat(np.arange(len(asked)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, order[np.repeat(first, count) + nth] if len(order) else row


def _distance(age: Floats, horizon: Floats) -> Floats:
    """|ln(age / horizon)|; a final count, of unknown age, comes after every other."""
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(np.log(age / horizon))
    distance = np.where(np.abs(age - horizon) < EXACT_H, 0.0, distance)
    return np.where(np.isnan(age), np.inf, distance)


def _best(row: Ints, distance: Floats, seen_at: Ints, key: pd.Series) -> Ints:
    """Positions of each row's nearest observation; of several equally near the one seen last, then the first key."""
    order = np.lexsort((-seen_at, distance, row))
    tied = np.zeros(len(row), bool)
    if len(row) > 1:
        a, b = order[1:], order[:-1]
        tied[1:] = (row[a] == row[b]) & (distance[a] == distance[b]) & (seen_at[a] == seen_at[b])
    if tied.any():
        rank = pd.factorize(key, sort=True)[0]
        order = np.lexsort((rank, -seen_at, distance, row))
    first = np.ones(len(order), bool)
    first[1:] = row[order][1:] != row[order][:-1]
    best: Ints = order[first]
    return best


def _errors(predictions: pd.DataFrame, outcomes: pd.DataFrame, age: Floats) -> pd.DataFrame:
    def ln(values: Any) -> Floats:
        found: Floats = np.log1p(np.clip(values, 0, None))
        return found

    outcome = outcomes["outcome"].to_numpy(float)
    p10, p50, p90, floor = (predictions[name].to_numpy(float) for name in ("p10", "p50", "p90", "floor"))
    return pd.DataFrame(
        {
            "prediction_id": predictions["prediction_id"].to_numpy(object),
            "horizon_h": predictions["horizon_h"].to_numpy(float),
            "post_id": predictions["post_id"].to_numpy(object),
            "observation_key": outcomes["observation_key"].to_numpy(object),
            "observed_age_h": age,
            "backfilled": outcomes["backfilled"].to_numpy(bool) | np.isnan(age),
            "outcome": outcome,
            "covered80": (outcome >= p10) & (outcome <= p90),
            "ae_ln": np.abs(ln(outcome) - ln(p50)),
            "floor_ae_ln": np.abs(ln(outcome) - ln(floor)),
        }
    )
