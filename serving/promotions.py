"""GET /v1/promotions: the log of what serves, who decided it, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, Request, Response

from creatorlens import api
from creatorlens.api_operations import Promotions
from creatorlens.database.promotions import MOST, promotions
from serving import openapi
from serving.state import State


def install(app: FastAPI) -> None:
    @app.get("/v1/promotions", responses=openapi.answers(Promotions))
    def list_promotions(
        request: Request,
        platform: Annotated[api.PlatformName | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    ) -> Response:
        """Decisions on model versions, newest first: promoted, refused, rolled back, on trial."""
        state: State = request.app.state.service
        found = promotions(state.engine, state.settings.workspace, platform, limit=limit)
        return Response(found.model_dump_json(), media_type="application/json")
