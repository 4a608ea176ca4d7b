"""The OpenAPI description: the request bodies that are decoded by hand, and problem+json everywhere."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from creatorlens import api
from creatorlens.advice.content import ApplyRequest, ContentRequest
from creatorlens.advice.experiments import ExperimentRequest, PowerRequest, TrialObservationsRequest
from creatorlens.advice.timing import ScheduleRequest
from creatorlens.api_revisions import ObservationsRequest, ReviseRequest

ASSETS = "/v1/docs/assets"
REF = "#/components/schemas/{model}"
# Decoded by hand, so described by hand.
BODIES = (
    api.DraftRequest,
    api.PredictRequest,
    api.AnalyzeRequest,
    ObservationsRequest,
    ReviseRequest,
    ContentRequest,
    ApplyRequest,
    ScheduleRequest,
    PowerRequest,
    ExperimentRequest,
    TrialObservationsRequest,
)

PREDICT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {"$ref": REF.format(model="DraftRequest")},
                        {"$ref": REF.format(model="PredictRequest")},
                    ]
                },
                "examples": {
                    "one": {
                        "summary": "One draft",
                        "value": {
                            "channel": "youtube:UC123",
                            "title": "Ten lenses, one winner",
                            "planned_at": "2026-12-01T18:30:00+01:00",
                        },
                    },
                    "many": {
                        "summary": "What if: two times, nothing recorded",
                        "value": {
                            "drafts": [
                                {
                                    "channel": "youtube:UC123",
                                    "title": "Ten lenses, one winner",
                                    "planned_at": f"2026-12-0{day}T18:30:00+01:00",
                                }
                                for day in (1, 2)
                            ],
                            "horizons": [24, 168],
                            "record": False,
                        },
                    },
                },
            }
        },
    }
}

ANALYZE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                            "description": "Pictures, recordings, videos, texts, archives of them. At most 50.",
                        },
                        "blob": {
                            "type": "array",
                            "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                            "description": "sha256 of files that were sent before.",
                        },
                        "title": {"type": "string"},
                        "text": {"type": "string"},
                        "platform": {"type": "string"},
                        "channel": {"type": "string"},
                        "transcribe": {"type": "boolean", "default": True},
                    },
                },
                "encoding": {"file": {"contentType": "image/*, audio/*, video/*, text/plain"}},
            },
            "application/json": {
                "schema": {"$ref": REF.format(model="AnalyzeRequest")},
                "examples": {
                    "again": {
                        "summary": "A file that was sent before, with another title",
                        "value": {
                            "blobs": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
                            "title": "Ten lenses, one winner",
                            "platform": "youtube",
                        },
                    }
                },
            },
        },
    }
}


def answers(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The answer's schema, and problem details for everything else."""
    return {
        200: {"model": model},
        "default": {
            "description": "Problem details",
            "content": {api.PROBLEM_JSON: {"schema": {"$ref": REF.format(model="Problem")}}},
        },
    }


def install(app: FastAPI) -> None:
    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            description = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            )
            _, by_hand = models_json_schema(
                [(model, "validation") for model in (*BODIES, api.Problem)],
                ref_template=REF,
            )
            schemas = description.setdefault("components", {}).setdefault("schemas", {})
            for name, schema in by_hand["$defs"].items():
                schemas.setdefault(name, schema)
            for path in description["paths"].values():
                for operation in path.values():
                    # Ours go under `default`, as problem+json.
                    operation["responses"].pop("422", None)
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            app.openapi_schema = description
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]
    _pages(app)


def _pages(app: FastAPI) -> None:
    """Swagger's page at /v1/docs, from the files BentoML ships: nothing is fetched from elsewhere."""
    import bentoml._internal.server as bento_server

    files = PurePath(bento_server.__file__).parent / "static_content"
    app.mount(ASSETS, StaticFiles(directory=str(files)), name="swagger")

    @app.get("/v1/docs", include_in_schema=False)
    def docs() -> Response:
        return get_swagger_ui_html(
            openapi_url="/v1/openapi.json",
            title=app.title,
            swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{ASSETS}/favicon-light-32x32.png",
        )

    @app.get("/", include_in_schema=False)
    def front() -> Response:
        return RedirectResponse("/v1/docs")
