"""Edit receipts: what an applied suggestion changed, what was expected of it and on what evidence; graded later.

Both forecasts go to the ledger, so that grading finds them as it finds every other. Nobody ever sees what the post
would have got without the change: a receipt's grade says how good the forecasts were, not what the change did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Row, select

from creatorlens.advice.common import Change, EvidencePost, Kind
from creatorlens.advice.content import Content, Receipt, ReceiptGrade, ReceiptRecord, Receipts
from creatorlens.api import Prediction
from creatorlens.database import tables
from creatorlens.platforms import HORIZONS_H, MATURE_AGE_H
from creatorlens.records import Draft
from recommend.scoring import ProbChange, Scored, lift, prob_change, words_of
from services.advice.desk import Desk, scored, told
from services.advice.similar_own import similar_own
from services.insights.jobs import Job
from services.insights.predicting import predict_drafts

MOST_SIMILAR = 5
MOST = 500
FIELDS = {
    "title": "title",
    "text": "text",
    "hashtags": "hashtags",
    "planned_at": "time of posting",
    "thumbnail": "thumbnail",
}


@dataclass(frozen=True)
class Prepared:
    """A receipt before its content has moved on: `insert_receipt` writes it with the new version."""

    content_id: str
    kind: Kind
    applied_at: datetime
    from_version: int
    before_prediction_id: str
    after_prediction_id: str
    told: Mapping[str, Any]
    similar: tuple[EvidencePost, ...]


def prepare_receipt(
    desk: Desk,
    *,
    before: Draft,
    after: Draft,
    content: Content,
    kind: Kind,
    change: Change,
    now: datetime | None = None,
) -> Prepared:
    """Forecasts both drafts, as recorded predictions, and looks up the most similar own posts. Writes nothing else.

    Raises what the forecast raises (NotFoundError, NotReadyError).
    """
    moment = now or datetime.now(UTC)
    # Where one post was forecast several times the last one counts, which must be the one with the change.
    first = _recorded(desk, before, moment - timedelta(microseconds=1))
    second = _recorded(desk, after, moment)
    return Prepared(
        content_id=content.content_id,
        kind=kind,
        applied_at=moment,
        from_version=content.now.version,
        before_prediction_id=first.prediction_id,
        after_prediction_id=second.prediction_id,
        told=_expected(first, second, before, content, change),
        similar=similar_own(desk, after, moment, MOST_SIMILAR),
    )


def insert_receipt(
    connection: Connection, workspace: str, prepared: Prepared, receipt_id: str, to_version: int
) -> Receipt:
    """Within the transaction that makes the content's new version."""
    row = {
        "workspace_id": workspace,
        "receipt_id": receipt_id,
        "content_id": prepared.content_id,
        "kind": prepared.kind,
        "applied_at": prepared.applied_at,
        "from_version": prepared.from_version,
        "to_version": to_version,
        "before_prediction_id": prepared.before_prediction_id,
        "after_prediction_id": prepared.after_prediction_id,
        "told": dict(prepared.told),
        "similar": [post.model_dump(mode="json") for post in prepared.similar],
    }
    connection.execute(tables.receipts.insert(), row)
    return _receipt(row, ())


def receipts(engine: Engine, workspace: str, content_id: str | None = None, *, limit: int = 100) -> Receipts:
    """Of one content or of all, newest first, with grades, and the record of all receipts graded so far."""
    r = tables.receipts.c
    query = select(tables.receipts).where(r.workspace_id == workspace)
    if content_id is not None:
        query = query.where(r.content_id == content_id)
    query = query.order_by(r.applied_at.desc(), r.receipt_id.desc()).limit(min(limit, MOST))
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        grades = _grades(connection, workspace, rows)
    found = tuple(_receipt(row._mapping, grades.get(row.receipt_id, ())) for row in rows)
    return Receipts(receipts=found, record=receipt_record(engine, workspace))


