"""A recorded prediction computed again: the same inputs through the same model version, compared to the last bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from creatorlens import api
from creatorlens.api_operations import Difference, Replay
from creatorlens.errors import CreatorLensError, NotFoundError
from creatorlens.settings import Settings
from services.insights import ids, ledger
from services.insights.answering import Asked, entries, explode, number_names
from services.insights.inputs import ModelInputs, from_json, rows_of
from services.insights.made_with import MODEL_TAGS
from services.insights.originals import draft_of
from services.insights.refeaturing import feature_differences
from services.insights.registry import Served, Standing
from services.insights.versions import Recomputed, StoredVersion, recompute, stored_version

BAND = ("band_p10", "band_p50", "band_p90", "n_matured_ln")
ANSWERED = ("p10", "p50", "p90", "prob_beats_floor", "floor", "abstained", "reason")
WITH_DRIVERS = "api"
"""Source of predictions that are asked for with drivers; posts forecast in bulk are not."""


def replay(engine: Engine, settings: Settings, prediction_id: str, *, features: bool = True) -> Replay:
    """What the stored inputs give now through the version that answered then, and everything that is not as it was.

    `features`: also make the inputs anew from what the database holds today as known then; where they differ, that is
    told as feature:<name> and says nothing about `exact`. Raises NotFoundError.
    """
    kept = ledger.kept(engine, settings.workspace, prediction_id)
    made, was = kept.prediction, kept.inputs.get("made_with", {})
    try:
        version = stored_version(settings, made.platform, made.model_version)
        again = _again(version, kept)
    except (NotFoundError, ReplayImpossible) as error:
        gone = Difference(what="model", then=f"{made.model_name}/{made.model_version}", now=str(error))
        return _told(made, was, (gone,), exact=False)
    numbers = tuple(_numbers(kept.prediction, again.prediction))
    circumstances = tuple(_circumstances(was, again.recomputed, version))
    remade = tuple(feature_differences(engine, settings, kept, version)) if features else ()
    return _told(made, was, (*numbers, *circumstances, *remade), exact=not numbers)


class ReplayImpossible(CreatorLensError):
    """What was kept does not fit the model version."""


class _Again:
    def __init__(self, prediction: api.Prediction, recomputed: Recomputed) -> None:
        self.prediction, self.recomputed = prediction, recomputed


def _told(
    made: api.GradedPrediction, was: Mapping[str, str], found: tuple[Difference, ...], *, exact: bool
) -> Replay:
    return Replay(
        prediction_id=made.prediction_id,
        exact=exact,
        differences=found,
        model_name=made.model_name,
        model_version=made.model_version,
        data_hash=was.get("data_hash"),
        code_hash=was.get("code_hash"),
        lineage_id=made.lineage_id,
    )


def _again(version: StoredVersion, kept: ledger.Kept) -> _Again:
    """The prediction as it is made today from what was kept, by the same steps that made it."""
    made, inputs = kept.prediction, from_json(kept.inputs)
    draft = draft_of(kept.inputs["draft"])
    names = number_names(version.model().feature_names)
    if len(names) != len(inputs.numbers):
        raise ReplayImpossible(f"{len(inputs.numbers)} numbers were kept, and the version reads {len(names)}")
    asked = [Asked(draft, tuple(one.horizon_h for one in made.forecasts))]
    rows = with_columns(rows_of([inputs], [names], [draft], [made.as_of]), BAND)
    track = [(one.age_h, one.value) for one in made.seen]
    exploded = explode(rows, asked)
    if track:
        exploded["seen"] = pd.Series([track] * len(exploded), index=exploded.index, dtype=object)
    found = recompute(
        version,
        exploded,
        drivers=made.source == WITH_DRIVERS or bool(made.drivers or made.parts),
        floor_only=made.serves == "floor",
        revise=bool(track),
    )
    standing = Standing(version.version, made.serves, version.registered_at, version.run_id, version.tags)
    served = Served(version.model(), made.platform, version.name, version.version, made.serves, standing)
    (entry,) = entries(
        served, rows, found.answers, asked,
        created_at=made.created_at, source=made.source, recorded=[True],
    )  # fmt: skip
    prediction = entry.prediction
    if track:
        prediction = prediction.model_copy(
            update={"input_hash": _hash(replace(entry, draft=draft), inputs, track)}
        )
    return _Again(prediction, found)


def _hash(entry: ledger.Entry, inputs: ModelInputs, track: list[tuple[float, float]]) -> str:
    arrays = dict(inputs.arrays)
    made = entry.prediction
    return ids.input_hash(
        entry.draft, inputs.numbers, arrays.pop("text_embedding", None), made.model_name, made.model_version,
        arrays=arrays, seen=track,
    )  # fmt: skip


def with_columns(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Rows with every one of the columns; those they lack are missing values."""
    return rows.assign(**{name: np.nan for name in names if name not in rows})


def _numbers(then: api.Prediction, now: api.Prediction) -> Iterator[Difference]:
    """Everything that was answered and is not the same float, word or list now."""
    for before, after in zip(then.forecasts, now.forecasts, strict=True):
        for name in ANSWERED:
            was, now_is = getattr(before, name), getattr(after, name)
            if not same(was, now_is):
                yield Difference(
                    what=f"forecast:{before.horizon_h:g}h:{name}", then=repr(was), now=repr(now_is)
                )
    yield from _lists("driver", then.drivers, now.drivers, lambda one: one.feature)
    yield from _lists("part", then.parts, now.parts, lambda one: one.name)
    yield from _lists(
        "other_metric", then.other_metrics, now.other_metrics, lambda one: f"{one.metric}:{one.horizon_h:g}h"
    )
    if then.input_hash != now.input_hash:
        yield Difference(what="input_hash", then=then.input_hash, now=now.input_hash)


def _lists(what: str, then: Sequence[Any], now: Sequence[Any], key: Any) -> Iterator[Difference]:
    before, after = {key(one): one for one in then}, {key(one): one for one in now}
    for name in dict.fromkeys((*before, *after)):
        was, now_is = before.get(name), after.get(name)
        if was != now_is:
            yield Difference(what=f"{what}:{name}", then=_words(was), now=_words(now_is))


def _words(record: Any) -> str:
    if record is None:
        return "none"
    return ", ".join(f"{name} {value!r}" for name, value in record.model_dump().items())


def _circumstances(was: Mapping[str, str], found: Recomputed, version: StoredVersion) -> Iterator[Difference]:
    """What the forecast was made with, where it is known and other than now."""
    now = {**found.made_with, **{name: version.tags.get(name) for name in MODEL_TAGS}}
    stored = version.artifact_hash
    if stored is not None:
        now["artifact_hash"] = stored
    for name, before in sorted(was.items()):
        after = now.get(name)
        if after != before:
            yield Difference(what=name, then=before, now=after or "none")


def same(then: Any, now: Any) -> bool:
    """Equal to the last bit; missing equals missing."""
    return bool(then == now or (then != then and now != now))
