"""What the track record says of graded predictions."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from creatorlens.database import tables
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


def bins(found, kind: str, **scope: object):  # type: ignore[no-untyped-def]
    wanted = {"platform": None, "size": None} | scope
    return [b for b in found.calibration if (b.kind, b.platform, b.size) == (kind, *wanted.values())]


def test_what_was_stated_stands_beside_what_came_true(book: Book, record) -> None:  # type: ignore[no-untyped-def]
    # stated: 60 % pass the floor of 80; in band 50..200. Five of eight pass, six of eight lie within.
    views = [100, 100, 150, 190, 300, 60, 60, 20]
    posts_seen_after_a_week(book, views)
    for i in range(len(views)):
        book.predict(post_id=f"ann{i}", planned_at=START + i * HOUR, horizons=(168,))
    (interval,), (beats,) = bins(record(), "interval80"), bins(record(), "beats_floor")
    assert (interval.stated, interval.observed, interval.n) == (0.8, 6 / 8, 8)
    assert (beats.from_p, beats.to_p, beats.n) == (0.6, 0.7, 8)
    assert beats.stated == pytest.approx(0.6)
    assert beats.observed == 5 / 8
    # scipy.stats.binomtest(5, 8).proportion_ci(method="wilson")
    assert (beats.low, beats.high) == pytest.approx((0.30574, 0.86316), abs=1e-4)


def test_a_post_counts_once_in_the_calibration_however_many_ages_it_has(book: Book, record) -> None:  # type: ignore[no-untyped-def]
    posts_seen_after_a_week(book, [100])
    book.views("ann0", 10, observed_at=START + 25 * HOUR)
    book.predict(post_id="ann0")
    found = record()
    assert found.graded == 2
    (interval,) = bins(found, "interval80")
    assert (interval.n, interval.observed) == (1, 1.0)


def test_channels_are_small_or_large_by_their_floor_on_their_platform(book: Book, record) -> None:  # type: ignore[no-untyped-def]
    for channel, floor in (("ann", 10), ("bob", 1000), ("cid", 100_000), ("dee", None)):
        posts_seen_after_a_week(book, [100, 120], channel=channel)
        for i in range(2):
            at = START + i * HOUR
            book.predict(
                post_id=f"{channel}{i}", channel=channel, planned_at=at, horizons=(168,), floor=floor
            )
    found = record()
    sizes = {piece.size: piece.skill.n for piece in found.by_size}
    assert sizes == {"small": 2, "medium": 2, "large": 2, "new": 2}
    assert [b.n for b in bins(found, "interval80", size="large")] == [2]
    assert bins(found, "beats_floor", size="new") == [], "where there is no floor there is nothing to pass"
    of_one = record(channel_id="youtube:ann")
    assert of_one.by_size == ()
    assert not [b for b in of_one.calibration if b.size], "thirds of one channel say nothing of its size"


def test_a_revised_forecast_knew_more_and_is_counted_apart(book: Book, record) -> None:  # type: ignore[no-untyped-def]
    posts_seen_after_a_week(book, [500])
    first = book.predict(post_id="ann0", horizons=(168,))
    with book.engine.begin() as connection:
        kept = connection.execute(tables.predictions.select()).mappings().one()
        anew = {"prediction_id": "anew", "revises": first, "created_at": START + HOUR}
        anew |= {"p10": 400.0, "p50": 500.0, "p90": 600.0}
        connection.execute(tables.predictions.insert(), dict(kept) | anew)
    found = record()
    assert [piece.skill.coverage80 for piece in found.totals] == [0.0]
    assert [piece.skill.coverage80 for piece in found.revised] == [1.0]
    assert bins(found, "interval80")[0].observed == 0.0
