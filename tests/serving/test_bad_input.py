"""Every bad request gets problem+json that names the field and says what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from creatorlens import api

Draft = dict[str, object]


def refused(answer: Any, status: int) -> api.Problem:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == api.PROBLEM_JSON
    assert answer.headers["x-content-type-options"] == "nosniff"
    problem = api.Problem.model_validate_json(answer.content)
    assert problem.status == status
    return problem


def soon(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


BAD_FIELDS = [
    ({"planned_at": "2026-12-01T18:00:00"}, "planned_at", "add an offset"),
    ({"planned_at": "next tuesday"}, "planned_at", ""),
    ({"planned_at": 1_900_000_000}, "planned_at", "ISO 8601"),
    ({"planned_at": "1900000000"}, "planned_at", "ISO 8601"),
    ({"planned_at": "1970-01-01T00:00:00Z"}, "planned_at", "between a day ago and a year ahead"),
    ({"planned_at": "9999-12-31T23:59:59-12:00"}, "planned_at", "a year ahead"),
    ({"planned_at": "0001-01-01T00:00:00+14:00"}, "planned_at", ""),
    ({"planned_at": None}, "planned_at", ""),
    ({"title": "", "text": " \n"}, "title", "title and text are both empty"),
    ({"title": "x" * 50_000}, "title", "at most 10000"),
    ({"text": "x" * 100_001}, "text", "at most 100000"),
    ({"title": 7}, "title", "string"),
    ({"title": "a\x00b"}, "title", "NUL"),
    ({"hashtags": "one"}, "hashtags", ""),
    ({"hashtags": ["x" * 151]}, "hashtags.0", "150"),
    ({"hashtags": ["x"] * 101}, "hashtags", "100"),
    ({"duration_s": "long"}, "duration_s", "number"),
    ({"duration_s": -1}, "duration_s", "greater than or equal to 0"),
    ({"followers": 1e300}, "followers", ""),
    ({"media_type": "hologram"}, "media_type", "'video'"),
    ({"platform": "yuotube"}, "platform", "Did you mean youtube?"),
    ({"platform": "tiktok"}, "platform", "youtube"),
    ({"channel": "ann"}, "platform", "bare creator_id"),
    ({"channel": ""}, "channel", ""),
    ({"channel": ["youtube:ann"]}, "channel", "string"),
    ({"titel": "A film"}, "titel", "unknown field"),
    ({"horizons": [24]}, "horizons", "unknown field"),
]


@pytest.mark.parametrize(
    ("change", "field", "says"), BAD_FIELDS, ids=[f"{b[1]}-{i}" for i, b in enumerate(BAD_FIELDS)]
)
def test_a_bad_field_is_named(served: TestClient, draft: Draft, change: Draft, field: str, says: str) -> None:
    (alone, *_) = refused(served.post("/v1/predict", json=draft | change), 422).errors
    assert alone.field == field
    assert says in alone.message
    batch = {"drafts": [draft, draft | change]}
    (second, *_) = refused(served.post("/v1/predict", json=batch), 422).errors
    assert second.field == f"drafts.1.{field}"


def test_a_misspelt_field_gets_the_nearest_name(served: TestClient, draft: Draft) -> None:
    problem = refused(served.post("/v1/predict", json=draft | {"titel": "A"}), 422)
    assert problem.errors[0].hint == "Did you mean title?"


def test_an_unknown_channel_is_named_with_near_ones(served: TestClient, draft: Draft) -> None:
    strange = draft | {"channel": "youtube:anne"}
    (error,) = refused(served.post("/v1/predict", json={"drafts": [draft, strange]}), 404).errors
    assert error.field == "drafts.1.channel"
    assert "youtube:ann" in (error.hint or "")
    assert refused(served.post("/v1/predict", json=strange), 404).errors[0].field == "channel"


def test_a_platform_without_a_model_says_what_to_run(served: TestClient, home: Any, draft: Draft) -> None:
    from creatorlens.database import open_database, tables

    engine = open_database(home)
    row = {
        "workspace_id": "local", "channel_id": "tiktok:cy", "platform": "tiktok", "creator_id": "cy",
        "first_imported_at": datetime.now(UTC),
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(tables.channels.insert(), row)
    try:
        problem = refused(served.post("/v1/predict", json=draft | {"channel": "tiktok:cy"}), 409)
        assert "creatorlens train --platform tiktok" in problem.detail
    finally:
        with engine.begin() as connection:
            connection.execute(tables.channels.delete().where(tables.channels.c.channel_id == "tiktok:cy"))


@pytest.mark.parametrize(
    ("drafts", "field"), [([], "drafts"), ("x", "drafts"), ([1], "drafts.0"), ([{}], "drafts.0.channel")]
)
def test_a_bad_batch_is_named(served: TestClient, drafts: object, field: str) -> None:
    assert refused(served.post("/v1/predict", json={"drafts": drafts}), 422).errors[0].field == field


def test_too_many_drafts_are_refused(served: TestClient, draft: Draft) -> None:
    assert (
        refused(served.post("/v1/predict", json={"drafts": [draft] * 513}), 422).errors[0].field == "drafts"
    )


@pytest.mark.parametrize("horizons", [[0], [8761], [], ["soon"], [1e400], "24"])
def test_bad_horizons_are_named(served: TestClient, draft: Draft, horizons: object) -> None:
    body = orjson.dumps({"drafts": [draft], "horizons": horizons}).replace(b"null", b"1e400")
    answer = served.post("/v1/predict", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == api.PROBLEM_JSON


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"title": "\xff"}', "application/json", 400),
        (b'{"duration_s": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
        (b" " * 9_000_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_request_is_refused(
    served: TestClient, body: bytes, kind: str, status: int
) -> None:
    refused(served.post("/v1/predict", content=body, headers={"content-type": kind}), status)


def test_a_body_without_a_declared_length_is_limited_too(served: TestClient) -> None:
    def endless() -> Any:
        for _ in range(20):
            yield b" " * 1_000_000

    refused(served.post("/v1/predict", content=endless(), headers={"content-type": "application/json"}), 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/predict", 405),
        ("DELETE", "/v1/channels", 405),
        ("GET", "/v1/channels?limit=0", 422),
        ("GET", "/v1/channels?limit=many", 422),
        ("GET", "/v1/channels?platform=myspace", 422),
        ("GET", "/v1/channels/youtube:nobody", 404),
        ("GET", "/v1/channels/%00", 422),
        ("GET", "/v1/predictions/nothing", 404),
        ("GET", "/v1/track-record?platform=%F0%9F%98%80", 422),
    ],
)
def test_every_other_refusal_is_a_problem_too(
    served: TestClient, method: str, path: str, status: int
) -> None:
    refused(served.request(method, path), status)


def test_a_failure_shows_nothing_of_our_insides(
    served: TestClient, draft: Draft, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret insides")

    monkeypatch.setattr("services.insights.predicting.explode", fail)
    problem = refused(served.post("/v1/predict", json=draft | {"title": "My secret draft"}), 500)
    assert "secret" not in problem.model_dump_json()
    assert "My secret draft" not in capfd.readouterr().err


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(sorted(api.DraftRequest.model_fields))
TIMES = st.datetimes().map(lambda t: t.isoformat() + "Z") | st.just(soon(days=3))
PLAUSIBLE = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["youtube:ann", "youtube:bob", "ann", "tiktok:ann", ":", "youtube:"]),
        "planned_at": TIMES,
        "title": st.text(max_size=60),
    },
    optional={
        "text": st.text(max_size=200),
        "hashtags": st.lists(st.text(max_size=20), max_size=4),
        "duration_s": st.floats(0, 1e6),
        "followers": st.floats(0, 1e11),
        "category": st.text(max_size=20),
        "media_type": st.sampled_from(["video", "image", "audio"]),
        "post_id": st.text(min_size=1, max_size=20),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=JSON
    | st.tuples(PLAUSIBLE, FIELDS, JSON).map(lambda parts: {**parts[0], parts[1]: parts[2]})
    | PLAUSIBLE
    | st.fixed_dictionaries(
        {"drafts": st.lists(PLAUSIBLE, max_size=4)}, optional={"horizons": JSON, "record": JSON, "x": JSON}
    )
)
def test_no_request_makes_the_service_fail(served: TestClient, body: object) -> None:
    try:
        content = orjson.dumps(body)
    except TypeError:
        return
    answer = served.post("/v1/predict", content=content, headers={"content-type": "application/json"})
    assert answer.status_code < 500, answer.text
    if answer.status_code == 200:
        api.PredictResponse.model_validate_json(answer.content)
    else:
        assert answer.headers["content-type"] == api.PROBLEM_JSON
