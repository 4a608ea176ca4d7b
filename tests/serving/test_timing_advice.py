"""When to publish, over HTTP: advice on a kept draft, a schedule, and its calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from starlette.testclient import TestClient

from creatorlens import api
from creatorlens.advice.content import Content
from creatorlens.advice.timing import ScheduleRequest, Timing
from creatorlens.client import ApiError, Client

Keep = Callable[..., Content]


@pytest.fixture
def client(served: TestClient) -> Client:
    def pass_on(request: httpx.Request) -> httpx.Response:
        answer = served.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    return Client("http://testserver", transport=httpx.MockTransport(pass_on))


@pytest.fixture
def kept(served: TestClient, draft: dict[str, Any]) -> Keep:
    def do(**more: Any) -> Content:
        return Content.model_validate_json(served.post("/v1/content", json=draft | more).content)

    return do


def test_advice_says_no_time_stands_out_where_posts_went_out_at_one_hour(client: Client, kept: Keep) -> None:
    found = client.timing(kept().content_id)
    assert isinstance(found, Timing)
    assert found.verdict == "no-effect"
    assert found.suggestions
    for one in found.suggestions:
        assert one.lift is not None
        assert one.lift.noise
        # the forecast of the same change stands beside it
        assert one.forecast is not None
    assert [one.age for one in found.ages] == ["day", "week", "month"]


def test_an_open_slot_can_be_applied_like_any_suggestion(client: Client, kept: Keep) -> None:
    content = kept(title="To be moved")
    best = client.timing(content.content_id).suggestions[0]
    applied = client.apply(content.content_id, best, version=1)
    assert applied.content.now.planned_at == best.change.planned_at
    assert applied.receipt.kind == "timing"


def test_a_schedule_travels_as_json_and_as_a_calendar(client: Client, kept: Keep) -> None:
    ids = tuple(kept(title=f"Part {i}", channel="youtube:bob").content_id for i in range(3))
    wanted = ScheduleRequest(content_ids=ids, spacing_h=36, timezones={"youtube:bob": "America/New_York"})
    found = client.schedule(wanted)
    assert {one.content_id for one in found.posts} == set(ids)
    moments = [one.planned_at for one in found.posts]
    assert all(b - a >= timedelta(hours=36) for a, b in pairwise(moments))
    events = Calendar.from_ical(client.calendar(wanted)).walk("VEVENT")
    assert sorted(str(one["SUMMARY"]) for one in events) == ["Part 0", "Part 1", "Part 2"]
    assert {str(one["DTSTART"].params["TZID"]) for one in events} == {"America/New_York"}


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"spacing_h": -1}, 422, "spacing_h"),
        ({"days": 0}, 422, "days"),
        ({"content_ids": []}, 422, "content_ids"),
        ({"content_ids": ["nothing"]}, 404, "content_id"),
        ({"start": "2026-01-01T00:00:00"}, 422, "start"),
        ({"timezones": {"youtube:bob": "Mars/Olympus"}}, 422, "timezones.youtube:bob"),
        ({"blackout": [{"start_hour": 25, "end_hour": 3}]}, 422, "blackout.0.start_hour"),
    ],
)
def test_what_cannot_be_planned_is_said_with_the_field(
    served: TestClient, kept: Keep, more: dict[str, Any], status: int, field: str
) -> None:
    wanted = {"content_ids": [kept(channel="youtube:bob").content_id]} | more
    answer = served.post("/v1/recommendations/schedule", json=wanted)
    assert answer.status_code == status
    assert api.Problem.model_validate_json(answer.content).errors[0].field == field


def test_unknown_content_is_said(client: Client) -> None:
    with pytest.raises(ApiError) as error:
        client.timing("nothing")
    assert error.value.status == 404
