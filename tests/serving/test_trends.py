"""GET /v1/trends over the real service, and the client and the command that speak of the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from creatorlens.client import ApiError, Client
from creatorlens.settings import Settings


def test_trends_are_told_and_told_again_from_the_same_features(served: TestClient) -> None:
    first = served.get("/v1/trends", params={"platform": "youtube"})
    assert first.status_code == 200, first.text
    told = first.json()
    assert told["platform"] == "youtube"
    assert {one["kind"] for one in told["seasons"]} == {"hour", "weekday", "month"}
    assert served.get("/v1/trends", params={"platform": "youtube"}).json() == told


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({}, 422, "platform"),
        ({"platform": "youtub"}, 422, "platform"),
        ({"platform": "youtube", "as_of": "soon"}, 422, "as_of"),
        ({"platform": "youtube", "as_of": "2025-01-01T00:00:00"}, 422, "as_of"),
        ({"platform": "x"}, 409, None),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_field(
    served: TestClient, query: dict[str, str], status: int, field: str | None
) -> None:
    answer = served.get("/v1/trends", params=query)
    assert answer.status_code == status
    assert [one["field"] for one in answer.json()["errors"]] == ([field] if field else [])


def test_client_and_command_tell_the_same(
    served: TestClient, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cli.main import build

    def pass_on(request: httpx.Request) -> httpx.Response:
        answer = served.get(request.url.raw_path.decode())
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    moment = datetime(2020, 1, 1, tzinfo=UTC)
    with Client("http://test", httpx.MockTransport(pass_on)) as client:
        found = client.trends("youtube")
        assert client.trends("youtube", as_of=moment).seasons == ()
        with pytest.raises(ApiError, match="featurize"):
            client.trends("x")
    monkeypatch.setenv("CREATORLENS_HOME", str(home.home))
    done = CliRunner().invoke(build(), ["trends", "--platform", "youtube", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout.splitlines()[-1]) == found.model_dump(mode="json")
