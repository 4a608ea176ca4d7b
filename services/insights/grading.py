"""Grading: outcomes that have arrived meet the predictions that spoke of them. Append-only, idempotent.

Which observation grades which horizon:
- one of known age: the nearest in ln(age), within 0.75 to 1.5 of the horizon, once no nearer one can come;
- one of unknown age holds a final count: it grades the longest horizon asked for, flagged back-filled;
- a live prediction is never graded by what had been seen when it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, select

from creatorlens.database import tables
from creatorlens.database.engine import insert_ignore
from creatorlens.platforms import SPECS, Platform
from creatorlens.settings import Settings
from services.insights.ids import draft_hash

NEAREST, FARTHEST = 0.75, 1.5
LINK_WITHIN = timedelta(hours=48)
KEYS_PER_QUERY = 500
READ_ALL_ABOVE = 20_000
CHUNK = 10_000
EXACT_H = 1e-3
"""Ages closer than this are the same one: storing times in microseconds costs that much."""


@dataclass(frozen=True)
class GradeReport:
    """graded: written by this call; waiting: predictions (per horizon) whose outcome has not come."""

    graded: int
    waiting: int
    by_platform: dict[str, int]


def grade(
    engine: Engine,
    settings: Settings,
    platform: Platform | None = None,
    *,
    now: datetime | None = None,
) -> GradeReport:
    """Grade what can be graded. Doing it twice changes nothing."""
    moment = now or datetime.now(UTC)
    counts: dict[str, int] = {}
    waiting = 0
    for one in [platform] if platform else list(Platform):
        open_predictions = _ungraded(engine, settings.workspace, one)
        if open_predictions.empty:
            continue
        linked = _linked(engine, settings.workspace, one, open_predictions)
        outcomes = _outcomes(engine, settings.workspace, one, linked["linked_post_id"].unique())
        graded = match(linked, outcomes, moment)
        _write(engine, settings.workspace, graded, moment)
        counts[one.value] = len(graded)
        waiting += len(open_predictions) - len(graded)
    return GradeReport(graded=sum(counts.values()), waiting=waiting, by_platform=counts)


def match(predictions: pd.DataFrame, outcomes: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """One row per gradable (prediction_id, horizon_h): the observation that grades it, and the errors.

    predictions: linked_post_id, prediction_id, horizon_h, created_at, retrospective, p10, p50, p90, floor.
    outcomes: post_id, observation_key, published_at, age_h (NaN unknown), seen_at, backfilled, outcome.
    """
    pairs = predictions.merge(outcomes, left_on="linked_post_id", right_on="post_id", suffixes=("", "_seen"))
    pairs = pairs[pairs["retrospective"] | (pairs["seen_at"] > pairs["created_at"])]
    age, horizon = pairs["age_h"].to_numpy(float), pairs["horizon_h"].to_numpy(float)
    longest = predictions.groupby("prediction_id")["horizon_asked_max"].first()
    is_longest = horizon >= pairs["prediction_id"].map(longest).to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(np.log(age / horizon))
    distance = np.where(np.abs(age - horizon) < EXACT_H, 0.0, distance)
    within = (age >= NEAREST * horizon) & (age <= FARTHEST * horizon)
    closed = (
        pairs["published_at"] + pd.to_timedelta(FARTHEST * horizon, unit="h") < pd.Timestamp(now)
    ).to_numpy()
    settled = within & ((age >= horizon - EXACT_H) | closed)
    final = np.isnan(age) & is_longest
    # Of a known age first, then a final count; of several final counts the one known last.
    ranked = pairs.assign(distance=np.where(final, np.inf, distance), order=-pairs["seen_at"].astype("int64"))
    ranked = ranked[settled | final].sort_values(["distance", "order", "observation_key"], kind="stable")
    best = ranked.drop_duplicates(["prediction_id", "horizon_h"])
    return _errors(best)


def _errors(best: pd.DataFrame) -> pd.DataFrame:
    def ln(column: str) -> np.ndarray:
        return np.log1p(np.clip(best[column].to_numpy(float), 0, None))

    outcome = best["outcome"].to_numpy(float)
    covered = (outcome >= best["p10"].to_numpy(float)) & (outcome <= best["p90"].to_numpy(float))
    return pd.DataFrame(
        {
            "prediction_id": best["prediction_id"],
            "horizon_h": best["horizon_h"],
            "post_id": best["linked_post_id"],
            "observation_key": best["observation_key"],
            "observed_age_h": best["age_h"],
            "backfilled": best["backfilled"] | best["age_h"].isna(),
            "outcome": outcome,
            "covered80": covered,
            "ae_ln": np.abs(ln("outcome") - ln("p50")),
            "floor_ae_ln": np.abs(ln("outcome") - ln("floor")),
        }
    ).reset_index(drop=True)


def _ungraded(engine: Engine, workspace: str, platform: Platform) -> pd.DataFrame:
    p, g = tables.predictions.c, tables.grades.c
    graded = tables.predictions.outerjoin(
        tables.grades, (p.prediction_id == g.prediction_id) & (p.horizon_h == g.horizon_h)
    )
    query = (
        select(
            p.prediction_id, p.horizon_h, p.created_at, p.retrospective, p.channel_id, p.post_id, p.draft_hash,
            p.planned_at, p.p10, p.p50, p.p90, p.floor,
            g.prediction_id.label("graded_id"),
        )
        .select_from(graded)
        .where(p.workspace_id == workspace, p.platform == platform.value)
    )  # fmt: skip
    with engine.connect() as connection:
        frame = _frame(connection, query, ["created_at", "planned_at"])
    frame["horizon_asked_max"] = frame.groupby("prediction_id")["horizon_h"].transform("max")
    return frame[frame["graded_id"].isna()].drop(columns="graded_id")


def _linked(engine: Engine, workspace: str, platform: Platform, predictions: pd.DataFrame) -> pd.DataFrame:
    """Predictions with `linked_post_id`: the post named, or the channel's post with the same words."""
    named = predictions[predictions["post_id"].notna()]
    named = named.assign(linked_post_id=named["post_id"])
    drafts = predictions[predictions["post_id"].isna()]
    if drafts.empty:
        return named
    posts = _posts_with_words(engine, workspace, platform, drafts["channel_id"].unique())
    pairs = drafts.merge(posts, on=["channel_id", "draft_hash"])
    apart = (pairs["published_at"] - pairs["planned_at"]).abs()
    pairs = pairs.assign(apart=apart)[apart <= LINK_WITHIN]
    nearest = pairs.sort_values(["apart", "linked_post_id"]).drop_duplicates(["prediction_id", "horizon_h"])
    found = nearest.drop(columns=["apart", "published_at"])
    return pd.concat([frame for frame in (named, found) if not frame.empty] or [named], ignore_index=True)


