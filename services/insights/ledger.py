"""The ledger: every prediction, written before its outcome can be known, read back with its grades.

Append-only; one row per prediction and horizon. What all horizons of a prediction share (inputs,
drivers, what else the answer said) is kept once, with the shortest one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Row, func, select

from creatorlens import api
from creatorlens.database import tables
from creatorlens.database.engine import insert_ignore
from creatorlens.errors import NotFoundError
from creatorlens.metric_definitions import primary_metric
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from services.insights.ids import draft_hash, draft_record
from services.insights.inputs import ModelInputs, to_json

LIVE_GRACE = timedelta(hours=24)
"""A forecast made up to a day after publishing still counts as live for the horizons to come: its
inputs end at publishing, and grading takes only what was observed after it was made."""

CHUNK = 2_000


@dataclass(frozen=True)
class Entry:
    """A prediction and what it was made from. numbers: as given to the model, in `number_names` order; inputs: the
    same with everything else it read; made_with: code, packages, machine and what the model is made of."""

    prediction: api.Prediction
    draft: Draft
    created_at: datetime
    source: str
    numbers: np.ndarray
    number_names: str
    inputs: ModelInputs | None = None
    made_with: Mapping[str, str] = field(default_factory=dict)


def record(engine: Engine, workspace: str, entries: Sequence[Entry]) -> None:
    """Write predictions, thousands to a transaction. One that is there already is left as it is."""
    for start in range(0, len(entries), CHUNK):
        with engine.begin() as connection:
            _insert(connection, workspace, entries[start : start + CHUNK])


def retrospective(
    created_at: datetime, planned_at: datetime, horizon_h: float, *, revised: bool = False
) -> bool:
    """Was it made when its outcome could be known? Then it is no part of the live track record. A revision is
    made after publishing by nature: it is live for the horizons still to come."""
    horizon = timedelta(hours=horizon_h)
    return created_at >= planned_at + (horizon if revised else min(LIVE_GRACE, horizon))


@dataclass(frozen=True)
class Kept:
    """A prediction as it was answered, with what it was made from as `_inputs` wrote it."""

    prediction: api.GradedPrediction
    inputs: Mapping[str, Any]


def get(engine: Engine, workspace: str, prediction_id: str) -> api.GradedPrediction:
    """Raises NotFoundError."""
    return kept(engine, workspace, prediction_id).prediction


def kept(engine: Engine, workspace: str, prediction_id: str) -> Kept:
    """Raises NotFoundError."""
    p, g = tables.predictions.c, tables.grades.c
    with engine.connect() as connection:
        rows = connection.execute(
            select(tables.predictions)
            .where(p.prediction_id == prediction_id, p.workspace_id == workspace)
            .order_by(p.horizon_h)
        ).all()
        grades = connection.execute(
            select(tables.grades)
            .where(g.prediction_id == prediction_id, g.workspace_id == workspace)
            .order_by(g.horizon_h)
        ).all()
        # by the channel, whose predictions an index finds
        revisions = connection.execute(
            select(p.prediction_id)
            .where(
                p.workspace_id == workspace,
                p.channel_id.in_({row.channel_id for row in rows}),
                p.revises == prediction_id,
            )
            .group_by(p.prediction_id)
            .order_by(func.min(p.created_at), p.prediction_id)
        ).scalars()
        revised_by = tuple(revisions)
    if not rows:
        raise NotFoundError(
            f"no prediction {prediction_id!r} in the ledger.",
            field="prediction_id",
            hint="What-if predictions (record: false) are not kept.",
        )
    found = _graded(rows, grades).model_copy(update={"revised_by": revised_by})
    return Kept(found, next(row.inputs for row in rows if row.inputs))


def _insert(connection: Connection, workspace: str, entries: Sequence[Entry]) -> None:
    rows = [row for entry in entries for row in _rows(workspace, entry)]
    if rows:
        connection.execute(insert_ignore(connection, tables.predictions), rows)


def _rows(workspace: str, entry: Entry) -> Iterator[dict[str, Any]]:
    made, draft = entry.prediction, entry.draft
    shared: dict[str, Any] = {
        "prediction_id": made.prediction_id,
        "workspace_id": workspace,
        "created_at": entry.created_at,
        "as_of": made.as_of,
        "source": entry.source,
        "platform": made.platform.value,
        "channel_id": made.channel_id,
        "post_id": draft.post_id,
        "draft_hash": draft_hash(draft.title, draft.text),
        "planned_at": made.planned_at,
        "model_name": made.model_name,
        "model_version": made.model_version,
        "input_hash": made.input_hash,
        "lineage_id": made.lineage_id,
        "revises": made.revises,
        "seen": [one.model_dump() for one in made.seen] or None,
        "arm": made.arm,
    }
    inputs, drivers = _inputs(entry), [driver.model_dump() for driver in made.drivers]
    for forecast in made.forecasts:
        yield shared | {
            "horizon_h": forecast.horizon_h,
            "retrospective": retrospective(
                entry.created_at, made.planned_at, forecast.horizon_h, revised=made.revises is not None
            ),
            "p10": forecast.p10,
            "p50": forecast.p50,
            "p90": forecast.p90,
            "prob_beats_floor": forecast.prob_beats_floor,
            "floor": forecast.floor,
            "abstained": forecast.abstained,
            "reason": forecast.reason,
            "inputs": inputs,
            "drivers": drivers,
        }
        inputs, drivers = {}, []


def _inputs(entry: Entry) -> dict[str, Any]:
    made = entry.prediction
    return {
        "draft": draft_record(entry.draft) | {"analysis_id": entry.draft.analysis_id},
        **to_json(entry.inputs or ModelInputs(entry.numbers)),
        "number_names": entry.number_names,
        "serves": made.serves,
        "metric_definition": made.metric_definition,
        "typical_band": made.typical_band.model_dump() if made.typical_band else None,
        "parts": [part.model_dump() for part in made.parts],
        "other_metrics": [metric.model_dump() for metric in made.other_metrics],
        "made_with": dict(entry.made_with),
    }


def _graded(rows: Sequence[Row[Any]], grades: Sequence[Row[Any]]) -> api.GradedPrediction:
    first = rows[0]
    shared = next(row.inputs for row in rows if row.inputs)
    drivers: list[Any] = next((row.drivers for row in rows if row.drivers), [])
    platform = Platform(first.platform)
    return api.GradedPrediction(
        prediction_id=first.prediction_id,
        channel_id=first.channel_id,
        platform=platform,
        planned_at=datetime.fromisoformat(shared["draft"]["planned_at"]),
        as_of=first.as_of,
        metric=primary_metric(platform),
        metric_definition=shared["metric_definition"],
        model_name=first.model_name,
        model_version=first.model_version,
        serves=shared["serves"],
        typical_band=shared["typical_band"],
        forecasts=tuple(
            api.ForecastAtHorizon(
                horizon_h=row.horizon_h,
                p10=row.p10,
                p50=row.p50,
                p90=row.p90,
                prob_beats_floor=row.prob_beats_floor,
                floor=row.floor,
                abstained=row.abstained,
                reason=row.reason,
            )
            for row in rows
        ),
        drivers=tuple(api.DriverEffect.model_validate(driver) for driver in drivers),
        parts=tuple(api.ForecastPart.model_validate(part) for part in shared.get("parts", ())),
        other_metrics=tuple(api.OtherMetric.model_validate(one) for one in shared.get("other_metrics", ())),
        lineage_id=first.lineage_id,
        revises=first.revises,
        seen=tuple(api.Seen(age_h=one["age_h"], value=one["value"]) for one in first.seen or ()),
        arm=first.arm,
        input_hash=first.input_hash,
        recorded=True,
        retrospective=first.retrospective,
        source=first.source,
        post_id=first.post_id,
        created_at=first.created_at,
        grades=tuple(
            api.Grade(
                horizon_h=grade.horizon_h,
                graded_at=grade.graded_at,
                post_id=grade.post_id,
                outcome=grade.outcome,
                observed_age_h=grade.observed_age_h,
                backfilled=grade.backfilled,
                covered80=grade.covered80,
                ae_ln=grade.ae_ln,
                floor_ae_ln=grade.floor_ae_ln,
            )
            for grade in grades
        ),
    )