def receipt_record(engine: Engine, workspace: str) -> ReceiptRecord:
    """Over the newest `MOST` receipts."""
    r = tables.receipts.c
    query = (
        select(tables.receipts).where(r.workspace_id == workspace).order_by(r.applied_at.desc()).limit(MOST)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        grades = _grades(connection, workspace, rows)
    graded = [(row, _nearest_a_week(grades[row.receipt_id])) for row in rows if grades.get(row.receipt_id)]
    floored = [(row, grade) for row, grade in graded if grade.beat_floor is not None]
    return ReceiptRecord(
        receipts=len(rows),
        graded=len(graded),
        with_floor=len(floored),
        mean_prob_before=_mean([row.told["prob_before"] for row, _ in floored]),
        mean_prob_after=_mean([row.told["prob_after"] for row, _ in floored]),
        share_beat_floor=_mean([grade.beat_floor for _, grade in floored]),
        coverage80=_mean([grade.covered80 for _, grade in graded]),
        mae_ln_before=_mean([grade.ae_ln_before for _, grade in graded]),
        mae_ln_after=_mean([grade.ae_ln_after for _, grade in graded]),
    )


def _recorded(desk: Desk, draft: Draft, now: datetime) -> Prediction:
    job = Job(draft, tuple(float(h) for h in HORIZONS_H))
    found = predict_drafts(
        desk.engine, desk.settings, desk.source, desk.store, [job], now=now, similar=desk.similar
    )[0]
    if not isinstance(found, Prediction):
        raise found
    return found


def _expected(
    first: Prediction, second: Prediction, before: Draft, content: Content, change: Change
) -> dict[str, Any]:
    """What `receipts.told` keeps: change, before, words, lift, prob_*."""
    a, b = _at_a_week(first), _at_a_week(second)
    says_nothing = a.abstained or b.abstained
    found = None if says_nothing else lift(a, b)
    moved: ProbChange | None = None if found is None else prob_change(a, b, found)
    changed = change.model_dump(mode="json", exclude_none=True)
    lift_told = told(found)
    return {
        "change": changed,
        "before": _before(before, content, changed),
        "words": _words(changed, a, b, None if found is None else words_of(found)),
        "lift": None if lift_told is None else lift_told.model_dump(mode="json"),
        "prob_before": a.prob_beats_floor,
        "prob_after": b.prob_beats_floor,
        "prob_change": None if moved is None else moved.change,
        "prob_change_low": None if moved is None else moved.low,
        "prob_change_high": None if moved is None else moved.high,
    }


def _at_a_week(prediction: Prediction) -> Scored:
    week = [one for one in prediction.forecasts if one.horizon_h == MATURE_AGE_H]
    return scored(prediction.model_copy(update={"forecasts": tuple(week)}))


def _before(draft: Draft, content: Content, changed: Mapping[str, Any]) -> dict[str, Any]:
    was = {
        "title": draft.title,
        "text": draft.text,
        "hashtags": list(draft.hashtags),
        "planned_at": draft.planned_at.isoformat(),
        "thumbnail": content.now.thumbnail,
        "analysis_id": draft.analysis_id,
    }
    return {name: was[name] for name in changed}


def _words(changed: Mapping[str, Any], a: Scored, b: Scored, effect: str | None) -> str:
    what = " and ".join(words for name, words in FIELDS.items() if name in changed) or "draft"
    if effect is None:
        reason = b.reason or a.reason or "the channel's usual result is forecast, whatever the draft"
        return f"{what.capitalize()} changed; what it does cannot be forecast: {reason}"
    chance = ""
    if a.prob_beats_floor is not None and b.prob_beats_floor is not None:
        first, then = 100 * a.prob_beats_floor, 100 * b.prob_beats_floor
        chance = f"; chance of beating the floor {first:.0f} % → {then:.0f} %"
    return f"{what.capitalize()} changed: {effect}{chance}."


def _grades(
    connection: Connection, workspace: str, rows: Sequence[Row[Any]]
) -> dict[str, tuple[ReceiptGrade, ...]]:
    """By receipt: grades of its forecast with the change, beside the forecast without it at the same horizon."""
    if not rows:
        return {}
    g, p = tables.grades.c, tables.predictions.c
    after = {row.after_prediction_id: row for row in rows}
    graded = connection.execute(
        select(g.prediction_id, g.horizon_h, g.outcome, g.covered80, g.ae_ln, p.floor)
        .join(tables.predictions, (g.prediction_id == p.prediction_id) & (g.horizon_h == p.horizon_h))
        .where(g.workspace_id == workspace, g.prediction_id.in_(list(after)))
        .order_by(g.prediction_id, g.horizon_h)
    ).all()
    wanted = {after[row.prediction_id].before_prediction_id for row in graded}
    unchanged = connection.execute(
        select(p.prediction_id, p.horizon_h, p.p50).where(
            p.workspace_id == workspace, p.prediction_id.in_(list(wanted))
        )
    )
    p50 = {(row.prediction_id, row.horizon_h): row.p50 for row in unchanged}
    found: dict[str, list[ReceiptGrade]] = {}
    for row in graded:
        receipt = after[row.prediction_id]
        without = p50[receipt.before_prediction_id, row.horizon_h]
        grade = ReceiptGrade(
            horizon_h=row.horizon_h,
            outcome=row.outcome,
            beat_floor=None if row.floor is None else bool(row.outcome > row.floor),
            covered80=row.covered80,
            ae_ln_after=row.ae_ln,
            ae_ln_before=float(abs(np.log1p(max(0.0, row.outcome)) - np.log1p(max(0.0, without)))),
        )
        found.setdefault(receipt.receipt_id, []).append(grade)
    return {receipt_id: tuple(own) for receipt_id, own in found.items()}


def _nearest_a_week(grades: Sequence[ReceiptGrade]) -> ReceiptGrade:
    return min(grades, key=lambda grade: abs(np.log(grade.horizon_h / MATURE_AGE_H)))


def _mean(values: Sequence[float | bool | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _receipt(row: Mapping[Any, Any], grades: tuple[ReceiptGrade, ...]) -> Receipt:
    names = (
        "receipt_id", "content_id", "kind", "applied_at", "from_version", "to_version", "before_prediction_id",
        "after_prediction_id",
    )  # fmt: skip
    keys = {name: row[name] for name in names}
    return Receipt.model_validate(keys | dict(row["told"]) | {"similar": row["similar"], "grades": grades})
