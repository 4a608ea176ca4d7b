"""Advice over HTTP: on a kept draft or an own post, and on a channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import AfterValidator, BaseModel

from creatorlens import api
from creatorlens.advice.content import Content
from creatorlens.advice.hashtags import Hashtags
from creatorlens.advice.strategy import Strategy
from creatorlens.advice.thumbnails import ThumbnailAdvice
from creatorlens.advice.timing import Schedule, ScheduleRequest, Timing
from creatorlens.advice.titles import TitleAdvice
from services.advice.kinds import entry
from services.content.contents import find_content
from serving import openapi
from serving.bodies import answered, decoded, described
from serving.state import State

Name = Annotated[str, Path(max_length=255), AfterValidator(api.no_nul)]
CALENDAR = "text/calendar"
EXAMPLE = {"content_ids": ["0197..."], "days": 14, "spacing_h": 24}


def install(app: FastAPI) -> None:
    _on_drafts(app)
    _on_channels(app)
    _schedules(app)


def _on_drafts(app: FastAPI) -> None:
    @app.get("/v1/recommendations/titles/{content_id}", responses=openapi.answers(TitleAdvice))
    def titles(request: Request, content_id: Name) -> Response:
        """Other titles or captions: what is changed, what it is expected to do, how it sounds beside the channel's own."""
        return _advice(request, "titles", content_id)

    @app.get("/v1/recommendations/hashtags/{content_id}", responses=openapi.answers(Hashtags))
    def hashtags(request: Request, content_id: Name) -> Response:
        """Which hashtags, how many, and what each is expected to do."""
        return _advice(request, "hashtags", content_id)

    @app.get("/v1/recommendations/timing/{content_id}", responses=openapi.answers(Timing))
    def timing(request: Request, content_id: Name) -> Response:
        """When to publish; that no time stands out is an answer."""
        return _advice(request, "timing", content_id)

    @app.get("/v1/recommendations/thumbnails/{content_id}", responses=openapi.answers(ThumbnailAdvice))
    def thumbnails(request: Request, content_id: Name) -> Response:
        """What is measured to be wrong with the picture, and pictures made of the draft's own material. Takes seconds."""
        return _advice(request, "thumbnails", content_id)

    @app.get("/v1/recommendations/thumbnails/{content_id}/export", responses=_zip())
    def export(request: Request, content_id: Name) -> Response:
        """The pictures as a zip with a manifest, ready for a test of them."""
        state = _state(request)
        content = find_content(state.engine, state.settings.workspace, content_id)
        packed: bytes = entry("thumbnails", "export_set")(state.desk(), content)
        headers = {"Content-Disposition": 'attachment; filename="thumbnails.zip"'}
        return Response(packed, media_type="application/zip", headers=headers)


def _on_channels(app: FastAPI) -> None:
    @app.get("/v1/recommendations/strategy", responses=openapi.answers(Strategy))
    def strategy(
        request: Request, channel: Annotated[str, Query(max_length=255), AfterValidator(api.no_nul)]
    ) -> Response:
        """What set a channel's outliers apart, topics and formats, gaps beside channels alike; with evidence posts."""
        return answered(entry("strategy")(_state(request).desk(), channel))

    @app.get("/v1/recommendations/strategy/{content_id}", responses=openapi.answers(Strategy))
    def strategy_of(request: Request, content_id: Name) -> Response:
        """The same for the channel of a kept draft."""
        state = _state(request)
        content = find_content(state.engine, state.settings.workspace, content_id)
        return answered(entry("strategy")(state.desk(), content.channel_id))


def _schedules(app: FastAPI) -> None:
    responses = openapi.answers(Schedule)
    responses[200] = {
        "model": Schedule,
        "content": {CALENDAR: {"schema": {"type": "string", "description": "iCalendar (RFC 5545)"}}},
    }

    @app.post(
        "/v1/recommendations/schedule",
        openapi_extra=described(ScheduleRequest, EXAMPLE),
        responses=responses,
    )
    async def schedule(request: Request) -> Response:
        """Times for several kept drafts, with spacing, zones and daylight saving; as iCalendar where `Accept` asks for
        text/calendar."""
        state = _state(request)
        wanted = decoded(ScheduleRequest, await request.body(), request.headers.get("content-type"))
        return await run_in_threadpool(_scheduled, state, wanted, request.headers.get("accept", ""))


def _scheduled(state: State, wanted: ScheduleRequest, accept: str) -> Response:
    found = entry("timing", "schedule")(state.desk(), wanted)
    if CALENDAR not in accept:
        return answered(found)
    calendar: str = entry("timing", "calendar")(found)
    headers = {"Content-Disposition": 'attachment; filename="schedule.ics"'}
    return Response(calendar, media_type=CALENDAR, headers=headers)


def _advice(request: Request, kind: str, content_id: str, **options: Any) -> Response:
    state = _state(request)
    content: Content = find_content(state.engine, state.settings.workspace, content_id)
    ask: Callable[..., BaseModel] = entry(kind)
    return answered(ask(state.desk(), content, **options))


def _zip() -> dict[int | str, dict[str, Any]]:
    binary = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
    problem = openapi.answers(Content)["default"]
    return {200: {"description": "A zip", "content": binary}, "default": problem}


def _state(request: Request) -> State:
    state: State = request.app.state.service
    return state
