"""Applying a suggestion: the draft's new version and the receipt, both or neither."""

from __future__ import annotations

from datetime import UTC, datetime

from creatorlens.advice.common import Change
from creatorlens.advice.content import Applied, ApplyRequest, Content, ContentVersion
from creatorlens.errors import InputError
from services.advice.desk import Desk
from services.advice.receipts import insert_receipt, prepare_receipt
from services.content.contents import add_version, find_content, must_be_open, must_hold
from services.insights.ids import time_ordered_id


def apply(desk: Desk, content_id: str, wanted: ApplyRequest, now: datetime | None = None) -> Applied:
    """Forecasts the draft with and without the change, both in the ledger, then moves it on.

    Raises ConflictError where the draft has moved on since `wanted.version` or is published, InputError where the change
    changes nothing, and what the forecast raises.
    """
    moment = now or datetime.now(UTC)
    workspace = desk.settings.workspace
    content = find_content(desk.engine, workspace, content_id)
    must_be_open(desk.engine, workspace, content, wanted.version)
    if wanted.change.thumbnail is not None:
        with desk.engine.connect() as connection:
            must_hold(connection, workspace, [wanted.change.thumbnail], "change.thumbnail")
    receipt_id = time_ordered_id()
    new = _next(content, wanted.change, moment, receipt_id)
    prepared = prepare_receipt(
        desk,
        before=content.draft(),
        after=content.draft(new),
        content=content,
        kind=wanted.kind,
        change=wanted.change,
        now=moment,
    )
    with desk.engine.begin() as connection:
        add_version(connection, workspace, content_id, new)
        receipt = insert_receipt(connection, workspace, prepared, receipt_id, new.version)
    return Applied(content=find_content(desk.engine, workspace, content_id), receipt=receipt)


def _next(content: Content, change: Change, now: datetime, receipt_id: str) -> ContentVersion:
    changed = content.now.changed(change)
    if changed == content.now:
        raise InputError(
            "it is in the draft already.", field="change", hint="Name what is to be other than it is."
        )
    if not changed.title.strip() and not changed.text.strip():
        raise InputError("it would leave the draft without title and text.", field="change")
    told = {"version": content.now.version + 1, "created_at": now, "receipt_id": receipt_id}
    return changed.model_copy(update=told)
