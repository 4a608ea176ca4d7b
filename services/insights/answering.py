"""From feature rows and a model's numbers to predictions: the step that drafts and posts share."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from creatorlens import api
from creatorlens.metric_definitions import definition_ids, primary_metric
from creatorlens.platforms import MATURE_AGE_H
from creatorlens.records import Draft
from services.insights import ids
from services.insights.inputs import read_inputs
from services.insights.ledger import Entry, retrospective
from services.insights.made_with import MODEL_TAGS, made_with
from services.insights.registry import Served

KEPT_BESIDES_FEATURES = ("floor", "floor_n", "base_ln")
NUMBER_NAMES = ",".join((*KEPT_BESIDES_FEATURES, "model.feature_names"))
ANSWER = ("p10", "p50", "p90", "prob_beats_floor", "floor", "abstained", "reason")


@dataclass(frozen=True)
class Asked:
    """One draft (or post) and the ages it is asked for, ascending."""

    draft: Draft
    horizons: tuple[float, ...]


def explode(rows: pd.DataFrame, asked: Sequence[Asked]) -> pd.DataFrame:
    """One row per draft and horizon, in order: the feature row with `horizon_h` (and its own index)."""
    counts = [len(one.horizons) for one in asked]
    repeated = rows.iloc[np.repeat(np.arange(len(rows)), counts)].reset_index(drop=True)
    return repeated.assign(horizon_h=np.concatenate([np.asarray(one.horizons, float) for one in asked]))


def entries(
    served: Served,
    rows: pd.DataFrame,
    answers: pd.DataFrame,
    asked: Sequence[Asked],
    *,
    created_at: datetime,
    source: str,
    recorded: Sequence[bool],
) -> list[Entry]:
    """rows: one per asked; answers: aligned to `explode(rows, asked)`."""
    inputs = read_inputs(rows, number_names(served.model.feature_names))
    made_of = {name: served.standing.tags[name] for name in MODEL_TAGS if name in served.standing.tags}
    made_by = {**made_with(served.model), **made_of}
    definitions = _definitions(served, asked)
    bands, as_of = _bands(rows), [_time(value) for value in rows["as_of"]]
    columns = {name: answers[name].tolist() for name in ANSWER}
    drivers, parts, others = (
        answers[name].tolist() if name in answers else None for name in ("drivers", "parts", "other_metrics")
    )
    made, start = [], 0
    for i, one in enumerate(asked):
        stop = start + len(one.horizons)
        arrays = dict(inputs[i].arrays)
        fingerprint = ids.input_hash(
            one.draft,
            inputs[i].numbers,
            arrays.pop("text_embedding", None),
            served.model_name,
            served.model_version,
            arrays=arrays,
        )
        prediction = api.Prediction(
            prediction_id=_prediction_id(one, created_at, fingerprint),
            channel_id=one.draft.channel_id,
            platform=one.draft.platform,
            planned_at=one.draft.planned_at,
            as_of=as_of[i],
            metric=primary_metric(served.platform),
            metric_definition=definitions[i],
            model_name=served.model_name,
            model_version=served.model_version,
            serves=served.serves,
            typical_band=bands[i],
            forecasts=tuple(_forecast(columns, start + k, horizon) for k, horizon in enumerate(one.horizons)),
            drivers=_drivers(drivers, start, one.horizons),
            parts=_parts(parts, start, one.horizons),
            other_metrics=_others(others, start, one.horizons),
            lineage_id=made_of.get("lineage_id"),
            arm=served.arm,
            input_hash=fingerprint,
            recorded=recorded[i],
        )
        numbers = inputs[i].numbers
        made.append(
            Entry(prediction, one.draft, created_at, source, numbers, NUMBER_NAMES, inputs[i], made_by)
        )
        start = stop
    return made


def _prediction_id(one: Asked, created_at: datetime, fingerprint: str) -> str:
    if not retrospective(created_at, one.draft.planned_at, min(one.horizons)):
        return ids.prediction_id()
    # The same look back with the same model is the same prediction: asking again records nothing new.
    return str(uuid.UUID(fingerprint[:32]))


def number_names(features: Sequence[str]) -> tuple[str, ...]:
    """Names of the ledger's numbers, in order, for a model that reads `features`."""
    return tuple(dict.fromkeys((*KEPT_BESIDES_FEATURES, *features)))


def _definitions(served: Served, asked: Sequence[Asked]) -> list[str]:
    drafts = [one.draft for one in asked]
    planned = pd.Series(pd.to_datetime([d.planned_at.astimezone(UTC) for d in drafts], utc=True))
    durations = pd.Series([d.duration_s for d in drafts], dtype=float)
    return definition_ids(served.platform, planned, durations).tolist()


def _bands(rows: pd.DataFrame) -> list[api.Band | None]:
    from features.history import BAND_POSTS

    n = np.expm1(rows["n_matured_ln"].astype(float)).round().clip(upper=BAND_POSTS)
    columns = (rows["band_p10"], rows["band_p50"], rows["band_p90"], n)
    return [
        None if p50 != p50 else api.Band(p10=p10, p50=p50, p90=p90, n=int(count))
        for p10, p50, p90, count in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _forecast(columns: dict[str, list[Any]], i: int, horizon: float) -> api.ForecastAtHorizon:
    return api.ForecastAtHorizon(
        horizon_h=horizon,
        p10=columns["p10"][i],
        p50=columns["p50"][i],
        p90=columns["p90"][i],
        prob_beats_floor=_number(columns["prob_beats_floor"][i]),
        floor=_number(columns["floor"][i]),
        abstained=bool(columns["abstained"][i]),
        reason=str(columns["reason"][i] or ""),
    )


def _drivers(
    drivers: list[Any] | None, start: int, horizons: tuple[float, ...]
) -> tuple[api.DriverEffect, ...]:
    if drivers is None:
        return ()
    return tuple(
        api.DriverEffect(feature=one["feature"], words=one["words"], effect=float(one["effect"]))
        for one in drivers[start + _a_week(horizons)] or ()
    )


def _parts(parts: list[Any] | None, start: int, horizons: tuple[float, ...]) -> tuple[api.ForecastPart, ...]:
    if parts is None:
        return ()
    return tuple(api.ForecastPart(**one) for one in parts[start + _a_week(horizons)] or ())


def _others(others: list[Any] | None, start: int, horizons: tuple[float, ...]) -> tuple[api.OtherMetric, ...]:
    if others is None:
        return ()
    return tuple(
        api.OtherMetric(horizon_h=horizon, **one)
        for k, horizon in enumerate(horizons)
        for one in others[start + k] or ()
    )


def _a_week(horizons: tuple[float, ...]) -> int:
    """Of the horizon nearest a week: what people mean by 'how did it do'."""
    return min(range(len(horizons)), key=lambda k: abs(math.log(horizons[k] / MATURE_AGE_H)))


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _time(value: Any) -> datetime:
    moment: datetime = pd.Timestamp(value).to_pydatetime()
    return moment
