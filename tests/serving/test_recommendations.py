"""Advice over HTTP, with the real service and the typed client: what is answered, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.testclient import TestClient

from creatorlens.advice.content import Content
from creatorlens.advice.timing import ScheduleRequest
from creatorlens.client import ApiError, Client
from creatorlens.platforms import Platform
from creatorlens.records import Draft


@pytest.fixture
def client(served: TestClient) -> Client:
    def pass_on(request: httpx.Request) -> httpx.Response:
        answer = served.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    return Client("http://testserver", transport=httpx.MockTransport(pass_on))


@pytest.fixture
def kept(client: Client) -> Content:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    return client.create_content(
        Draft("youtube:ann", Platform.YOUTUBE, at, title="How I built a desk in 3 days", hashtags=("desk",))
    )


@pytest.mark.parametrize("kind", ["titles", "hashtags", "timing"])
def test_advice_names_the_draft_and_the_version_it_speaks_of(
    client: Client, kept: Content, kind: str
) -> None:
    found = getattr(client, kind)(kept.content_id)
    assert (found.content_id, found.version, found.channel_id) == (kept.content_id, 1, "youtube:ann")
    assert found.words
    # the same draft gets the same advice
    again = getattr(client, kind)(kept.content_id)
    assert again.model_dump(exclude={"as_of", "seconds"}) == found.model_dump(exclude={"as_of", "seconds"})


def test_every_suggested_title_can_be_applied_as_it_comes(client: Client, kept: Content) -> None:
    for one in client.titles(kept.content_id).suggestions[:2]:
        content = client.content(kept.content_id)
        applied = client.apply(content.content_id, one, version=content.now.version)
        assert applied.content.now.title == one.change.title
        assert applied.receipt.kind == "titles"


def test_strategy_speaks_of_a_channel_by_its_name_or_by_a_draft(
    served: TestClient, client: Client, kept: Content
) -> None:
    found = client.strategy("youtube:ann")
    assert (found.channel_id, found.platform) == ("youtube:ann", Platform.YOUTUBE)
    answer = served.get(f"/v1/recommendations/strategy/{kept.content_id}")
    assert answer.json()["channel_id"] == "youtube:ann"


def test_a_schedule_comes_as_json_and_as_a_calendar(client: Client, kept: Content) -> None:
    wanted = ScheduleRequest(content_ids=(kept.content_id,), days=7)
    found = client.schedule(wanted)
    assert [post.content_id for post in found.posts] == [kept.content_id]
    calendar = client.calendar(wanted)
    assert calendar.startswith("BEGIN:VCALENDAR")
    assert calendar.count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize("kind", ["titles", "hashtags", "timing", "thumbnails"])
def test_of_what_is_not_kept_nothing_is_advised(client: Client, kind: str) -> None:
    with pytest.raises(ApiError) as error:
        getattr(client, kind)("no-such-content")
    assert (error.value.status, error.value.problem.errors[0].field) == (404, "content_id")


def test_an_unknown_channel_is_said_with_its_field(client: Client) -> None:
    with pytest.raises(ApiError) as error:
        client.strategy("youtube:nobody")
    assert (error.value.status, error.value.problem.errors[0].field) == (404, "channel")


def test_what_is_wrong_in_a_schedule_is_said_with_its_field(served: TestClient, kept: Content) -> None:
    good = {"content_ids": [kept.content_id]}
    for told, field in (
        ({"content_ids": []}, "content_ids"), ({**good, "days": 0}, "days"), ({**good, "dais": 3}, "dais"),
        ({**good, "blackout": [{"start_hour": 25, "end_hour": 3}]}, "blackout.0.start_hour"),
    ):  # fmt: skip
        answer = served.post("/v1/recommendations/schedule", json=told)
        assert answer.status_code == 422, told
        assert answer.json()["errors"][0]["field"] == field
