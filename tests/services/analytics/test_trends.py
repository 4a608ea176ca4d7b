"""Trends of a real home: from the database and the features as they were computed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from creatorlens.database import open_database
from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.featurize import featurize
from services.analytics.trends import trends
from tests.services.insights.conftest import Book

START = datetime(2025, 1, 1, 9, tzinfo=UTC)
POSTS = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two channels that post every other day; both take up lenses of late, with twice the views."""
    settings = Settings(home=tmp_path_factory.mktemp("trends"), text_encoder="none")
    engine = open_database(settings)
    book = Book(engine, settings)
    for channel, level in (("ann", 100), ("bob", 5_000)):
        for i in range(POSTS):
            at = START + timedelta(days=2 * i)
            lenses = i >= POSTS - 9
            title = f"Anamorphic lens part {i}" if lenses else f"Holiday film {i}"
            book.post(f"{channel}{i}", at, title=title, channel=channel)
            book.views(f"{channel}{i}", level * (2 if lenses else 1) + i, observed_at=at + timedelta(days=8))
    featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    engine.dispose()
    return settings


def test_what_both_channels_took_up_is_told_with_what_it_got(home: Settings) -> None:
    found = trends(open_database(home), home, Platform.YOUTUBE)
    assert found.as_of == START + timedelta(days=2 * (POSTS - 1), seconds=1), (
        "when the newest post was public"
    )
    lens = next(one for one in found.trends if one.name == "anamorphic lens part")
    assert lens.kind == "topic"
    assert lens.channels == 2
    assert lens.posts == 18
    assert lens.rise_ln > 0.7
    assert lens.lift_ln is not None
    assert lens.lift_ln > 0
    assert "holiday film" not in {one.name for one in found.trends}
    nine = next(one for one in found.seasons if (one.kind, one.value) == ("hour", 9))
    assert nine.posts == sum(one.posts for one in found.seasons if one.kind == "weekday") > 100


def test_as_of_an_earlier_day_nobody_knows_what_came_later(home: Settings) -> None:
    engine = open_database(home)
    before = trends(engine, home, Platform.YOUTUBE, START + timedelta(days=2 * (POSTS - 9)))
    assert "anamorphic lens part" not in {one.name for one in before.trends}
    assert trends(engine, home, Platform.YOUTUBE, START).trends == ()
    assert trends(engine, home, Platform.YOUTUBE, START).seasons == ()


def test_a_time_without_zone_and_a_platform_without_features_are_refused(home: Settings) -> None:
    engine = open_database(home)
    with pytest.raises(InputError, match="zone") as caught:
        trends(engine, home, Platform.YOUTUBE, datetime(2025, 3, 1))  # noqa: DTZ001
    assert caught.value.field == "as_of"
    with pytest.raises(NotReadyError, match="creatorlens featurize"):
        trends(engine, home, Platform.TIKTOK)
