"""Where a forecast comes from, over HTTP: its lineage, its replay, and what the counts mean."""

from __future__ import annotations

from threading import Semaphore
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request, Response
from pydantic import AfterValidator

from creatorlens import api, api_operations
from creatorlens.api_definitions import MetricDefinitions
from creatorlens.platforms import Platform
from services.insights.definitions import metric_definitions
from services.insights.lineage import lineage
from services.insights.replaying import replay
from serving import openapi
from serving.problems import Refusal
from serving.state import State

Key = Annotated[str, Path(max_length=255), AfterValidator(api.no_nul)]

# A replay may load a second model, or start a process with the code of the version: one at a time.
_REPLAYS = Semaphore(1)
WAIT_S = 20.0


def install(app: FastAPI) -> None:
    @app.get("/v1/predictions/{prediction_id}/replay", responses=openapi.answers(api_operations.Replay))
    def replayed(request: Request, prediction_id: Key) -> Response:
        """Computed again from what the ledger kept: exact to the last bit, or what differs."""
        state = _state(request)
        if not _REPLAYS.acquire(timeout=WAIT_S):
            raise Refusal(503, "Another prediction is being replayed; try again in a few seconds.")
        try:
            found = replay(state.engine, state.settings, prediction_id)
        finally:
            _REPLAYS.release()
        return Response(found.model_dump_json(), media_type="application/json")

    @app.get("/v1/lineage/{lineage_id}", responses=openapi.answers(api_operations.Lineage))
    def traced(request: Request, lineage_id: Key) -> Response:
        """From imported file to graded outcome; takes a lineage id, or a prediction's."""
        state = _state(request)
        found = lineage(state.engine, state.settings, lineage_id)
        return Response(found.model_dump_json(), media_type="application/json")

    @app.get("/v1/metric-definitions", responses=openapi.answers(MetricDefinitions))
    def defined(platform: Annotated[api.PlatformName | None, Query()] = None) -> Response:
        """What each count means, and when platforms changed it, with sources."""
        found = metric_definitions(None if platform is None else Platform(platform))
        return Response(found.model_dump_json(), media_type="application/json")


def _state(request: Request) -> State:
    state: State = request.app.state.service
    return state
