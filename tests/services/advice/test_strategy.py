"""Strategy of a real home: channels whose past was made up, so that what sets their posts apart is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from creatorlens.advice.strategy import Strategy
from creatorlens.database import open_database
from creatorlens.errors import InputError, NotFoundError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.advice.desk import Desk
from services.advice.strategy import strategy
from services.insights.registry import ChampionSource
from tests.services.insights.conftest import Book

START = datetime(2025, 1, 1, 9, tzinfo=UTC)
POSTS = 70
NOW = START + timedelta(days=2 * POSTS + 30)
REVIEW, TEARDOWN, TOUR, BREAD = "Lens review", "Shutter teardown", "Camera tour", "Sourdough bread"
DOES = {REVIEW: 0.9, TEARDOWN: 0.9, TOUR: 0.0, BREAD: 0.0}
MAKES = {
    "ann": [REVIEW, TOUR, TOUR, TOUR, TOUR],
    "bob": [TEARDOWN, TOUR, TOUR, REVIEW, TOUR, TOUR],
    "cat": [TOUR, TEARDOWN, TOUR, TOUR, REVIEW, TOUR, TOUR],
    "dan": [BREAD],
    "eve": [TOUR],
}
LEVEL = {"ann": 400, "bob": 700, "cat": 300, "dan": 500, "eve": 400}
FEW = 6
ENDINGS = (
    "slowly",
    "again",
    "by night",
    "with friends",
    "in rain",
    "from above",
    "for less",
    "on film",
    "at home",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Ann's reviews do 2.5 times as well as her tours, teardowns do for bob and cat; dan bakes, and nothing but chance is at
    work there; eve has hardly begun."""
    from features.featurize import featurize

    settings = Settings(home=tmp_path_factory.mktemp("strategy") / "home", text_encoder="none")
    engine = open_database(settings)
    book, rng = Book(engine, settings), np.random.default_rng(1)
    for k, (channel, makes) in enumerate(MAKES.items()):
        for i in range(FEW if channel == "eve" else POSTS):
            made = makes[int(rng.integers(len(makes)))]
            at = START + timedelta(days=2 * i, hours=2 * k)
            book.post(f"{channel}{i}", at, title=f"{made} {rng.choice(ENDINGS)}", channel=channel)
            views = LEVEL[channel] * np.exp(DOES[made] + rng.normal(0, 0.25))
            book.views(f"{channel}{i}", round(float(views)), observed_at=at + timedelta(days=8))
    featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    engine.dispose()
    return settings


@pytest.fixture(scope="module")
def desk(home: Settings) -> Iterator[Desk]:
    from features.feature_store import OnlineStore

    engine = open_database(home)
    yield Desk(engine, home, ChampionSource(home), OnlineStore(home))
    engine.dispose()


@pytest.fixture(scope="module")
def ann(desk: Desk) -> Strategy:
    return strategy(desk, "youtube:ann", now=NOW)


def test_what_set_the_best_posts_apart_is_named_with_its_effect_and_its_posts(ann: Strategy) -> None:
    best = ann.sets_apart[0]
    assert "lens review" in " ".join((best.name, *best.also)).lower()
    assert best.lift.low is not None
    assert best.lift.low > 0
    assert not best.lift.noise
    assert best.share_of_outliers is not None
    assert best.share_of_outliers > best.share
    assert all(post.title.startswith(REVIEW) and post.channel_id == "youtube:ann" for post in best.evidence)
    assert all(post.outcome is not None and (post.over_usual or 0) > 1 for post in best.evidence)
    assert best.words.startswith("Posts with")
    assert "What sets them apart" in ann.words


def test_outliers_are_far_above_the_channels_usual_the_farthest_first(ann: Strategy) -> None:
    assert ann.outliers
    assert all(one.post.title.startswith(REVIEW) for one in ann.outliers)
    assert all(one.times_usual >= 1.3 and one.spreads >= 2 for one in ann.outliers)
    spreads = [one.spreads for one in ann.outliers]
    assert spreads == sorted(spreads, reverse=True)


def test_gaps_and_competitors_come_from_channels_that_post_about_the_same(ann: Strategy) -> None:
    alike = [one.channel_id for one in ann.alike]
    assert "youtube:dan" not in alike
    assert {"youtube:bob", "youtube:cat"} <= set(alike)
    gap = next(one for one in ann.gaps if "teardown" in one.name)
    assert (gap.share, gap.channels) == (0, 2)
    assert gap.lift.low is not None
    assert gap.lift.low > 0
    assert gap.words.endswith("You have none.")
    assert {post.channel_id for post in gap.evidence} <= {"youtube:bob", "youtube:cat"}
    assert {one.post.channel_id for one in ann.competitors} <= set(alike)


def test_a_channel_of_chance_is_told_so(desk: Desk) -> None:
    dan = strategy(desk, "youtube:dan", now=NOW)
    assert (dan.sets_apart, dan.underused, dan.overused) == ((), (), ())
    assert dan.looked_at > 5
    assert "beyond chance" in dan.words
    assert dan.alike == ()
    assert any("No channel here posts about the same things" in note for note in dan.notes)


def test_a_channel_that_has_hardly_begun_learns_what_it_takes(desk: Desk) -> None:
    eve = strategy(desk, "youtube:eve", now=NOW)
    assert eve.looked_at == 0
    assert "it takes 12" in eve.words
    assert {"youtube:bob", "youtube:cat"} & {one.channel_id for one in eve.alike}


def test_nothing_that_was_not_known_then_is_told(desk: Desk) -> None:
    then = START + timedelta(days=90)
    before = strategy(desk, "youtube:ann", now=then)
    assert before.results < strategy(desk, "youtube:ann", now=NOW).results
    posts = [one.post for one in (*before.outliers, *before.competitors)]
    for found in (*before.sets_apart, *before.underused, *before.gaps):
        posts += found.evidence
    for term in before.keywords:
        posts += term.evidence
    assert posts
    assert max(post.published_at for post in posts) <= then - timedelta(days=8)


def test_it_travels_whole_and_says_that_these_are_no_experiments(ann: Strategy) -> None:
    assert Strategy.model_validate_json(ann.model_dump_json()) == ann
    assert any("not experiments" in note for note in ann.notes)


def test_the_same_question_is_answered_once(desk: Desk) -> None:
    assert strategy(desk, "youtube:bob", now=NOW) is strategy(desk, "youtube:bob", now=NOW)


def test_what_cannot_be_answered_is_refused(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(NotFoundError) as unknown:
        strategy(desk, "youtube:nobody")
    assert unknown.value.field == "channel"
    with pytest.raises(InputError):
        strategy(desk, "youtube:ann", now=datetime(2025, 6, 1))  # noqa: DTZ001
    settings = Settings(home=tmp_path_factory.mktemp("empty") / "home")
    engine = open_database(settings)
    Book(engine, settings).post("v1", START)
    with pytest.raises(NotReadyError, match="featurize"):
        strategy(Desk(engine, settings, desk.source, desk.store), "youtube:ann")
    engine.dispose()
