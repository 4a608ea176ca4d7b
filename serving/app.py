"""REST under /v1. Decode, call, encode; what is known lives in the services."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import AfterValidator, BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

from creatorlens import __version__, api
from creatorlens.errors import CreatorLensError
from creatorlens.reading.analysis import Analysis
from creatorlens.settings import Settings, load_settings
from features.one_thread import one_thread
from services.analysis.stored import stored_analysis
from services.analytics.channels import channel, channels
from services.analytics.track_record import track_record
from services.insights import ledger
from services.insights.standing import health, models
from serving import (
    contents,
    experiments,
    lineage,
    logs,
    monitoring,
    openapi,
    problems,
    promotions,
    recommendations,
    revisions,
    trends,
)
from serving.decoding import Wanted, decode
from serving.edge import Edge
from serving.metrics import CONTENT_TYPE_LATEST, Metrics
from serving.receiving import receive
from serving.state import State, open_state

# While a batch is forecast, the event loop waits this long for the interpreter after each system call.
# Python's own 5 ms let 7 requests through per batch where 64 came (80 instead of 200 a second).
SWITCH_S = 0.0005
# Bodies above this are decoded off the event loop.
LARGE_BODY = 64 * 1024

PlatformQuery = Annotated[api.PlatformName | None, Query()]
Key = Annotated[str, Path(max_length=255), AfterValidator(api.no_nul)]
Search = Annotated[str | None, Query(max_length=200), AfterValidator(api.no_nul)]


def build_app(read_settings: Callable[[], Settings] = load_settings) -> FastAPI:
    """The application. Settings are read, and the database opened, when it starts, not when it is built."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        sys.setswitchinterval(SWITCH_S)
        logs.configure()
        state = await run_in_threadpool(open_state, read_settings(), metrics)
        app.state.service = state
        # Beside other work a draft waited 60 ms for threads that had nothing to do.
        with one_thread():
            yield
        await run_in_threadpool(state.close)

    app = FastAPI(
        title="CreatorLens",
        version=__version__,
        description="Forecasts of drafts against the channel's own typical band, and their track record.",
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Edge, metrics=metrics)
    problems.install(app)
    _forecasts(app)
    _contents(app)
    _channels(app)
    _operation(app, metrics)
    lineage.install(app)
    monitoring.install(app)
    promotions.install(app)
    revisions.install(app)
    contents.install(app)
    recommendations.install(app)
    experiments.install(app)
    trends.install(app)
    openapi.install(app)
    _leftovers(app)
    return app


def _forecasts(app: FastAPI) -> None:
    @app.post(
        "/v1/predict", openapi_extra=openapi.PREDICT_BODY, responses=openapi.answers(api.PredictResponse)
    )
    async def predict(request: Request) -> Response:
        """Forecast one draft, or many. Recorded in the ledger unless `record` is false."""
        state = _state(request)
        body = await request.body()
        kind = request.headers.get("content-type")
        if len(body) > LARGE_BODY:
            wanted = await run_in_threadpool(decode, body, kind, state.settings)
        else:
            wanted = decode(body, kind, state.settings)
        answers = await state.batcher.predict(wanted.jobs)
        return _json(_all_or_refused(wanted, answers))

    @app.get("/v1/predictions/{prediction_id}", responses=openapi.answers(api.GradedPrediction))
    def prediction(request: Request, prediction_id: Key) -> Response:
        """A prediction from the ledger, with its grades so far."""
        state = _state(request)
        return _json(ledger.get(state.engine, state.settings.workspace, prediction_id))

    @app.get("/v1/track-record", responses=openapi.answers(api.TrackRecord))
    def record(request: Request, platform: PlatformQuery = None, channel_id: Search = None) -> Response:
        """How graded predictions came out, against the floor."""
        state = _state(request)
        return _json(track_record(state.engine, state.settings, platform, channel_id))


def _contents(app: FastAPI) -> None:
    @app.post("/v1/analyze", openapi_extra=openapi.ANALYZE_BODY, responses=openapi.answers(Analysis))
    async def analyze(request: Request) -> Response:
        """Read a draft: files as multipart/form-data, or by their sha256; words; or both. Stored under its id."""
        state = _state(request)
        async with receive(request, state.settings) as wanted:
            return _json(await state.analyses.analyze(wanted))

    @app.get("/v1/analyses/{analysis_id}", responses=openapi.answers(Analysis))
    def analysis(request: Request, analysis_id: Key) -> Response:
        """What was read of a draft."""
        state = _state(request)
        return _json(stored_analysis(state.engine, state.settings.workspace, analysis_id))


def _channels(app: FastAPI) -> None:
    @app.get("/v1/channels", responses=openapi.answers(api.ChannelPage))
    def list_channels(
        request: Request,
        platform: PlatformQuery = None,
        q: Search = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        cursor: Annotated[str | None, Query(max_length=255), AfterValidator(api.no_nul)] = None,
    ) -> Response:
        """Channels by id, page by page."""
        state = _state(request)
        page = channels(state.engine, state.settings, platform=platform, q=q, limit=limit, cursor=cursor)
        return _json(page)

    @app.get("/v1/channels/{channel_id:path}", responses=openapi.answers(api.ChannelDetail))
    def one_channel(request: Request, channel_id: Key) -> Response:
        """A channel's typical band, floor and last posts."""
        state = _state(request)
        return _json(channel(state.engine, state.settings, channel_id))


def _operation(app: FastAPI, metrics: Metrics) -> None:
    @app.get("/v1/models", responses=openapi.answers(api.Models))
    def list_models(request: Request) -> Response:
        """What serves each platform now."""
        return _json(models(_state(request).source))

    @app.get("/v1/health", responses=openapi.answers(api.Health))
    def is_healthy(request: Request) -> Response:
        """200 while the process answers; `degraded` names what is missing."""
        state = _state(request)
        return _json(health(state.engine, state.settings, state.source))

    @app.get("/metrics", include_in_schema=False)
    def prometheus(request: Request) -> Response:
        served = _state(request).source.versions().values()
        return Response(metrics.exposition(served), media_type=CONTENT_TYPE_LATEST)


def _leftovers(app: FastAPI) -> None:
    @app.api_route(
        "/v1/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
    )
    def nothing(request: Request) -> Response:
        # BentoML passes on only what some route takes; without this one it would answer itself, in plain text.
        for route in app.routes:
            if route.matches(request.scope)[0] is Match.PARTIAL:
                raise HTTPException(405)
        raise HTTPException(404)


def _state(request: Request) -> State:
    state: State = request.app.state.service
    return state


def _all_or_refused(wanted: Wanted, answers: list[api.Prediction | CreatorLensError]) -> api.PredictResponse:
    """All predictions, or one refusal that names every draft at fault."""
    predictions: list[api.Prediction] = []
    refused: list[problems.Refusal] = []
    for i, answer in enumerate(answers):
        if isinstance(answer, api.Prediction):
            predictions.append(answer)
        else:
            refused.append(problems.refusal(answer, where="" if wanted.single else f"drafts.{i}."))
    if refused:
        worst = refused[0]
        errors = [error for one in refused if one.status == worst.status for error in one.errors]
        raise problems.Refusal(worst.status, worst.detail, errors)
    return api.PredictResponse.model_construct(predictions=tuple(predictions))


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")
