"""Every error as problem+json (RFC 9457): which field, what is wrong, what to do. Never our insides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from creatorlens import api
from creatorlens.errors import (
    ConflictError,
    CreatorLensError,
    InputError,
    NotFoundError,
    NotReadyError,
    nearest,
)

MOST_ERRORS = 50

TITLES = {
    400: "Malformed request",
    404: "Not found",
    405: "Method not allowed",
    409: "Not ready",
    413: "Too large",
    415: "Wrong content type",
    422: "Invalid input",
    500: "Internal error",
    503: "Overloaded",
}
CONFLICT = "Changed meanwhile"


class Refusal(CreatorLensError):
    """A request refused: its status and the fields at fault. `title` where the status alone does not tell."""

    def __init__(
        self, status: int, detail: str, errors: Sequence[api.FieldError] = (), title: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.title = title


def respond(
    status: int,
    detail: str,
    errors: Sequence[api.FieldError] = (),
    headers: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Response:
    problem = api.Problem(
        title=title or TITLES.get(status, "Error"),
        status=status,
        detail=detail,
        errors=tuple(errors[:MOST_ERRORS]),
    )
    return Response(
        problem.model_dump_json(),
        status_code=status,
        media_type=api.PROBLEM_JSON,
        headers=dict(headers or {}),
    )


def from_validation(error: ValidationError, *, where: Iterable[str | int] = ()) -> list[api.FieldError]:
    """Pydantic's errors with the field's full name, as `drafts.0.title`."""
    return [_field_error(one, tuple(where)) for one in error.errors(include_url=False, include_input=False)]


def refusal(error: CreatorLensError, *, where: str = "") -> Refusal:
    """What a service's own error means over HTTP. `where` goes before the field, as `drafts.3.`."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, InputError):
        field = None if error.field is None else f"{where}{error.field}"
        told = [api.FieldError(field=field, message=error.message, hint=error.hint)]
        if isinstance(error, ConflictError):
            return Refusal(409, str(error), told, CONFLICT)
        return Refusal(404 if isinstance(error, NotFoundError) else 422, str(error), told)
    if isinstance(error, NotReadyError):
        return Refusal(409, str(error))
    return Refusal(500, "The service failed; the log says why.")


def install(app: FastAPI) -> None:
    """Our words for every error that FastAPI, Starlette or a service raises."""
    app.add_exception_handler(CreatorLensError, _ours)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _starlettes)


async def _ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, CreatorLensError)
    meant = refusal(error)
    if meant.status == 500:
        raise error
    return respond(
        meant.status,
        meant.detail,
        meant.errors,
        {"Retry-After": "1"} if meant.status == 503 else None,
        meant.title,
    )


async def _parameters(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # loc begins with where the parameter stands: query, path.
    errors = [_field_error({**one, "loc": one["loc"][1:]}, ()) for one in error.errors()]
    return respond(422, _summary(errors), errors)


async def _starlettes(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return respond(404, f"Nothing is at {request.url.path}; GET /v1/openapi.json lists what there is.")
    if error.status_code == 405:
        return respond(405, f"{request.method} is not possible here.", headers=error.headers)
    return respond(error.status_code, str(error.detail), headers=error.headers)


def _field_error(error: Mapping[str, Any], where: tuple[str | int, ...]) -> api.FieldError:
    context = error.get("ctx") or {}
    parts = [*where, *error["loc"], *([context["field"]] if "field" in context else [])]
    field = ".".join(str(part) for part in parts) or None
    kind = error["type"]
    if kind == "extra_forbidden":
        return api.FieldError(field=field, message="unknown field", hint=_unknown_field_hint(parts))
    if kind == "missing":
        return api.FieldError(field=field, message="is required")
    return api.FieldError(field=field, message=error["msg"])


def _unknown_field_hint(parts: Sequence[str | int]) -> str:
    name = str(parts[-1])
    in_draft = len(parts) == 1 or parts[0] == "drafts"
    if in_draft and name in api.PredictRequest.model_fields:
        return 'Beside the drafts: {"drafts": [...], "horizons": [...], "record": true}.'
    model = api.DraftRequest if in_draft and len(parts) != 1 else api.PredictRequest
    known = [*model.model_fields, *(api.DraftRequest.model_fields if len(parts) == 1 else ())]
    alike = nearest(name, known)
    return f"Did you mean {alike[0]}?" if alike else f"Known: {', '.join(known)}."


def _summary(errors: Sequence[api.FieldError]) -> str:
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{first.field or 'request'}: {first.message}{more}"


def invalid(errors: Sequence[api.FieldError]) -> Refusal:
    return Refusal(422, _summary(errors), errors)
