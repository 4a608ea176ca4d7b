"""What the track record says of graded predictions."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.analytics.track_record import track_record
from services.insights.grading import grade
from tests.services.insights.conftest import HOUR, START, Book

MUCH_LATER = START + 5000 * HOUR


@pytest.fixture
def record(engine: Engine, settings: Settings):  # type: ignore[no-untyped-def]
    def do(**scope: object):  # type: ignore[no-untyped-def]
        grade(engine, settings, now=MUCH_LATER)
        return track_record(engine, settings, **scope)  # type: ignore[arg-type]

    return do


def posts_seen_after_a_week(book: Book, views: list[float], *, channel: str = "ann") -> None:
    for i, count in enumerate(views):
        at = START + i * HOUR
        book.post(f"{channel}{i}", at, channel=channel)
        book.views(f"{channel}{i}", count, observed_at=at + 169 * HOUR)


def test_without_predictions_it_is_empty(record) -> None:  # type: ignore[no-untyped-def]
    empty = record()
    assert (empty.predictions, empty.graded, empty.totals) == (0, 0, ())


def test_skill_compares_with_the_floor(book: Book, record) -> None:  # type: ignore[no-untyped-def]
    posts_seen_after_a_week(book, [100, 100, 100, 1000])
    for i in range(4):
        book.predict(post_id=f"ann{i}", planned_at=START + i * HOUR, horizons=(168,), p50=100, floor=20)
    (total,) = record().totals
    assert (total.made, total.outcomes) == ("live", "observed")
    assert total.skill.n == 4
    assert total.skill.coverage80 == 0.75
    assert total.skill.skill is not None
    assert 0 < total.skill.skill < 1


def test_looking_back_is_never_counted_as_live_nor_backfilled_as_observed(book: Book, record) -> None:  # type: ignore[no-untyped-def]
    posts_seen_after_a_week(book, [100, 100])
    book.post("old", START)
    book.views("old", 100, observed_at=None, imported_at=MUCH_LATER)
    book.predict(post_id="ann0", horizons=(168,))
    book.predict(post_id="ann1", horizons=(168,), created_at=MUCH_LATER)
    book.predict(post_id="old", horizons=(168,))
    groups = {(one.made, one.outcomes): one.skill.n for one in record().totals}
    assert groups == {("live", "observed"): 1, ("retrospective", "observed"): 1, ("live", "backfilled"): 1}


def test_of_several_forecasts_of_a_post_the_last_counts(book: Book, record) -> None:  # type: ignore[no-untyped-def]
    posts_seen_after_a_week(book, [100])
    book.predict(post_id="ann0", horizons=(168,), p50=5, p10=1, p90=10, created_at=START - 3 * HOUR)
    book.predict(post_id="ann0", horizons=(168,), p50=100, created_at=START - 2 * HOUR)
    found = record()
    assert found.graded == 1
    assert found.totals[0].skill.coverage80 == 1


def test_one_channel_shows_each_forecast_against_its_outcome(book: Book, record) -> None:  # type: ignore[no-untyped-def]
    posts_seen_after_a_week(book, [100, 120])
    posts_seen_after_a_week(book, [500], channel="bob")
    for post, channel in (("ann0", "ann"), ("ann1", "ann"), ("bob0", "bob")):
        book.predict(post_id=post, channel=channel, horizons=(168,))
    found = record(channel_id="youtube:ann")
    assert [(point.post_id, point.outcome) for point in found.series] == [("ann0", 100), ("ann1", 120)]
    assert record(platform=Platform.YOUTUBE).series == ()
    assert record(platform=Platform.TIKTOK).graded == 0


def test_months_and_horizons_are_shown_apart(book: Book, record) -> None:  # type: ignore[no-untyped-def]
    posts_seen_after_a_week(book, [100])
    book.views("ann0", 60, observed_at=START + 25 * HOUR)
    book.predict(post_id="ann0")
    found = record()
    assert [one.horizon_h for one in found.by_horizon] == [24, 168]
    assert [one.month for one in found.by_month] == ["2026-03"]
