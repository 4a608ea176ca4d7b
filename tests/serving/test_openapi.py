"""The description at /v1/openapi.json."""

from __future__ import annotations

from openapi_spec_validator import validate
from starlette.testclient import TestClient


def test_the_description_is_valid_and_complete(served: TestClient) -> None:
    described = served.get("/v1/openapi.json").json()
    validate(described)
    assert set(described["paths"]) == {
        "/v1/predict", "/v1/predictions/{prediction_id}", "/v1/channels", "/v1/channels/{channel_id}",
        "/v1/track-record", "/v1/models", "/v1/health", "/v1/analyze", "/v1/analyses/{analysis_id}",
        "/v1/predictions/{prediction_id}/replay", "/v1/predictions/{prediction_id}/revise",
        "/v1/webhooks/performance/{platform}", "/v1/lineage/{lineage_id}", "/v1/metric-definitions",
        "/v1/promotions", "/v1/drift", "/v1/models/{platform}/card", "/v1/trends",
        "/v1/content", "/v1/content/{content_id}", "/v1/content/{content_id}/apply",
        "/v1/content/{content_id}/receipts", "/v1/receipts", "/v1/assets/{sha256}",
        "/v1/recommendations/titles/{content_id}", "/v1/recommendations/hashtags/{content_id}",
        "/v1/recommendations/timing/{content_id}", "/v1/recommendations/thumbnails/{content_id}",
        "/v1/recommendations/thumbnails/{content_id}/export", "/v1/recommendations/strategy",
        "/v1/recommendations/strategy/{content_id}", "/v1/recommendations/schedule",
        "/v1/experiments", "/v1/experiments/power", "/v1/experiments/pooled", "/v1/experiments/{experiment_id}",
        "/v1/experiments/{experiment_id}/stop", "/v1/experiments/{experiment_id}/observations",
        "/v1/experiments/{experiment_id}/verdict",
    }  # fmt: skip
    body = described["paths"]["/v1/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for one in body["oneOf"]:
        assert one["$ref"].removeprefix("#/components/schemas/") in described["components"]["schemas"]
    for path in described["paths"].values():
        for operation in path.values():
            assert set(operation["responses"]) == {"200", "default"}
            assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_the_documentation_page_fetches_nothing_from_elsewhere(served: TestClient) -> None:
    page = served.get("/v1/docs").text
    assert "https://" not in page
    assert served.get("/v1/docs/assets/swagger-ui-bundle.js").status_code == 200
    assert served.get("/", follow_redirects=False).headers["location"] == "/v1/docs"
