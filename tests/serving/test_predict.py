"""POST /v1/predict and what is read back, over the real service, online store and registry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import pytest
from starlette.testclient import TestClient

from creatorlens import api
from creatorlens.client import ApiError, Client

Draft = dict[str, object]


@pytest.fixture
def client(served: TestClient) -> Client:
    """The typed client over the service in this process."""

    def pass_on(request: httpx.Request) -> httpx.Response:
        answer = served.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    return Client("http://testserver", transport=httpx.MockTransport(pass_on))


def test_one_draft_is_forecast_against_its_channels_typical_band(served: TestClient, draft: Draft) -> None:
    answer = served.post("/v1/predict", json=draft)
    assert answer.status_code == 200
    (prediction,) = api.PredictResponse.model_validate_json(answer.content).predictions
    assert [f.horizon_h for f in prediction.forecasts] == [24, 168, 720]
    middle = prediction.forecasts[1]
    assert middle.floor == 137
    assert (middle.p10, middle.p50, middle.p90) == (137, 274, 548)
    assert prediction.typical_band is not None
    assert prediction.typical_band.n == 20
    assert prediction.typical_band.p50 == pytest.approx(129.5, abs=1)
    assert prediction.drivers[0].words == "length of the title"
    assert (prediction.metric, prediction.serves, prediction.recorded) == ("views", "model", True)
    assert len(prediction.input_hash) == 64


def test_a_prediction_can_be_read_back_by_its_id(client: Client, draft: Draft) -> None:
    request = api.DraftRequest.model_validate(draft)
    (made,) = client.predict([request]).predictions
    kept = client.prediction(made.prediction_id)
    assert kept.forecasts == made.forecasts
    assert kept.input_hash == made.input_hash
    assert kept.planned_at == made.planned_at
    assert kept.source == "api"
    assert not kept.retrospective


def test_what_if_leaves_no_trace(client: Client, draft: Draft) -> None:
    (made,) = client.predict([api.DraftRequest.model_validate(draft)], record=False).predictions
    assert not made.recorded
    with pytest.raises(ApiError) as told:
        client.prediction(made.prediction_id)
    assert told.value.status == 404


def test_many_drafts_come_back_in_their_order(client: Client, draft: Draft) -> None:
    drafts = [
        api.DraftRequest.model_validate(draft | {"channel": f"youtube:{name}"})
        for name in ("bob", "ann", "bob", "ann")
    ]
    answer = client.predict(drafts, horizons=[168])
    assert [p.channel_id for p in answer.predictions] == [d.channel for d in drafts]
    assert [p.forecasts[0].floor for p in answer.predictions] == [5037, 137, 5037, 137]


def test_the_same_draft_has_the_same_input_hash_and_another_title_another(
    client: Client, draft: Draft
) -> None:
    first, again, other = (
        client.predict([api.DraftRequest.model_validate(draft | more)], record=False).predictions[0]
        for more in ({}, {}, {"title": "Something else"})
    )
    assert first.input_hash == again.input_hash != other.input_hash


def test_single_drafts_that_arrive_together_are_each_answered(served: TestClient, draft: Draft) -> None:
    def ask(i: int) -> tuple[int, str]:
        answer = served.post(
            "/v1/predict", json=draft | {"channel": "bob" if i % 2 else "ann", "platform": "youtube"}
        )
        return i, answer.json()["predictions"][0]["channel_id"]

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(48)))
    assert all(channel == ("youtube:bob" if i % 2 else "youtube:ann") for i, channel in answers)


def test_one_strange_channel_does_not_spoil_the_others_batch(served: TestClient, draft: Draft) -> None:
    def ask(i: int) -> int:
        return served.post(
            "/v1/predict", json=draft | ({"channel": "youtube:nobody"} if i % 4 == 0 else {})
        ).status_code

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(16))) == [404 if i % 4 == 0 else 200 for i in range(16)]


def test_the_offset_of_the_planned_time_is_kept(client: Client, draft: Draft) -> None:
    planned = datetime.fromisoformat(str(draft["planned_at"])).replace(tzinfo=None).isoformat() + "+05:30"
    (made,) = client.predict([api.DraftRequest.model_validate(draft | {"planned_at": planned})]).predictions
    assert made.planned_at.isoformat() == client.prediction(made.prediction_id).planned_at.isoformat()
    assert str(made.planned_at.isoformat()).endswith("+05:30")


def test_channels_are_listed_page_by_page(client: Client) -> None:
    first = client.channels(limit=1)
    assert [c.channel_id for c in first.channels] == ["youtube:ann"]
    assert first.channels[0].posts == 40
    second = client.channels(limit=1, cursor=first.next_cursor)
    assert [c.channel_id for c in second.channels] == ["youtube:bob"]
    assert second.next_cursor is None
    assert [c.channel_id for c in client.channels(q="BOB").channels] == ["youtube:bob"]
    assert client.channels(platform="tiktok").channels == ()


def test_a_channel_shows_the_same_band_as_its_forecasts(client: Client, draft: Draft) -> None:
    detail = client.channel("youtube:ann")
    (made,) = client.predict([api.DraftRequest.model_validate(draft)], record=False).predictions
    assert detail.typical_band == made.typical_band
    assert detail.floor == made.forecasts[0].floor
    assert detail.recent_posts[0].title == "Film 39"
    assert detail.recent_posts[0].outcome == 139


def test_models_health_and_track_record_answer(client: Client) -> None:
    serving = {m.platform.value: m for m in client.models().models}
    assert serving["youtube"].serves == "model"
    assert serving["tiktok"].serves is None
    assert client.health().models["youtube"].startswith("creatorlens-youtube/")
    assert client.health().status == "ok"
    assert client.track_record(channel_id="youtube:ann").channel_id == "youtube:ann"


def test_metrics_count_by_route_not_by_path(served: TestClient, draft: Draft) -> None:
    served.get("/v1/predictions/some-id")
    served.post("/v1/predict", json=draft)
    text = served.get("/metrics").text
    assert 'route="/v1/predictions/{prediction_id}",status="404"' in text
    assert "some-id" not in text
    assert 'creatorlens_predictions_total{platform="youtube",serves="model"}' in text
    assert 'creatorlens_model_info{platform="youtube",serves="model",version="' in text
    assert "creatorlens_request_seconds_bucket" in text
