"""Tests of titles over HTTP, with the real service and the typed client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from creatorlens.advice.experiments import ExperimentRequest, ObservationOfVariant, PowerRequest
from creatorlens.client import ApiError, Client

START = datetime(2026, 6, 1, tzinfo=UTC)
PLAN = {"smallest": 0.3, "baseline": 0.05, "impressions_per_day": 4000}
BODY: dict[str, Any] = {
    "kind": "title",
    "channel": "youtube:ann",
    "variants": [{"variant_id": "a", "title": "Ten lenses"}, {"variant_id": "b", "title": "Which lens?"}],
    "plan": PLAN,
}


@pytest.fixture
def client(served: TestClient) -> Client:
    def pass_on(request: httpx.Request) -> httpx.Response:
        answer = served.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    return Client("http://testserver", transport=httpx.MockTransport(pass_on))


def day(number: int, clicks_b: int) -> list[ObservationOfVariant]:
    at = START + timedelta(days=number)
    return [
        ObservationOfVariant(
            variant_id=name,
            period_start=at,
            period_end=at + timedelta(days=1),
            impressions=2000,
            clicks=clicks,
        )
        for name, clicks in (("a", 100), ("b", clicks_b))
    ]


def test_from_the_power_check_to_the_verdict(client: Client) -> None:
    check = client.experiment_power(PowerRequest.model_validate(PLAN))
    assert check.decidable
    assert check.days is not None
    assert check.fixed_per_variant > 1000
    test = client.start_experiment(ExperimentRequest.model_validate(BODY))
    assert test.power.days == check.days
    assert client.experiment_verdict(test.experiment_id).finding == "undecided"
    for number in range(20):
        answer = client.observe_experiment(test.experiment_id, day(number, 160))
        if answer.status == "decided":
            break
    assert answer.verdict.winner == "b"
    assert client.observe_experiment(test.experiment_id, day(0, 160)).unchanged == 2
    assert client.experiment_verdict(test.experiment_id) == answer.verdict
    assert client.experiment(test.experiment_id).status == "decided"
    assert test.experiment_id in [
        one.experiment_id for one in client.experiments(channel="youtube:ann").experiments
    ]
    assert client.experiments(channel="youtube:bob").experiments == ()
    assert client.pooled_changes().tests >= 1
    for refused in (
        lambda: client.stop_experiment(test.experiment_id),
        lambda: client.observe_experiment(test.experiment_id, day(30, 160)),
    ):
        with pytest.raises(ApiError) as error:
            refused()
        assert error.value.status == 409


def test_baseline_and_traffic_come_from_the_channels_history(client: Client) -> None:
    """After the test above, or without it: views of the channel's posts tell its traffic."""
    check = client.experiment_power(
        PowerRequest.model_validate({"channel": "youtube:bob", "baseline": 0.05, "smallest": 0.5})
    )
    assert any("each view taken for a click" in one for one in check.assumed)
    assert check.per_day == pytest.approx(5_000 / 7 / 0.05, rel=0.05)
    weekly = client.experiment_power(
        PowerRequest.model_validate({"kind": "time", "channel": "youtube:bob", "smallest": 1.0})
    )
    assert any("posts a week" in one for one in weekly.assumed)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "titel"}, "kind"), ({"channel": "youtube:an"}, "channel"), ({"varianten": []}, "varianten"),
        ({"variants": BODY["variants"][:1]}, "variants"),
        ({"variants": [BODY["variants"][0], {"variant_id": "b", "title": "Ten lenses"}]}, "variants.1.title"),
        ({"variants": [BODY["variants"][0], {"variant_id": "b", "slot": "x"}]}, "variants.1.title"),
        ({"plan": PLAN | {"impressions_per_day": 30}}, "plan"), ({"plan": PLAN | {"level": 0.9}}, "plan.level"),
        ({"plan": PLAN | {"smallest": 0.5, "baseline": 0.9}}, "plan.smallest"),
        ({"plan": PLAN | {"allocation": "thompson", "rotation": "by-day"}}, "plan.allocation"),
        ({"content_id": "none"}, "content_id"),
    ],
)  # fmt: skip
def test_what_cannot_be_started_is_said_with_the_field(
    served: TestClient, change: dict[str, Any], field: str
) -> None:
    answer = served.post("/v1/experiments", json=BODY | change)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field


def test_what_is_unknown_or_malformed_is_a_problem(served: TestClient) -> None:
    for path in ("", "/verdict"):
        assert served.get(f"/v1/experiments/none{path}").status_code == 404
    assert served.post("/v1/experiments/none/stop").status_code == 404
    assert (
        served.post("/v1/experiments", content=b"{", headers={"content-type": "application/json"}).status_code
        == 400
    )
    told = served.post("/v1/experiments/none/observations", json={"observations": []}).json()
    assert told["errors"][0]["field"] == "observations"
    late = day(0, 5)[0].model_dump(mode="json") | {"period_end": START.isoformat()}
    told = served.post("/v1/experiments/none/observations", json={"observations": [late]}).json()
    assert told["errors"][0]["field"] == "observations.0.period_end"
