"""Hashtag advice of a real home, whose posts were made up so that what each hashtag does is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from creatorlens.advice.content import Content, ContentVersion
from creatorlens.advice.hashtags import Hashtag, Hashtags
from creatorlens.database import open_database
from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import MediaType, Platform
from creatorlens.settings import Settings
from services.advice.desk import Desk
from services.advice.hashtags import BANNED_FILE, hashtags
from services.insights.registry import ChampionSource
from tests.services.insights.conftest import Book

START = datetime(2025, 1, 1, 9, tzinfo=UTC)
POSTS = 45
NOW = START + timedelta(days=2 * POSTS + 30)
DOES = {"night": 0.7, "dust": -0.7, "lens": 0.0, "street": 0.0, "film": 0.0}
LEVEL = {"ann": 400, "bob": 700, "cat": 300, "dan": 500}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Posts with #night do twice as well as others, those with #dust half as well; the rest makes no difference. Every post of ann
    has #annshoots, too; eve has never used any."""
    from features.featurize import featurize

    settings = Settings(home=tmp_path_factory.mktemp("hashtags") / "home", text_encoder="none")
    engine = open_database(settings)
    book, rng = Book(engine, settings), np.random.default_rng(3)
    for k, (channel, level) in enumerate(LEVEL.items()):
        for i in range(POSTS):
            tags = [str(tag) for tag in rng.choice(list(DOES), 2, replace=False)]
            does = sum(DOES[tag] for tag in tags)
            shown = [*tags, "annshoots"] if channel == "ann" else tags
            at = START + timedelta(days=2 * i, hours=2 * k)
            title = f"Walk {i} {' '.join(f'#{tag}' for tag in shown)}"
            book.post(f"{channel}{i}", at, title=title, channel=channel)
            views = level * np.exp(does + rng.normal(0, 0.25))
            book.views(f"{channel}{i}", round(float(views)), observed_at=at + timedelta(days=8))
    book.post("eve0", START, title="A first post without any", channel="eve")
    featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    engine.dispose()
    return settings


@pytest.fixture(scope="module")
def desk(home: Settings) -> Iterator[Desk]:
    from features.feature_store import OnlineStore

    engine = open_database(home)
    yield Desk(engine, home, ChampionSource(home), OnlineStore(home))
    engine.dispose()


def draft(
    *tags: str, title: str = "A walk in the rain", channel: str = "youtube:ann", text: str = ""
) -> Content:
    version = ContentVersion(
        version=1, created_at=NOW, planned_at=NOW + timedelta(days=1), title=title, text=text, hashtags=tags,
        media_type=MediaType.VIDEO, duration_s=None, category=None, followers=None, analysis_id=None, assets=(),
    )  # fmt: skip
    return Content(
        content_id="c1",
        channel_id=channel,
        platform=Platform.YOUTUBE,
        created_at=NOW,
        post_id=None,
        versions=(version,),
    )


def by_name(found: Hashtags) -> dict[str, Hashtag]:
    return {one.tag: one for one in found.tags}


@pytest.fixture(scope="module")
def advice(desk: Desk) -> Hashtags:
    return hashtags(desk, draft("Street", "dust", "follow4follow", "mynewthing"), now=NOW)


def test_a_hashtag_that_helps_comes_with_what_it_does(advice: Hashtags) -> None:
    night = by_name(advice)["night"]
    assert night.lift.low is not None
    assert night.lift.high is not None
    assert night.lift.low > 0
    assert night.lift.low < np.expm1(0.7) < night.lift.high + 0.3
    assert not night.lift.noise
    assert night.level == "channel"
    assert night.own_posts > 10
    assert f"you used it on {night.own_posts} of your posts" in night.because


def test_one_that_makes_no_difference_is_said_to_make_none(advice: Hashtags) -> None:
    for name in ("lens", "film", "street"):
        assert by_name(advice)[name].lift.noise
        assert by_name(advice)[name].lift.words.startswith("no detectable difference")


