"""Hashtag advice over HTTP, with the real service."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from creatorlens.advice.hashtags import Hashtags


def test_advice_on_a_kept_draft(served: TestClient, draft: dict[str, Any]) -> None:
    told = draft | {"hashtags": ["lenses", "f4f"]}
    kept = served.post("/v1/content", json=told).json()
    answer = served.get(f"/v1/recommendations/hashtags/{kept['content_id']}")
    assert answer.status_code == 200, answer.text
    advice = Hashtags.model_validate_json(answer.content)
    # nobody here uses hashtags: what is in the draft is judged by its name, and no effect is made up
    assert {one.tag: one.level for one in advice.tags} == {"lenses": "none", "f4f": "none"}
    assert "has hashtags" in advice.words
    (drop,) = advice.drop
    assert drop.change.hashtags == ("lenses",)
    assert drop.prob_beats_floor == 0.5
    assert advice.model_version is not None

    applied = served.post(
        f"/v1/content/{kept['content_id']}/apply",
        json={"kind": "hashtags", "change": drop.change.model_dump(exclude_none=True), "version": 1},
    )
    assert applied.status_code in (200, 201), applied.text
    assert applied.json()["content"]["versions"][-1]["hashtags"] == ["lenses"]


def test_an_own_post_and_an_unknown_one(served: TestClient) -> None:
    assert served.get("/v1/recommendations/hashtags/youtube:ann3").status_code == 200
    assert served.get("/v1/recommendations/hashtags/nothing").status_code == 404
