"""Bodies of requests that are decoded by hand, so that every refusal is in our words; and how they are described."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import orjson
from fastapi import Response
from pydantic import BaseModel, ValidationError

from creatorlens import api
from creatorlens.errors import nearest
from serving import openapi
from serving.problems import Refusal, from_validation, invalid

Body = TypeVar("Body", bound=BaseModel)


def decoded(
    model: type[Body], body: bytes, content_type: str | None, context: Mapping[str, Any] | None = None
) -> Body:
    """`context`: for validation (creatorlens.api). Raises Refusal: 400 malformed, 415 no JSON, 422 invalid."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, f"The body must be application/json, not {kind or 'unnamed'}.")
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"Not JSON: {error}.") from None
    if not isinstance(payload, dict):
        raise Refusal(422, "The body must be an object.")
    try:
        return model.model_validate(payload, context=dict(context or {}))
    except ValidationError as error:
        raise invalid([_with_hint(one, model) for one in from_validation(error)]) from None


def described(model: type[BaseModel], example: Mapping[str, Any] | None = None) -> dict[str, object]:
    """The request body for OpenAPI; `model` is to be among `openapi.BODIES`."""
    content: dict[str, object] = {"schema": {"$ref": openapi.REF.format(model=model.__name__)}}
    if example is not None:
        content["example"] = dict(example)
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def answered(answer: BaseModel, headers: Mapping[str, str] | None = None) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json", headers=dict(headers or {}))


def _with_hint(error: api.FieldError, model: type[BaseModel]) -> api.FieldError:
    if error.message != "unknown field":
        return error
    *path, name = (error.field or "").split(".")
    known = list(_inner(model, path).model_fields)
    alike = nearest(name, known)
    hint = f"Did you mean {alike[0]}?" if alike else f"Known: {', '.join(known)}."
    return error.model_copy(update={"hint": hint})


def _inner(model: type[BaseModel], path: list[str]) -> type[BaseModel]:
    """The record that a field's path leads to; places in lists are passed over."""
    for part in path:
        field = model.model_fields.get(part)
        if field is not None:
            model = next(_models(field.annotation), model)
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)
