"""Observations over HTTP: stored like imported ones, and the forecasts of their posts revised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, delete, func, select
from starlette.testclient import TestClient

from creatorlens import api
from creatorlens.api_revisions import ObservationIn, ObservationsAnswer
from creatorlens.client import ApiError, Client
from creatorlens.database import open_database, tables
from creatorlens.settings import Settings
from tests.services.insights.conftest import Book

POST = "seen-post"
HOOK = "/v1/webhooks/performance/youtube"


@dataclass(frozen=True)
class Published:
    """A draft that was forecast and came out three hours ago."""

    prediction: api.Prediction
    at: datetime
    engine: Engine

    def observation(self, hours: float = 2.9, **changes: Any) -> dict[str, Any]:
        at = (self.at + timedelta(hours=hours)).isoformat()
        return {"post_id": POST, "observed_at": at, "views": 400} | changes


@pytest.fixture
def published(served: TestClient, home: Settings, draft: dict[str, Any]) -> Iterator[Published]:
    at = datetime.now(UTC) - timedelta(hours=3)
    asked = draft | {"title": "A film that is out", "planned_at": at.isoformat()}
    answer = served.post("/v1/predict", json=asked)
    (prediction,) = api.PredictResponse.model_validate_json(answer.content).predictions
    engine = open_database(home)
    # It was forecast before anybody saw it: the ledger's own time is moved, as no test waits for hours.
    _moved_back(engine, prediction.prediction_id, at - timedelta(hours=1))
    Book(engine, home).post(POST, at, title="A film that is out")
    yield Published(prediction, at, engine)
    with engine.begin() as connection:
        connection.execute(delete(tables.observations).where(tables.observations.c.post_id == POST))
        connection.execute(delete(tables.posts).where(tables.posts.c.post_id == POST))
    engine.dispose()


def _moved_back(engine: Engine, prediction_id: str, at: datetime) -> None:
    """The ledger refuses updates: the row is copied under another time, which inserting allows."""
    p = tables.predictions
    with engine.begin() as connection:
        rows = connection.execute(select(p).where(p.c.prediction_id == prediction_id)).mappings().all()
        for row in rows:
            changed = {"prediction_id": f"{prediction_id[:-1]}z", "created_at": at, "retrospective": False}
            connection.execute(p.insert(), dict(row) | changed)


@pytest.fixture
def client(served: TestClient) -> Client:
    def pass_on(request: httpx.Request) -> httpx.Response:
        answer = served.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    return Client("http://testserver", transport=httpx.MockTransport(pass_on))


def sent(served: TestClient, *observations: dict[str, Any]) -> ObservationsAnswer:
    answer = served.post(HOOK, json={"observations": observations})
    assert answer.status_code == 200, answer.text
    return ObservationsAnswer.model_validate_json(answer.content)


def refused(answer: httpx.Response, status: int) -> api.Problem:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == api.PROBLEM_JSON
    return api.Problem.model_validate_json(answer.content)


def test_an_observation_is_stored_and_revises_what_is_still_to_come(
    served: TestClient, published: Published
) -> None:
    answer = sent(served, published.observation())
    assert (answer.received, answer.stored, answer.unchanged, answer.refused) == (1, 1, 0, ())
    (revised,) = answer.predictions
    assert revised.revises == f"{published.prediction.prediction_id[:-1]}z"
    assert [one.value for one in revised.seen] == [400]
    assert revised.seen[0].age_h == pytest.approx(2.9)
    # the small model of these tests doubles what was seen
    assert [(f.horizon_h, f.p50) for f in revised.forecasts] == [(24, 800), (168, 800), (720, 800)]
    read = served.get(f"/v1/predictions/{revised.prediction_id}")
    assert api.GradedPrediction.model_validate_json(read.content).revises == revised.revises


def test_the_same_call_again_changes_nothing_and_answers_the_same(
    served: TestClient, published: Published
) -> None:
    first, again = (sent(served, published.observation()) for _ in range(2))
    assert (again.stored, again.unchanged) == (0, 1)
    assert again.predictions == first.predictions
    with published.engine.connect() as connection:
        count = select(func.count()).where(tables.observations.c.post_id == POST)
        assert connection.execute(count).scalar_one() == 1


def test_bad_observations_are_named_with_field_and_reason_and_the_others_are_taken(
    served: TestClient, published: Published
) -> None:
    answer = sent(
        served,
        published.observation(views=-5),
        published.observation(2.8),
        published.observation(post_id="nobody"),
        published.observation(100),
        published.observation(views="many"),
        published.observation(-2),
        published.observation(views=None),
    )
    assert (answer.received, answer.stored, len(answer.predictions)) == (7, 1, 1)
    told = {one.index: (one.field, one.rule) for one in answer.refused}
    assert told == {
        0: ("observations.0.views", "counts_not_negative"),
        2: ("observations.2.post_id", "post_known"),
        3: ("observations.3.observed_at", "observed_at_not_in_future"),
        4: ("observations.4.views", "values_readable"),
        5: ("observations.5.observed_at", "observed_after_publishing"),
        6: (None, "some_count_present"),
    }
    assert answer.refused[0].reason == "views = -5 is negative"
    assert answer.refused[1].given["post_id"] == "nobody"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"observations": []}, "observations"),
        ({"observations": [{"observed_at": "2026-01-01T00:00:00Z"}]}, "observations.0.post_id"),
        ({"observations": [{"post_id": "p"}]}, "observations.0.observed_at"),
        (
            {"observations": [{"post_id": "p", "observed_at": "x", "likes": [1]}]},
            "observations.0.likes",
        ),
        ({"observations": [{"post_id": "p", "observed_at": "x", "view": 1}]}, "observations.0.view"),
        ({"rows": []}, "observations"),
    ],
)
def test_what_is_no_list_of_observations_is_named(
    served: TestClient, body: dict[str, Any], field: str
) -> None:
    errors = refused(served.post(HOOK, json=body), 422).errors
    assert errors[0].field == field
    if field.endswith(".view"):
        assert errors[0].hint == "Did you mean views?"


def test_no_json_an_unknown_platform_and_another_content_type(served: TestClient) -> None:
    json = {"content-type": "application/json"}
    assert "Not JSON" in refused(served.post(HOOK, content=b"{", headers=json), 400).detail
    refused(served.post(HOOK, content=b"a=b", headers={"content-type": "text/plain"}), 415)
    strange = served.post("/v1/webhooks/performance/youtub", json={"observations": []})
    assert "youtube" in refused(strange, 422).errors[0].message


def test_what_if_over_the_typed_client(client: Client, published: Published) -> None:
    name = published.prediction.prediction_id
    asked = client.revise(name, [(5, 100), (30, 250)])
    assert not asked.recorded
    assert [(f.horizon_h, f.p50) for f in asked.forecasts] == [(168, 500), (720, 500)]
    assert asked.revises == name
    with pytest.raises(ApiError, match="still to come") as future:
        client.revise(name, [(30, 250)], record=True)
    assert future.value.problem.errors[0].field == "seen.0.age_h"
    told = client.revise(name, [(2.5, 250)], record=True)
    assert client.prediction(told.prediction_id).seen == (api.Seen(age_h=2.5, value=250),)
    answer = client.observe(
        "youtube",
        [ObservationIn(post_id=POST, observed_at=(published.at + timedelta(hours=2)).isoformat(), views=90)],
    )
    assert (answer.stored, len(answer.predictions)) == (1, 1)


@pytest.mark.parametrize(
    ("seen", "field"),
    [
        ([], "seen"),
        ([{"age_h": 0, "value": 1}], "seen.0.age_h"),
        ([{"age_h": 5, "value": -1}], "seen.0.value"),
        ([{"age_h": 5, "value": 1}, {"age_h": 4, "value": 2}], "seen"),
        ([{"age_h": 721, "value": 1}], "seen.0.age_h"),
    ],
)
def test_what_cannot_have_been_seen_is_named(
    served: TestClient, published: Published, seen: list[dict[str, float]], field: str
) -> None:
    path = f"/v1/predictions/{published.prediction.prediction_id}/revise"
    assert refused(served.post(path, json={"seen": seen}), 422).errors[0].field == field


def test_an_unknown_prediction_is_not_found(served: TestClient) -> None:
    answer = served.post("/v1/predictions/none/revise", json={"seen": [{"age_h": 5, "value": 1}]})
    assert refused(answer, 404).errors[0].field == "prediction_id"


def test_the_description_names_both_bodies(served: TestClient) -> None:
    paths = served.get("/v1/openapi.json").json()["paths"]
    for path, model in (
        ("/v1/webhooks/performance/{platform}", "ObservationsRequest"),
        ("/v1/predictions/{prediction_id}/revise", "ReviseRequest"),
    ):
        body = paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert body["$ref"].endswith(f"/{model}")
