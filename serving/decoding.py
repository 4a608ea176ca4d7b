"""From the bytes of a request to jobs: one draft, or many with horizons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import ValidationError

from creatorlens import api
from creatorlens.platforms import HORIZONS_H
from creatorlens.settings import Settings
from services.insights.jobs import Job
from serving.problems import Refusal, from_validation, invalid

USUAL_HORIZONS = tuple(float(h) for h in HORIZONS_H)


@dataclass(frozen=True)
class Wanted:
    """`single` where the body was one draft by itself: errors then name `title`, not `drafts.0.title`."""

    jobs: tuple[Job, ...]
    single: bool


def decode(
    body: bytes, content_type: str | None, settings: Settings, *, now: datetime | None = None
) -> Wanted:
    """Raises Refusal: 400 malformed, 415 no JSON, 422 invalid."""
    _must_be_json(content_type)
    payload = _parse(body)
    context = {
        "now": now or datetime.now(UTC),
        "max_title_chars": settings.max_title_chars,
        "max_text_chars": settings.max_text_chars,
    }
    try:
        if "drafts" in payload:
            many = api.PredictRequest.model_validate(payload, context=context)
            jobs = tuple(Job(draft.to_draft(), many.horizons, many.record) for draft in many.drafts)
            return Wanted(jobs, single=False)
        one = api.DraftRequest.model_validate(payload, context=context)
        return Wanted((Job(one.to_draft(), USUAL_HORIZONS),), single=True)
    except ValidationError as error:
        raise invalid(from_validation(error)) from None


def _must_be_json(content_type: str | None) -> None:
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Refusal(415, f"The body must be application/json, not {kind or 'unnamed'}.")


def _parse(body: bytes) -> dict[str, Any]:
    if not body.strip():
        raise Refusal(400, 'The body is empty; send one draft, or {"drafts": [...]}.')
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"Not JSON: {error}.") from None
    if not isinstance(payload, dict):
        raise Refusal(422, 'The body must be one draft object, or {"drafts": [...]}.')
    return payload
