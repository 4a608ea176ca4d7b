"""Title advice over HTTP: the record, what is applied of it, bad ids."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from creatorlens import api
from creatorlens.advice.titles import TitleAdvice


def test_titles_of_a_kept_draft(served: TestClient, draft: dict[str, Any]) -> None:
    draft["title"] = "How to plan a film without an app"
    content = served.post("/v1/content", json=draft).json()
    answer = served.get(f"/v1/recommendations/titles/{content['content_id']}")
    assert answer.status_code == 200, answer.text
    told = TitleAdvice.model_validate_json(answer.content)
    assert (told.content_id, told.version, told.current, told.language) == (
        content["content_id"],
        1,
        draft["title"],
        "en",
    )
    assert "How do you plan a film without an app?" in [one.after for one in told.suggestions]
    best = told.suggestions[0]
    applied = served.post(
        f"/v1/content/{told.content_id}/apply",
        json={
            "kind": "titles", "change": best.change.model_dump(exclude_none=True), "version": 1,
            "suggestion_id": best.suggestion_id,
        },
    )  # fmt: skip
    assert applied.status_code == 200, applied.text
    assert applied.json()["content"]["versions"][-1]["title"] == best.after


def test_an_own_post_and_an_unknown_one(served: TestClient) -> None:
    assert served.get("/v1/recommendations/titles/youtube:ann3").status_code == 200
    missing = served.get("/v1/recommendations/titles/nothing")
    assert missing.status_code == 404
    assert api.Problem.model_validate_json(missing.content).errors[0].field == "content_id"