def test_the_draft_is_told_what_to_add_and_what_to_drop(advice: Hashtags) -> None:
    dropped = {one.words for one in advice.drop}
    assert "Drop #dust: posts with it did worse than posts alike without it." in dropped
    assert "Drop #follow4follow: follow-for-follow and other spam." in dropped
    assert any(one.change.hashtags and "night" in one.change.hashtags for one in advice.add)
    assert advice.best is not None
    assert advice.best.change.hashtags is not None
    # what the draft keeps keeps its spelling; what nobody used before may stay
    assert {"Street", "mynewthing"} <= set(advice.best.change.hashtags)
    assert not {"dust", "follow4follow"} & set(advice.best.change.hashtags)


def test_every_suggestion_can_be_looked_up_in_posts(advice: Hashtags) -> None:
    add = next(one for one in advice.add if one.words == "Add #night.")
    assert len(add.evidence) == 3
    assert {post.channel_id for post in add.evidence} == {"youtube:ann"}
    assert all("#night" in post.title and post.outcome for post in add.evidence)


def test_without_a_model_the_effects_stand_and_the_forecast_is_silent(advice: Hashtags) -> None:
    assert advice.model_version is None
    assert advice.best is not None
    assert advice.best.lift is None
    assert any("no model" in reason for reason in advice.best.because)


def test_how_many_is_what_the_channel_is_used_to_where_no_number_does_better(advice: Hashtags) -> None:
    number = advice.number
    assert (number.usual, number.limit) == (3, 60)
    assert number.low <= 3 <= number.high
    assert number.words.endswith(".")


def test_hashtags_written_in_the_words_are_taken_out_of_them(desk: Desk) -> None:
    found = hashtags(desk, draft(title="Rain #dust", text="Once more\n#street #dust"), now=NOW)
    drop = next(one for one in found.drop if "#dust" in one.words)
    assert (drop.change.title, drop.change.text, drop.change.hashtags) == ("Rain", "Once more\n#street", None)
    assert {one.tag for one in found.tags if one.in_draft} == {"street", "dust"}


def test_a_title_of_hashtags_alone_is_not_left_empty(desk: Desk) -> None:
    found = hashtags(desk, draft(title="#dust"), now=NOW)
    assert not any(one.change.title == "" for one in (*found.drop, *([found.best] if found.best else [])))


def test_nothing_published_or_known_later_has_a_say(desk: Desk) -> None:
    early = START + timedelta(days=30)
    found = hashtags(desk, draft(), now=early)
    assert found.as_of == early
    assert all(one.posts <= 4 * 15 for one in found.tags)
    assert all(one.lift.noise for one in found.tags)


def test_names_of_ones_own_are_banned_by_a_file(desk: Desk, home: Settings) -> None:
    path = home.home / BANNED_FILE
    path.write_text("#Lens\n")
    try:
        found = hashtags(desk, draft(), now=NOW)
    finally:
        path.unlink()
    assert "lens" not in by_name(found)
    assert found.left_out["banned, or known to hide posts"] == 1


def test_a_channel_without_a_past_is_told_what_others_do(desk: Desk) -> None:
    found = hashtags(desk, draft(channel="youtube:eve"), now=NOW)
    assert by_name(found)["night"].level == "platform"
    assert by_name(found)["night"].own_posts == 0
    assert found.number.usual == 0


def test_answers_are_the_same_twice(desk: Desk, advice: Hashtags) -> None:
    again = hashtags(desk, draft("Street", "dust", "follow4follow", "mynewthing"), now=NOW)
    assert again == advice


def test_what_cannot_be_answered_is_said(desk: Desk, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as error:
        hashtags(desk, draft(), now=datetime(2026, 1, 1))  # noqa: DTZ001
    assert error.value.field == "now"
    with pytest.raises(NotReadyError):
        hashtags(replace(desk, settings=Settings(home=tmp_path)), draft(), now=NOW)
