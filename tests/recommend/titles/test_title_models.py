"""Language models as generators: one in this process, one behind a server; both are filtered like everybody."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.weights.models import Models
from recommend.titles.brief import GeneratorAbsentError, TitleBrief
from recommend.titles.filtering import Filter
from recommend.titles.local_model import LocalModel
from recommend.titles.model_server import ModelServer
from recommend.titles.prompting import candidates_of

BRIEF = TitleBrief(
    platform=Platform.YOUTUBE, title="How I store potatoes", text="Once upon a time there was a cellar.", language="en",
    banned=("spud",), earlier=("How I store apples",),
)  # fmt: skip


def test_a_real_causal_model_goes_on_with_the_list_and_says_the_same_again(
    shared_weights: Path, tmp_path: Path
) -> None:
    models = Models(Settings(home=tmp_path, weights=str(shared_weights)))
    model = LocalModel(models, "stories260K", seconds=300)
    once = model.propose(BRIEF, 2)
    assert 1 <= len(once) <= 2
    assert all(
        one.made_by == "language model" and one.field == "title" and "\n" not in one.words for one in once
    )
    assert model.propose(BRIEF, 2) == once
    # it tells stories, not titles: what the draft does not say does not pass
    for one in Filter(BRIEF).passing(once)[0]:
        assert not Filter(BRIEF).support.missing(one.words)


def test_without_weights_it_is_absent_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GeneratorAbsentError, match="weights pull"):
        LocalModel(Models(Settings(home=tmp_path)), "no-such/model").propose(BRIEF, 4)


class Server:
    """Answers every chat completion with `status` and `answer`; keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.answer = (
            200,
            json.dumps(said('1. Storing potatoes\n- "How do I store potatoes?"\nSure! Here')),
        )
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                outer.keys.append(self.headers.get("authorization"))
                body = outer.answer.encode()
                self.send_response(outer.status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"


def said(content: object) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": content}}]}


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    thread = threading.Thread(target=found.http.serve_forever, daemon=True)
    thread.start()
    yield found
    found.http.shutdown()
    found.http.server_close()


def test_a_server_is_asked_once_and_its_lines_become_titles(server: Server) -> None:
    found = ModelServer(f"{server.url}/", "some-model", SecretStr("s3cret")).propose(BRIEF, 5)
    assert [one.words for one in found] == ["Storing potatoes", "How do I store potatoes?"]
    (asked,) = server.asked
    assert asked["model"] == "some-model"
    told = "\n".join(message["content"] for message in asked["messages"])
    for words in (
        "How I store potatoes",
        "Never use: spud",
        "How I store apples",
        "Language: en",
        "no clickbait",
    ):
        assert words in told
    assert server.keys == ["Bearer s3cret"]
    ModelServer(server.url, "some-model").propose(BRIEF, 5)
    assert server.keys[1] is None


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, "{}"), (401, "no"), (200, "not json"), (200, "[]"), (200, json.dumps({"choices": []})),
        (200, json.dumps(said(None))), (200, "x" * 1_000_001),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_without_secrets(server: Server, status: int, answer: str) -> None:
    server.status, server.answer = status, answer
    with pytest.raises(GeneratorAbsentError, match="the server answered") as error:
        ModelServer(server.url, "m", SecretStr("s3cret")).propose(BRIEF, 5)
    assert "s3cret" not in str(error.value)


def test_a_server_that_is_not_there_is_told_by_kind() -> None:
    with pytest.raises(GeneratorAbsentError, match="cannot be reached") as error:
        ModelServer("http://user:hidden@127.0.0.1:9/v1", "m", seconds=2).propose(BRIEF, 5)
    assert "hidden" not in str(error.value)


def test_of_a_caption_the_first_line_is_replaced() -> None:
    brief = TitleBrief(platform=Platform.INSTAGRAM, text="Old line\n\nThe rest\n#tag", language="en")
    (one,) = candidates_of(brief, ["New line"], "a test", 5)
    assert (one.field, one.words) == ("text", "New line\n\nThe rest\n#tag")
