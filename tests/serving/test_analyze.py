"""POST /v1/analyze: files and words in, everything read from them out; refusals with reasons for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from creatorlens import api
from creatorlens.client import ApiError, Client
from creatorlens.settings import Settings
from tests.services.analysis.conftest import jpeg

PICTURE = jpeg(1)


@pytest.fixture(scope="session")
def client(served: TestClient) -> Iterator[Client]:
    """The typed client over the served application."""

    def answer(request: httpx.Request) -> httpx.Response:
        found = served.request(
            request.method,
            request.url.raw_path.decode(),
            content=request.read(),
            headers=dict(request.headers),
        )
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    with Client("http://test", transport=httpx.MockTransport(answer)) as client:
        yield client


def send(served: TestClient, *files: tuple[str, bytes], **fields: str) -> Any:
    return served.post("/v1/analyze", files=[("file", file) for file in files], data=fields)


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == api.PROBLEM_JSON
    return response.json()


def test_the_client_sends_files_and_gets_what_was_read(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "cover.jpg"
    path.write_bytes(PICTURE)
    found = client.analyze([path, ("other.jpg", jpeg(2))], channel="youtube:ann")
    assert [one.file.name for one in found.files] == ["cover.jpg", "other.jpg"]
    assert found.files[0].image is not None
    assert found.files[0].image.look is not None
    assert found.channel_id == "youtube:ann"
    assert found.platform == "youtube"
    assert client.analysis(found.analysis_id) == found


def test_bytes_sent_before_are_named_by_their_hash_and_not_read_again(client: Client) -> None:
    first = client.analyze([("cover.jpg", PICTURE)])
    again = client.analyze(blobs=[first.files[0].file.sha256])
    assert again.files[0].image == first.files[0].image
    assert again.files[0].seconds == {}
    both = client.analyze([("third.jpg", jpeg(3))], blobs=[first.files[0].file.sha256])
    assert len(both.files) == 2


def test_some_files_may_be_refused(client: Client) -> None:
    found = client.analyze([("cover.jpg", PICTURE), ("program.exe", b"MZ" + bytes(100))])
    assert len(found.files) == 1
    assert [(one.name, one.refusal.reason) for one in found.refused] == [("program.exe", "not_media")]


@pytest.mark.parametrize(
    ("name", "content", "status", "reason"),
    [
        ("program.exe", b"MZ" + bytes(100), 415, "not_media"),
        ("cut.jpg", PICTURE[:300], 422, "broken"),
        ("empty.jpg", b"", 422, "empty"),
    ],
)
def test_a_draft_of_refused_files_alone_is_refused_with_a_reason(
    served: TestClient, client: Client, name: str, content: bytes, status: int, reason: str
) -> None:
    told = problem(send(served, (name, content)), status)
    [error] = told["errors"]
    assert (error["field"], error["reason"]) == (name, reason)
    assert error["message"] in told["detail"]
    with pytest.raises(ApiError) as caught:
        client.analyze([(name, content)])
    assert caught.value.problem.errors[0].reason == reason


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"platform": "youtub"}, "platform"),
        ({"title": "x" * 10_001}, "title"),
        ({"transcribe": "perhaps"}, "transcribe"),
        ({"blob": "abc"}, "blobs.0"),
        ({"channel": "UC1"}, "channel"),
        ({"titel": "x"}, "titel"),
    ],
)
def test_wrong_fields_are_named(served: TestClient, fields: dict[str, str], field: str) -> None:
    told = problem(send(served, ("cover.jpg", PICTURE), **fields), 422)
    assert [error["field"] for error in told["errors"]] == [field]


def test_an_unknown_hash_an_unknown_analysis_and_nothing_at_all(served: TestClient) -> None:
    assert (
        problem(served.post("/v1/analyze", json={"blobs": ["0" * 64]}), 404)["errors"][0]["field"] == "blobs"
    )
    problem(served.get("/v1/analyses/none"), 404)
    problem(served.post("/v1/analyze", json={}), 422)
    problem(served.post("/v1/analyze", json=[]), 422)
    problem(served.post("/v1/analyze", json={"blobs": "abc"}), 422)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"hello", 415),
        ("application/json", b"{", 400),
        ("multipart/form-data", b"no boundary", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nab',
            400,
        ),
    ],
)
def test_bodies_that_cannot_be_taken_apart(served: TestClient, kind: str, body: bytes, status: int) -> None:
    problem(served.post("/v1/analyze", content=body, headers={"content-type": kind}), status)


def test_a_file_sent_as_text_and_text_sent_as_a_file(served: TestClient) -> None:
    told = problem(
        served.post("/v1/analyze", data={"file": "no name"}, files={"title": ("t.txt", b"x")}), 422
    )
    assert told["errors"][0]["field"] in ("file", "title")


def test_files_may_be_larger_than_other_bodies_but_not_without_limit(
    served: TestClient, home: Settings
) -> None:
    # 9 MiB of noise behind a picture's head: more than JSON may have, refused for what it is
    large = PICTURE[:300] + bytes(9 * 1024**2)
    problem(send(served, ("large.jpg", large)), 422)
    told = problem(
        served.post(
            "/v1/analyze", content=b"", headers={"content-type": "multipart/form-data; boundary=x",
                                                 "content-length": str(home.max_upload_bytes + 1)},
        ),
        413,
    )  # fmt: skip
    assert f"{home.max_upload_bytes:,}" in told["detail"]
    problem(served.post("/v1/analyze", json={"title": "x" * 9 * 1024**2}), 413)


def test_nothing_that_was_uploaded_is_left_beside_the_blobs(served: TestClient, home: Settings) -> None:
    send(served, ("cover.jpg", PICTURE))
    send(served, ("program.exe", b"MZ" + bytes(100)))
    assert not list(home.home.glob("upload-*"))


def test_other_requests_are_answered_while_a_draft_is_read(served: TestClient) -> None:
    """Reading is off the event loop: health answers although a picture is being read."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as threads:
        reading = threads.submit(send, served, ("new.jpg", jpeg(99, size=(1600, 900))))
        assert served.get("/v1/health").status_code == 200
        assert reading.result().status_code == 200


def test_the_answer_is_stable_json(served: TestClient) -> None:
    found = send(served, ("cover.jpg", PICTURE)).json()
    again = send(served, ("cover.jpg", PICTURE)).json()
    for one in (found, again):
        for passing in ("analysis_id", "created_at", "seconds"):
            one.pop(passing)
    assert json.dumps(found, sort_keys=True) == json.dumps(again, sort_keys=True)
