"""GET /v1/drift and /v1/models/{platform}/card: how models hold up, and what they are."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path, Query, Request, Response
from pydantic import AfterValidator

from creatorlens import api
from creatorlens.api_operations import DriftReports, ModelCard
from creatorlens.platforms import Platform
from services.monitoring.cards import model_card
from services.monitoring.reports import drift_reports
from serving import openapi


def install(app: FastAPI) -> None:
    @app.get("/v1/drift", responses=openapi.answers(DriftReports))
    def drift(
        request: Request,
        platform: Annotated[api.PlatformName | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        """How far inputs and errors have moved since training, and whether that asks for a retraining; newest first."""
        state = request.app.state.service
        chosen = Platform(platform) if platform is not None else None
        found = drift_reports(state.engine, state.settings.workspace, chosen, limit)
        return Response(found.model_dump_json(), media_type="application/json")

    @app.get("/v1/models/{platform}/card", responses=openapi.answers(ModelCard))
    def card(
        request: Request,
        platform: Annotated[api.PlatformName, Path()],
        version: Annotated[str | None, Query(max_length=16), AfterValidator(api.no_nul)] = None,
    ) -> Response:
        """What a version was trained on, how it did, and where it should not be used; of the serving one by default."""
        found = model_card(request.app.state.service.settings, Platform(platform), version)
        return Response(found.model_dump_json(), media_type="application/json")
