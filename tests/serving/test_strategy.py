"""Strategy over HTTP, for a channel and for a kept draft's channel."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from creatorlens.advice.strategy import Strategy
from tests.serving.conftest import POSTS

PATH = "/v1/recommendations/strategy"


def test_a_channels_strategy(served: TestClient) -> None:
    answer = served.get(PATH, params={"channel": "youtube:ann"})
    assert answer.status_code == 200
    told = Strategy.model_validate_json(answer.content)
    assert (told.channel_id, told.metric) == ("youtube:ann", "views")
    assert 0 < told.results < POSTS
    assert told.words


def test_a_drafts_strategy_is_its_channels(served: TestClient, draft: dict[str, Any]) -> None:
    kept = served.post("/v1/content", json=draft).json()
    of_draft = served.get(f"{PATH}/{kept['content_id']}")
    assert of_draft.status_code == 200
    assert of_draft.json() == served.get(PATH, params={"channel": draft["channel"]}).json()


def test_an_unknown_or_missing_channel_is_named(served: TestClient) -> None:
    unknown = served.get(PATH, params={"channel": "youtube:nobody"})
    assert unknown.status_code == 404
    assert unknown.json()["errors"][0]["field"] == "channel"
    assert served.get(PATH).status_code == 422
    assert served.get(PATH, params={"channel": "a\0b"}).status_code == 422
    assert served.get(f"{PATH}/nothing").status_code == 404
