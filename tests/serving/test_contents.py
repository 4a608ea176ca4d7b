"""Kept drafts, applied suggestions and pictures over HTTP, with the real service and the typed client."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from creatorlens import api
from creatorlens.advice.common import Change, Suggestion
from creatorlens.advice.content import Applied, Content
from creatorlens.client import ApiError, Client
from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.reading.files import FileFacts
from creatorlens.records import Draft
from creatorlens.settings import Settings
from services.content.assets import take_in


@pytest.fixture
def client(served: TestClient) -> Client:
    def pass_on(request: httpx.Request) -> httpx.Response:
        answer = served.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    return Client("http://testserver", transport=httpx.MockTransport(pass_on))


@pytest.fixture
def own() -> Draft:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    return Draft("youtube:ann", Platform.YOUTUBE, at, title="A film about lenses", hashtags=("lenses",))


def titled(title: str) -> Suggestion:
    return Suggestion(
        suggestion_id="0" * 32, kind="titles", change=Change(title=title), words="Another title."
    )


def test_a_suggestion_is_applied_with_a_receipt_and_can_be_taken_back(client: Client, own: Draft) -> None:
    kept = client.create_content(own)
    applied = client.apply(kept.content_id, titled("Lenses: a film"), version=1)
    assert isinstance(applied, Applied)
    assert (applied.content.now.title, applied.content.now.version) == ("Lenses: a film", 2)
    assert applied.content.now.receipt_id == applied.receipt.receipt_id
    assert applied.receipt.before == {"title": "A film about lenses"}
    # both forecasts are in the ledger, with the words they were made of
    before, after = (
        client.prediction(name)
        for name in (applied.receipt.before_prediction_id, applied.receipt.after_prediction_id)
    )
    assert before.recorded
    assert after.recorded
    assert before.prediction_id != after.prediction_id
    assert client.receipts(kept.content_id).receipts == (applied.receipt,)
    assert applied.receipt in client.receipts().receipts

    undone = client.update_content(kept.content_id, applied.content.draft(kept.now), version=2)
    assert undone.now.title == "A film about lenses"
    assert [one.version for one in client.content(kept.content_id).versions] == [1, 2, 3]


def test_a_suggestion_for_an_earlier_version_is_refused_and_leaves_no_receipt(
    client: Client, own: Draft
) -> None:
    kept = client.create_content(own)
    client.apply(kept.content_id, titled("First"), version=1)
    with pytest.raises(ApiError) as error:
        client.apply(kept.content_id, titled("Second"), version=1)
    assert (error.value.status, error.value.problem.title) == (409, "Changed meanwhile")
    assert error.value.problem.errors[0].field == "version"
    assert len(client.receipts(kept.content_id).receipts) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "A film about lenses"}, "change"), ({"title": " "}, "change"), ({}, "change"),
        ({"headline": "x"}, "change.headline"), ({"thumbnail": "a" * 64}, "change.thumbnail"),
    ],
)  # fmt: skip
def test_what_cannot_be_applied_is_said_with_the_field(
    served: TestClient, client: Client, own: Draft, change: dict[str, Any], field: str
) -> None:
    kept = client.create_content(own)
    answer = served.post(
        f"/v1/content/{kept.content_id}/apply", json={"kind": "titles", "change": change, "version": 1}
    )
    assert answer.status_code in (404, 422)
    problem = api.Problem.model_validate_json(answer.content)
    assert problem.errors[0].field == field
    assert client.content(kept.content_id).now.version == 1


def test_an_own_post_is_read_and_not_changed(client: Client) -> None:
    post = client.content("youtube:ann3")
    assert (post.now.title, post.post_id) == ("Film 3", "ann3")
    with pytest.raises(ApiError) as error:
        client.apply("youtube:ann3", titled("Other"), version=1)
    assert error.value.status == 409


def test_changes_need_the_version_they_replace(
    served: TestClient, client: Client, own: Draft, draft: dict[str, Any]
) -> None:
    path = f"/v1/content/{client.create_content(own).content_id}"
    tag = served.get(path).headers["etag"]
    assert served.put(path, json=draft).status_code == 422
    answer = served.put(path, json=draft | {"title": "By its tag"}, headers={"If-Match": tag})
    assert Content.model_validate_json(answer.content).now.title == "By its tag"
    assert served.put(path, json=draft, headers={"If-Match": tag}).status_code == 409


def test_what_is_sent_to_be_kept_is_judged_like_any_draft(served: TestClient, draft: dict[str, Any]) -> None:
    for told, field in (
        ({"titel": "x"}, "titel"), ({"planned_at": "2026-01-01T00:00:00"}, "planned_at"),
        ({"channel": "youtube:an"}, "channel"), ({"assets": ["x"]}, "assets.0"),
        ({"title": "x" * 10_001}, "title"),
    ):  # fmt: skip
        answer = served.post("/v1/content", json=draft | told)
        assert answer.status_code in (404, 422), told
        assert answer.json()["errors"][0]["field"] == field
    assert (
        served.post("/v1/content", content=b"{", headers={"content-type": "application/json"}).status_code
        == 400
    )
    hint = served.post("/v1/content", json=draft | {"titel": "x"}).json()["errors"][0]["hint"]
    assert hint == "Did you mean title?"


def test_lists_and_deletes(client: Client, own: Draft) -> None:
    kept = client.create_content(own)
    assert kept in client.contents(channel="youtube:ann", limit=200).contents
    assert client.contents(channel="youtube:bob").contents == ()
    client.delete_content(kept.content_id)
    with pytest.raises(ApiError) as error:
        client.content(kept.content_id)
    assert error.value.status == 404
    assert kept not in client.contents(limit=200).contents


def test_only_pictures_of_the_workspace_are_handed_out(
    served: TestClient, client: Client, home: Settings, tmp_path: Path
) -> None:
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(made, "PNG")
    names = {}
    engine = open_database(home)
    for kind, mime, content in (("image", "image/png", made.getvalue()), ("text", "text/html", b"<script>")):
        (tmp_path / kind).write_bytes(content)
        names[kind] = hashlib.sha256(content).hexdigest()
        facts = FileFacts(name=kind, bytes=len(content), sha256=names[kind], kind=kind, mime=mime)  # type: ignore[arg-type]
        take_in(engine, home, facts, tmp_path / kind, datetime.now(UTC))
    engine.dispose()
    assert client.asset(names["image"]) == made.getvalue()
    answer = served.get(f"/v1/assets/{names['image']}")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    for unknown in (names["text"], "0" * 64):
        assert served.get(f"/v1/assets/{unknown}").status_code == 404
    assert served.get("/v1/assets/../../creatorlens.db").status_code == 404
    assert served.get("/v1/assets/" + "A" * 64).status_code == 422
