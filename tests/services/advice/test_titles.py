"""Title advice on a draft: what it is made of, in which order, and what it says where something is missing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from creatorlens.advice.content import Content, ContentRequest
from creatorlens.advice.titles import TitleAdvice
from creatorlens.database import open_database
from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from creatorlens.reading.analysis import Analysis, FileReading
from creatorlens.reading.files import FileFacts
from creatorlens.settings import Settings
from recommend.scoring import LiftLn
from services.advice.desk import Desk, suggestion_id
from services.advice.headlines import HeadlineModel
from services.advice.titles import MOST_SHOWN, titles
from services.analysis.stored import store
from services.content.contents import keep
from services.insights.registry import ChampionSource
from tests.services.advice.test_receipts import LENGTHENS
from tests.services.insights.conftest import Book, register_median

POSTS = 40
WORKSPACE = "local"
FRAMES = (
    "How I store {} in a cellar", "What a frost taught me about {}", "A year with {} and 3 boxes", "My {} in May",
    "Why do my {} fail?",
)  # fmt: skip
PLANTS = [
    "garlic",
    "beans",
    "peas",
    "leeks",
    "kale",
    "chard",
    "mint",
    "basil",
    "dill",
    "sage",
    "rye",
    "oats",
    "figs",
    "plums",
    "pears",
    "hops",
]
DRAFT = "How I store potatoes in a cold cellar without a fridge"
SPOKEN = "Potatoes keep for eight months in a cold cellar. I never wash potatoes before winter. You will find the plan below."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A channel of a voice of its own whose posts with a number did a third better, and a model that believes in long titles."""
    from features.featurize import featurize

    settings = Settings(
        home=tmp_path_factory.mktemp("titles") / "home", text_encoder="none", banned_words="fridge, winter"
    )
    engine = open_database(settings)
    book = Book(engine, settings)
    start = datetime.now(UTC) - timedelta(days=2 * POSTS + 10)
    for i in range(POSTS):
        at = start + timedelta(days=2 * i)
        title = FRAMES[i % 5].format(PLANTS[i // 5 + i % 5])
        book.post(f"p{i}", at, title=title)
        book.views(f"p{i}", (1_000 + i) * (1.35 if "3" in title else 1.0), observed_at=at + timedelta(days=8))
    for i in range(3):
        book.post(f"n{i}", start + timedelta(days=i), title=f"Film {i}", channel="new")
        book.views(f"n{i}", 100, observed_at=start + timedelta(days=i + 8))
    featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    source = Path(tmp_path_factory.mktemp("model")) / "long_titles.py"
    source.write_text(LENGTHENS)
    register_median(settings, source, Platform.YOUTUBE)
    store(engine, WORKSPACE, analysis())
    engine.dispose()
    return settings


def analysis() -> Analysis:
    facts = FileFacts(name="said.vtt", bytes=10, sha256="0" * 64, kind="text", mime="text/vtt")
    return Analysis(
        analysis_id="a1", created_at=datetime.now(UTC), files=(FileReading(file=facts, words=SPOKEN),)
    )


@pytest.fixture(scope="module")
def desk(home: Settings) -> Iterator[Desk]:
    from features.feature_store import OnlineStore

    engine = open_database(home)
    yield Desk(engine, home, ChampionSource(home), OnlineStore(home))
    engine.dispose()


def kept(desk: Desk, title: str = DRAFT, *, channel: str = "ann", **told: object) -> Content:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    wanted = {"channel": f"youtube:{channel}", "planned_at": at, "title": title, **told}
    return keep(desk.engine, WORKSPACE, ContentRequest.model_validate(wanted))


@pytest.fixture(scope="module")
def content(desk: Desk) -> Content:
    return kept(desk, analysis_id="a1")


@pytest.fixture(scope="module")
def advice(desk: Desk, content: Content) -> TitleAdvice:
    return titles(desk, content)


def test_best_first_with_the_expected_change_and_its_interval(advice: TitleAdvice) -> None:
    assert 1 <= len(advice.suggestions) <= MOST_SHOWN
    effects = [one.lift.effect for one in advice.suggestions if one.lift is not None]
    assert len(effects) == len(advice.suggestions)
    # what ties within one percent is ordered by voice
    assert all(a >= b - 0.011 for a, b in pairwise(effects))
    longest = max((one for one in advice.suggestions if one.field == "title"), key=lambda one: len(one.after))
    lift = longest.lift
    assert lift is not None
    assert lift.low is not None
    assert lift.high is not None
    assert lift.low <= lift.effect <= lift.high
    assert longest.forecast_lift == lift, "without a headline model the forecast speaks alone"
    assert longest.headline_lift is None


def test_what_is_suggested_says_what_the_draft_or_its_recording_says(advice: TitleAdvice) -> None:
    assert advice.supported_by == ("title", "transcript")
    assert "Potatoes keep for eight months in a cold cellar" in [one.after for one in advice.suggestions] + [
        one.after.replace("8", "eight") for one in advice.suggestions
    ]
    assert all("fridge" not in one.after and "winter" not in one.after for one in advice.suggestions)
    assert advice.left_out["a banned word"] >= 1


def test_each_can_be_applied_and_has_the_same_id_again(
    desk: Desk, content: Content, advice: TitleAdvice
) -> None:
    again = titles(desk, content, now=advice.as_of)
    assert again == advice
    for one in advice.suggestions:
        assert one.suggestion_id == suggestion_id(content.content_id, 1, "titles", one.change)
        assert (one.change.title or one.change.text) == one.after
        assert one.before == DRAFT
        assert one.operator in one.words


def test_the_voice_is_the_channels_and_is_shown(advice: TitleAdvice) -> None:
    assert advice.current_voice is not None
    assert f"{POSTS} own titles" in advice.voice_words
    assert all(one.voice is not None for one in advice.suggestions if one.field == "title")


def test_own_posts_speak_for_a_pattern_a_change_brings_in(desk: Desk) -> None:
    told = titles(desk, kept(desk, "I store two boxes of potatoes in a cellar"))
    (one,) = [one for one in told.suggestions if one.operator == "the number in digits"]
    (pattern,) = one.patterns
    assert pattern.pattern == "a number"
    assert POSTS // 5 - 2 <= pattern.n <= POSTS // 5, "of the first posts it cannot be told what was usual"
    assert not pattern.lift.noise
    assert 0.1 < pattern.lift.effect < 0.35, "a third more, shrunk towards none"
    assert pattern.words in one.because
    assert len(one.evidence) == 3
    assert all(
        "3" in post.title and post.outcome and post.over_usual and post.over_usual > 1
        for post in one.evidence
    )


def test_a_young_channel_has_no_voice_and_it_is_said(desk: Desk) -> None:
    told = titles(desk, kept(desk, "How to plan a film without an app", channel="new"))
    assert told.current_voice is None
    assert told.voice_words == "3 own titles are known; it takes 12 different ones to tell a voice."
    assert told.suggestions
    assert all(one.voice is None for one in told.suggestions)


def test_where_nothing_can_be_said_better_that_is_said(desk: Desk) -> None:
    told = titles(desk, kept(desk, "Potatoes"))
    assert told.suggestions == ()
    assert told.words.startswith("No other wording was found")


def test_a_draft_without_words_is_refused_by_field(desk: Desk) -> None:
    post = kept(desk)
    wordless = post.model_copy(update={"versions": (post.now.model_copy(update={"title": " "}),)})
    with pytest.raises(InputError, match="neither a title nor a text") as error:
        titles(desk, wordless)
    assert error.value.field == "content_id"


def test_an_own_post_is_advised_on_without_its_own_title_as_evidence(desk: Desk) -> None:
    from services.content.contents import find_content

    told = titles(desk, find_content(desk.engine, WORKSPACE, "youtube:p0"))
    assert "39 own titles" in told.voice_words
    assert all(post.post_id != "p0" for one in told.suggestions for post in one.evidence)


def test_a_caption_alone_is_rewritten_with_its_rest_kept(desk: Desk) -> None:
    told = titles(
        desk, kept(desk, "", text="How to store potatoes without an app\n\nSwipe on.\n#potatoes #cellar")
    )
    (asked,) = [one for one in told.suggestions if one.operator == "first line: asked as a question"]
    assert asked.field == "text"
    assert asked.change.title is None
    assert asked.after == "How do you store potatoes without an app?\n\nSwipe on.\n#potatoes #cellar"
    assert "captions are not headlines" in told.headlines_words


class Prefers:
    """A model of clicks that likes questions, to see who is asked and what for."""

    def __init__(self) -> None:
        self.summary: Mapping[str, Any] = {}

    def score(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def lifts(self, current: str, candidates: Sequence[str], lede: str = "") -> Any:
        return [(0.2, 0.15, 0.25) if "?" in one else (0.0, -0.05, 0.05) for one in candidates]


def test_a_registered_model_of_headlines_has_its_say(
    desk: Desk, content: Content, advice: TitleAdvice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert advice.headlines is None
    assert "no model of headlines" in advice.headlines_words
    monkeypatch.setattr("services.advice.titles.find_headlines", lambda _: HeadlineModel(Prefers(), "4", {}))
    told = titles(desk, kept(desk, "How to store potatoes without an app"))
    assert told.headlines == "4"
    asked = next(one for one in told.suggestions if one.after.endswith("?"))
    assert asked.headline_lift is not None
    assert asked.headline_lift.effect == pytest.approx(0.2214, abs=1e-3)
    assert asked.lift != asked.forecast_lift
    french = titles(
        desk, kept(desk, "Comment je garde mes pommes de terre tout l'hiver | la cave de mon père")
    )
    assert french.language == "fr"
    assert french.headlines is None
    assert "English" in french.headlines_words
    assert isinstance(HeadlineModel(Prefers(), "4", {}).lift("a", ["b?"])[0], LiftLn)


def test_what_a_server_writes_is_filtered_like_everything_else(desk: Desk, home: Settings) -> None:
    lines = "The best potatoes ever\nPotatoes in a cold cellar\nHow to fly to the moon"
    answer = json.dumps({"choices": [{"message": {"content": lines}}]}).encode()
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{http.server_port}/v1"
    told_of = home.model_copy(update={"title_server": url, "title_server_model": "m"})
    with_server = replace(desk, settings=told_of)
    told = titles(with_server, kept(desk))
    uses = {one.name: one for one in told.generators}
    assert uses["model server"].used
    assert uses["model server"].proposed == 3
    assert not uses["language model"].used
    assert "CREATORLENS_TITLE_MODEL" in uses["language model"].words
    written = [one.after for one in told.suggestions if one.made_by == "model server"]
    assert written in ([], ["Potatoes in a cold cellar"])
    assert told.left_out["says what the content does not"] >= 1
    assert told.left_out["promises what the content does not say"] >= 1
    titles(with_server, kept(desk))
    assert len(asked) == 1, "the same words are not written anew"
    http.shutdown()
    http.server_close()
    gone = replace(desk, settings=told_of.model_copy(update={"banned_words": ""}))
    assert (
        "cannot be reached"
        in {one.name: one for one in titles(gone, kept(desk)).generators}["model server"].words
    )
