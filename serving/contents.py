"""Kept drafts over HTTP: versions, applied suggestions with their receipts, and the pictures they speak of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import FastAPI, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import AfterValidator

from creatorlens import api
from creatorlens.advice.content import Applied, ApplyRequest, Content, ContentPage, ContentRequest, Receipts
from creatorlens.blobs import BlobStore
from creatorlens.errors import InputError, NotFoundError
from services.advice.applying import apply as apply_to
from services.advice.receipts import receipts
from services.content import contents
from services.content.assets import find
from serving import openapi
from serving.bodies import answered, decoded, described
from serving.state import State

Name = Annotated[str, Path(max_length=255), AfterValidator(api.no_nul)]
Channel = Annotated[str | None, Query(max_length=255), AfterValidator(api.no_nul)]
PICTURES = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/avif": "avif",
    "image/bmp": "bmp", "image/tiff": "tif",
}  # fmt: skip
"""What is handed out, under which ending; anything that a browser would run is not among them."""
DRAFT = {
    "channel": "youtube:UC123", "title": "Ten lenses, one winner", "planned_at": "2026-12-01T18:30:00+01:00",
    "hashtags": ["lenses"],
}  # fmt: skip
CHANGE = {"kind": "titles", "change": {"title": "One winner: ten lenses"}, "version": 1}


def install(app: FastAPI) -> None:
    _kept(app)
    _receipts(app)
    _pictures(app)


def _kept(app: FastAPI) -> None:
    @app.post(
        "/v1/content",
        openapi_extra=described(ContentRequest, DRAFT),
        responses=openapi.answers(Content),
    )
    async def keep(request: Request) -> Response:
        """Keep a draft. Suggestions are asked for, and applied, by its `content_id`."""
        state: State = request.app.state.service
        wanted = await _draft(request)
        return _tagged(await run_in_threadpool(contents.keep, state.engine, _in(state), wanted))

    @app.get("/v1/content", responses=openapi.answers(ContentPage))
    def listed(
        request: Request,
        channel: Channel = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=64), AfterValidator(api.no_nul)] = None,
    ) -> Response:
        """Kept drafts, newest first, page by page."""
        state: State = request.app.state.service
        found = contents.contents(state.engine, _in(state), channel_id=channel, limit=limit, cursor=cursor)
        return answered(found)

    @app.get("/v1/content/{content_id}", responses=openapi.answers(Content))
    def one(request: Request, content_id: Name) -> Response:
        """A kept draft with all its versions; or a channel's own post as `platform:post_id`, to be read only."""
        state: State = request.app.state.service
        return _tagged(contents.find_content(state.engine, _in(state), content_id))

    @app.put(
        "/v1/content/{content_id}",
        openapi_extra=described(ContentRequest, DRAFT),
        responses=openapi.answers(Content),
    )
    async def change(
        request: Request,
        content_id: Name,
        version: Annotated[int | None, Query(ge=1)] = None,
        if_match: Annotated[str | None, Header(max_length=64)] = None,
    ) -> Response:
        """A new version in place of the newest, named by `version` or If-Match; 409 where it is another by now."""
        state: State = request.app.state.service
        replaced = _replaced(version, if_match)
        wanted = await _draft(request)

        def do() -> Content:
            return contents.change(state.engine, _in(state), content_id, wanted, version=replaced)

        return _tagged(await run_in_threadpool(do))

    @app.delete("/v1/content/{content_id}", responses=openapi.answers(Content))
    def delete(request: Request, content_id: Name) -> Response:
        """Take it off the list; answers it as it was. Versions and receipts are not lost."""
        state: State = request.app.state.service
        return answered(contents.delete(state.engine, _in(state), content_id))


def _receipts(app: FastAPI) -> None:
    @app.post(
        "/v1/content/{content_id}/apply",
        openapi_extra=described(ApplyRequest, CHANGE),
        responses=openapi.answers(Applied),
    )
    async def apply(request: Request, content_id: Name) -> Response:
        """Apply a suggestion: a new version, and a receipt of what is expected of it, graded once it is out."""
        state: State = request.app.state.service
        wanted = decoded(ApplyRequest, await request.body(), request.headers.get("content-type"))
        return answered(await run_in_threadpool(lambda: apply_to(state.desk(), content_id, wanted)))

    @app.get("/v1/content/{content_id}/receipts", responses=openapi.answers(Receipts))
    def of_content(request: Request, content_id: Name) -> Response:
        """What was applied to it, newest first."""
        state: State = request.app.state.service
        contents.find_content(state.engine, _in(state), content_id)
        return answered(receipts(state.engine, _in(state), content_id))

    @app.get("/v1/receipts", responses=openapi.answers(Receipts))
    def all_receipts(request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> Response:
        """Everything that was applied, newest first, and how what was expected of it came out."""
        state: State = request.app.state.service
        return answered(receipts(state.engine, _in(state), limit=limit))


def _pictures(app: FastAPI) -> None:
    responses: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "The bytes",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURES},
        },
        "default": openapi.answers(Content)["default"],
    }

    @app.get("/v1/assets/{sha256}", responses=responses, response_class=Response)
    def picture(request: Request, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]) -> Response:
        """A picture that this workspace holds: one that was handed in, or made for a suggestion."""
        state: State = request.app.state.service
        asset = find(state.engine, _in(state), sha256)
        kind = asset.file.mime
        content = BlobStore(state.settings.blobs).read(asset.blob_key) if kind in PICTURES else None
        if content is None:
            raise NotFoundError(f"no picture with the sha256 {sha256} is held here.", field="sha256")
        name = f"{sha256[:12]}.{PICTURES[kind]}"
        # bytes never change under their hash
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, max-age=31536000, immutable",
        }
        return Response(content, media_type=kind, headers=headers)


async def _draft(request: Request) -> ContentRequest:
    settings = request.app.state.service.settings
    context: Mapping[str, Any] = {
        "now": datetime.now(UTC),
        "max_title_chars": settings.max_title_chars,
        "max_text_chars": settings.max_text_chars,
    }
    body = await request.body()
    return decoded(ContentRequest, body, request.headers.get("content-type"), context)


def _replaced(version: int | None, if_match: str | None) -> int:
    """The version that a change is made to: told one way or the other."""
    told = (if_match or "").strip().removeprefix("W/").strip('"')
    if version is None and told.isdigit():
        return int(told)
    if version is None:
        raise InputError(
            "say which version is replaced.", field="version", hint='As ?version=3, or If-Match: "3".'
        )
    return version


def _tagged(content: Content) -> Response:
    return answered(content, {"ETag": f'"{content.now.version}"'})


def _in(state: State) -> str:
    return state.settings.workspace