def _posts_with_words(engine: Engine, workspace: str, platform: Platform, channels: Any) -> pd.DataFrame:
    c = tables.posts.c
    query = select(c.post_id.label("linked_post_id"), c.channel_id, c.published_at, c.title, c.text).where(
        c.workspace_id == workspace, c.platform == platform.value
    )
    frames = []
    with engine.connect() as connection:
        for some in _keys(channels):
            frames.append(_frame(connection, query.where(c.channel_id.in_(some)), ["published_at"]))
    posts = pd.concat(frames, ignore_index=True)
    posts["draft_hash"] = [
        draft_hash(title, text) for title, text in zip(posts["title"], posts["text"], strict=True)
    ]
    return posts.drop(columns=["title", "text"])


def _outcomes(engine: Engine, workspace: str, platform: Platform, post_ids: Any) -> pd.DataFrame:
    o, p, i = tables.observations.c, tables.posts.c, tables.imports.c
    metric = o[SPECS[platform].primary_metric]
    query = (
        select(
            o.post_id, o.observation_key, o.observed_at, o.backfilled, metric.label("outcome"), p.published_at,
            i.imported_at,
        )
        .select_from(tables.observations)
        .join(
            tables.posts,
            (o.workspace_id == p.workspace_id) & (o.platform == p.platform) & (o.post_id == p.post_id),
        )
        .join(tables.imports, o.import_id == i.import_id)
        .where(o.workspace_id == workspace, o.platform == platform.value, metric.is_not(None))
    )  # fmt: skip
    times = ["observed_at", "published_at", "imported_at"]
    with engine.connect() as connection:
        if len(post_ids) > READ_ALL_ABOVE:
            frames = [_frame(connection, query, times)]
        else:
            frames = [_frame(connection, query.where(o.post_id.in_(some)), times) for some in _keys(post_ids)]
    outcomes = pd.concat(frames, ignore_index=True) if frames else _frame_like(query)
    age = (outcomes["observed_at"] - outcomes["published_at"]).dt.total_seconds() / 3600
    # A count without a time was seen at the latest when it was imported.
    return outcomes.assign(age_h=age, seen_at=outcomes["observed_at"].fillna(outcomes["imported_at"]))


def _write(engine: Engine, workspace: str, graded: pd.DataFrame, now: datetime) -> None:
    for start in range(0, len(graded), CHUNK):
        part = graded.iloc[start : start + CHUNK]
        rows = [
            {name: None if value != value else value for name, value in row.items()}
            | {"workspace_id": workspace, "graded_at": now}
            for row in part.to_dict("records")
        ]
        with engine.begin() as connection:
            connection.execute(insert_ignore(connection, tables.grades), rows)


def _frame(connection: Connection, query: Any, times: list[str]) -> pd.DataFrame:
    result = connection.execute(query)
    frame = pd.DataFrame.from_records(result.fetchall(), columns=list(result.keys()))
    for column in times:
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


def _frame_like(query: Any) -> pd.DataFrame:
    frame = pd.DataFrame(columns=[column.name for column in query.selected_columns])
    for column in ("observed_at", "published_at", "imported_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


def _keys(values: Any) -> Iterator[list[str]]:
    keys = [str(value) for value in values]
    for start in range(0, len(keys), KEYS_PER_QUERY):
        yield keys[start : start + KEYS_PER_QUERY]
