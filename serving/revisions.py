"""A published post has been seen: its observations in, its forecasts revised."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import AfterValidator

from creatorlens import api
from creatorlens.api_revisions import (
    ObservationsAnswer,
    ObservationsRequest,
    RefusedObservation,
    ReviseRequest,
)
from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from services.content.received import receive_observations
from services.insights import ledger
from services.insights.revising import revise, revise_one
from serving import openapi
from serving.bodies import answered, decoded, described
from serving.state import State

Key = Annotated[str, Path(max_length=255), AfterValidator(api.no_nul)]
PlatformPath = Annotated[api.PlatformName, Path()]


def install(app: FastAPI) -> None:
    @app.post(
        "/v1/webhooks/performance/{platform}",
        openapi_extra=described(ObservationsRequest),
        responses=openapi.answers(ObservationsAnswer),
    )
    async def performance(request: Request, platform: PlatformPath) -> Response:
        """Store observations of published posts, and revise the forecasts of those posts."""
        wanted = decoded(ObservationsRequest, await request.body(), request.headers.get("content-type"))
        return answered(await run_in_threadpool(_performance, request.app.state.service, platform, wanted))

    @app.post(
        "/v1/predictions/{prediction_id}/revise",
        openapi_extra=described(ReviseRequest),
        responses=openapi.answers(api.Prediction),
    )
    async def revision(request: Request, prediction_id: Key) -> Response:
        """The prediction, had its post been seen like this; written to the ledger where `record` is true."""
        wanted = decoded(ReviseRequest, await request.body(), request.headers.get("content-type"))
        return answered(await run_in_threadpool(_revision, request.app.state.service, prediction_id, wanted))


def _performance(state: State, platform: Platform, wanted: ObservationsRequest) -> ObservationsAnswer:
    rows = [one.model_dump() for one in wanted.observations]
    received = receive_observations(state.engine, state.settings, platform, rows)
    bad = {one.index for one in received.refused}
    posts = sorted({str(row["post_id"]).strip() for i, row in enumerate(rows) if i not in bad})
    remark: str | None = None
    made: tuple[api.GradedPrediction, ...] = ()
    try:
        report = revise(state.engine, state.settings, state.source, platform, post_ids=posts)
        made = tuple(
            ledger.get(state.engine, state.settings.workspace, name) for name in report.prediction_ids
        )
    except NotReadyError as error:
        # What was seen is stored; `creatorlens revise` makes up for it once there is a model.
        remark = str(error)
    return ObservationsAnswer(
        platform=platform,
        received=received.report.rows_read,
        stored=received.report.rows_taken,
        unchanged=received.report.rows_unchanged,
        refused=tuple(
            RefusedObservation(
                index=one.index,
                field=one.field and f"observations.{one.index}.{one.field}",
                rule=one.rule,
                reason=one.reason,
                given={name: value for name, value in rows[one.index].items() if value is not None},
            )
            for one in received.refused
        ),
        predictions=made,
        remark=remark,
    )


def _revision(state: State, prediction_id: str, wanted: ReviseRequest) -> api.Prediction:
    return revise_one(
        state.engine, state.settings, state.source, prediction_id, wanted.seen, record=wanted.record
    )
