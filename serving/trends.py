"""GET /v1/trends: what is on the rise on a platform, and what hours, weekdays and months are worth there."""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from sqlalchemy import Engine

from creatorlens import api
from creatorlens.api_operations import Trends
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from serving import openapi

KEPT = 32


class TrendsDesk:
    """Answers are kept until the platform's features are computed again: they change with what is known only."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Platform, datetime | None, str | None], Trends] = {}
        self._one_at_a_time = Lock()

    def answer(
        self, engine: Engine, settings: Settings, platform: Platform, as_of: datetime | None
    ) -> Trends:
        from features.manifest import read_manifest
        from services.analytics.trends import trends

        manifest = read_manifest(settings, platform)
        key = (settings.workspace, platform, as_of, manifest.materialised_at if manifest else None)
        with self._one_at_a_time:
            if key not in self._kept:
                found = trends(engine, settings, platform, as_of)
                while len(self._kept) >= KEPT:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[key] = found
            return self._kept[key]


def install(app: FastAPI) -> None:
    desk = TrendsDesk()

    @app.get("/v1/trends", responses=openapi.answers(Trends))
    def trends(
        request: Request,
        platform: Annotated[api.PlatformName, Query()],
        as_of: Annotated[datetime | None, Query()] = None,
    ) -> Response:
        """What is used more than it used to be, how posts with it did, and the worth of hours, weekdays and months.

        `as_of` (with a zone): as known at that moment; by default, when the newest post became public.
        """
        state = request.app.state.service
        found = desk.answer(state.engine, state.settings, Platform(platform), as_of)
        return Response(found.model_dump_json(), media_type="application/json")
