"""The track record: how graded predictions came out, against the floor.

Live and retrospective forecasts are never added up, nor are observed and back-filled outcomes. Where
one post was forecast several times for one horizon, the last forecast counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

import numpy as np
import pandas as pd
from sqlalchemy import Engine, Select, func, select

from creatorlens import api
from creatorlens.database import tables
from creatorlens.platforms import MATURE_AGE_H, Platform
from creatorlens.settings import Settings
from services.analytics.calibration import calibration, with_size

SERIES_POINTS = 500


def track_record(
    engine: Engine,
    settings: Settings,
    platform: Platform | None = None,
    channel_id: str | None = None,
) -> api.TrackRecord:
    """Skill in all, by platform, by horizon, by month and by size (at a week's age); calibration; with `channel_id` also
    its single forecasts. Forecasts revised after publishing have slices of their own: they knew more."""
    everything = with_size(_graded(engine, settings.workspace, platform, channel_id))
    graded, revised = everything[~everything["revised"]], everything[everything["revised"]]
    at_a_week = graded[graded["horizon_h"] == MATURE_AGE_H]
    return api.TrackRecord(
        platform=platform,
        channel_id=channel_id,
        predictions=_made(engine, settings.workspace, platform, channel_id),
        graded=len(graded),
        totals=_slices(graded, []),
        by_platform=_slices(graded, ["platform"]),
        by_horizon=_slices(graded, ["platform", "horizon_h"]),
        # One age only: a month whose posts are still young would look like another one than it is.
        by_month=_slices(at_a_week, ["month"]),
        # Thirds of one channel would say nothing of its size.
        by_size=_slices(at_a_week, ["platform", "size"]) if channel_id is None else (),
        revised=_slices(revised, ["platform", "horizon_h"]),
        calibration=calibration(graded, sizes=channel_id is None),
        series=_series(graded) if channel_id is not None else (),
    )


def _made(engine: Engine, workspace: str, platform: Platform | None, channel_id: str | None) -> int:
    query = select(func.count()).select_from(tables.predictions)
    with engine.connect() as connection:
        return int(connection.execute(_scoped(query, workspace, platform, channel_id)).scalar_one())


def _graded(
    engine: Engine, workspace: str, platform: Platform | None, channel_id: str | None
) -> pd.DataFrame:
    p, g = tables.predictions.c, tables.grades.c
    query = select(
        p.prediction_id, p.platform, p.horizon_h, p.planned_at, p.created_at, p.retrospective, p.revises, p.p10,
        p.p50, p.p90, p.floor, p.abstained, p.prob_beats_floor, g.post_id, g.backfilled, g.outcome, g.covered80,
        g.ae_ln, g.floor_ae_ln,
    ).join(
        tables.grades, (p.prediction_id == g.prediction_id) & (p.horizon_h == g.horizon_h)
    )  # fmt: skip
    with engine.connect() as connection:
        result = connection.execute(_scoped(query, workspace, platform, channel_id))
        frame = pd.DataFrame.from_records(result.fetchall(), columns=list(result.keys()))
    made_live, made_after, observed, backfilled = (*get_args(api.Made), *get_args(api.Outcomes))
    planned = pd.to_datetime(frame["planned_at"], utc=True)
    frame = frame.assign(
        planned_at=planned,
        month=planned.dt.strftime("%Y-%m"),
        made=np.where(frame["retrospective"].astype(bool), made_after, made_live),
        outcomes=np.where(frame["backfilled"].astype(bool), backfilled, observed),
        revised=frame["revises"].notna(),
    )
    latest = frame.sort_values("created_at", kind="stable")
    latest = latest.drop_duplicates(["platform", "post_id", "horizon_h", "made", "revised"], keep="last")
    return latest.sort_values(["planned_at", "horizon_h", "post_id"], kind="stable").reset_index(drop=True)


def _scoped(
    query: Select[Any], workspace: str, platform: Platform | None, channel_id: str | None
) -> Select[Any]:
    p = tables.predictions.c
    query = query.where(p.workspace_id == workspace)
    if platform is not None:
        query = query.where(p.platform == platform.value)
    if channel_id is not None:
        query = query.where(p.channel_id == channel_id)
    return query


def _slices(graded: pd.DataFrame, by: Sequence[str]) -> tuple[api.TrackSlice, ...]:
    if graded.empty:
        return ()
    slices = []
    for key, group in graded.groupby(["made", "outcomes", *by], sort=True):
        named = dict(zip(by, key[2:], strict=True))
        slices.append(
            api.TrackSlice(
                made=cast(api.Made, key[0]),
                outcomes=cast(api.Outcomes, key[1]),
                platform=Platform(named["platform"]) if "platform" in named else None,
                horizon_h=named.get("horizon_h"),
                month=named.get("month"),
                size=named.get("size"),
                skill=skill(group),
            )
        )
    return tuple(slices)


def skill(graded: pd.DataFrame) -> api.Skill:
    """graded: p10, p90, covered80, abstained, ae_ln, floor_ae_ln; at least one row.

    The comparison with the floor is made over the rows that have one, on both sides.
    """
    width = np.log1p(graded["p90"].clip(lower=0)) - np.log1p(graded["p10"].clip(lower=0))
    with_floor = graded[graded["floor_ae_ln"].notna()]
    floor_mae = float(with_floor["floor_ae_ln"].astype(float).mean()) if len(with_floor) else None
    return api.Skill(
        n=len(graded),
        coverage80=float(graded["covered80"].mean()),
        mae_ln=float(graded["ae_ln"].mean()),
        floor_n=len(with_floor),
        floor_mae_ln=floor_mae,
        skill=1 - float(with_floor["ae_ln"].mean()) / floor_mae if floor_mae else None,
        median_width_ln=float(width.median()),
        share_abstained=float(graded["abstained"].mean()),
    )


def _series(graded: pd.DataFrame) -> tuple[api.TrackPoint, ...]:
    return tuple(
        api.TrackPoint(
            prediction_id=row.prediction_id,
            post_id=row.post_id,
            horizon_h=row.horizon_h,
            planned_at=row.planned_at.to_pydatetime(),
            p10=row.p10,
            p50=row.p50,
            p90=row.p90,
            floor=None if row.floor != row.floor else row.floor,
            outcome=row.outcome,
            covered80=bool(row.covered80),
            abstained=bool(row.abstained),
            made=row.made,
            outcomes=row.outcomes,
        )
        for row in graded.tail(SERIES_POINTS).itertuples()
    )
