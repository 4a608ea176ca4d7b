"""What came of shadow traffic: the challenger's and the given answers to the same drafts, where outcomes have come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Engine, func, select

from creatorlens.database import tables
from creatorlens.platforms import Platform

Q = ("p10", "p50", "p90")


@dataclass(frozen=True)
class Shadowed:
    """`answers`: by the challenger, one per prediction and horizon; `pairs`: those of them with an outcome, as
    `training.challenge.challenge` takes them: channel_id, published_at, truth, floor_ln, base_ln and the quantiles
    challenger_* and champion_* in ln(1+metric)."""

    answers: int
    pairs: pd.DataFrame


def shadowed(engine: Engine, workspace: str, platform: Platform, version: str) -> Shadowed:
    """Live predictions only: what was forecast after the fact proves nothing."""
    s, p, g = (table.c for table in (tables.shadow_forecasts, tables.predictions, tables.grades))
    answered = tables.shadow_forecasts.join(
        tables.predictions, (p.prediction_id == s.prediction_id) & (p.horizon_h == s.horizon_h)
    )
    ours = (
        (s.workspace_id == workspace)
        & (p.platform == platform.value)
        & (s.model_version == version)
        & p.retrospective.is_(False)
    )
    graded = answered.join(tables.grades, (g.prediction_id == s.prediction_id) & (g.horizon_h == s.horizon_h))
    columns = [
        p.channel_id, p.planned_at.label("published_at"), p.horizon_h, g.outcome, p.floor,
        *(s[q].label(f"challenger_{q}") for q in Q), *(p[q].label(f"champion_{q}") for q in Q),
    ]  # fmt: skip
    query = select(*columns).select_from(graded).where(ours).order_by(s.prediction_id, s.horizon_h)
    with engine.connect() as connection:
        answers = connection.execute(select(func.count()).select_from(answered).where(ours)).scalar_one()
        rows = connection.execute(query).all()
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    return Shadowed(int(answers), _in_ln(frame))


def _in_ln(frame: pd.DataFrame) -> pd.DataFrame:
    def ln(name: str) -> np.ndarray:
        return np.log1p(frame[name].to_numpy(np.float64).clip(min=0))

    quantiles = {name: ln(name) for name in frame.columns if name.startswith(("challenger_", "champion_"))}
    published = pd.to_datetime(frame["published_at"], utc=True)
    floor = ln("floor")
    return frame[["channel_id", "horizon_h"]].assign(
        published_at=published, truth=ln("outcome"), floor_ln=floor, base_ln=floor, **quantiles
    )
