"""Predictions as the ledger has them, with everything that making them anew needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from creatorlens.database import tables
from creatorlens.errors import NotFoundError
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft
from services.insights.inputs import ModelInputs, from_json

AT_ONCE = 500


@dataclass(frozen=True)
class Original:
    """A prediction as the ledger has it. horizons: ascending."""

    prediction_id: str
    draft: Draft
    model_version: str
    horizons: tuple[float, ...]
    inputs: ModelInputs
    as_of: datetime


def recorded(engine: Engine, workspace: str, prediction_ids: Sequence[str]) -> set[str]:
    c = tables.predictions.c
    found: set[str] = set()
    with engine.connect() as connection:
        for some in _chunks(prediction_ids):
            query = select(c.prediction_id).where(c.workspace_id == workspace, c.prediction_id.in_(some))
            found |= set(connection.execute(query.distinct()).scalars())
    return found


def root(engine: Engine, workspace: str, prediction_id: str) -> Original:
    c = tables.predictions.c
    query = select(c.revises).where(c.workspace_id == workspace, c.prediction_id == prediction_id).limit(1)
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(
            f"no prediction {prediction_id!r} in the ledger.",
            field="prediction_id",
            hint="What-if predictions (record: false) are not kept.",
        )
    name = row.revises or prediction_id
    return originals(engine, workspace, [name])[name]


def originals(engine: Engine, workspace: str, prediction_ids: Sequence[str]) -> dict[str, Original]:
    c = tables.predictions.c
    query = select(c.prediction_id, c.horizon_h, c.model_version, c.as_of, c.inputs, c.channel_id, c.platform)
    rows: dict[str, list[Any]] = {}
    with engine.connect() as connection:
        for some in _chunks(prediction_ids):
            scoped = query.where(c.workspace_id == workspace, c.prediction_id.in_(some))
            for row in connection.execute(scoped.order_by(c.prediction_id, c.horizon_h)):
                rows.setdefault(row.prediction_id, []).append(row)
    return {name: _original(name, own) for name, own in rows.items()}


def _original(name: str, rows: Sequence[Any]) -> Original:
    kept = next(row.inputs for row in rows if row.inputs)
    return Original(
        name,
        draft_of(kept["draft"]),
        rows[0].model_version,
        tuple(row.horizon_h for row in rows),
        from_json(kept),
        rows[0].as_of,
    )


def draft_of(kept: dict[str, Any]) -> Draft:
    """The inverse of `ids.draft_record`."""
    return Draft(
        channel_id=kept["channel_id"],
        platform=Platform(kept["platform"]),
        planned_at=datetime.fromisoformat(kept["planned_at"]),
        title=kept["title"],
        text=kept["text"],
        hashtags=tuple(kept["hashtags"]),
        media_type=MediaType(kept["media_type"]),
        duration_s=kept["duration_s"],
        category=kept["category"],
        followers=kept["followers"],
        post_id=kept["post_id"],
    )


def _chunks(values: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), AT_ONCE):
        yield list(values[start : start + AT_ONCE])
