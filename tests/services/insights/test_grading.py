"""Which observation grades which prediction, on both databases."""

from __future__ import annotations

import math
from datetime import datetime

import pytest
from sqlalchemy import Engine

from creatorlens import api
from creatorlens.settings import Settings
from services.insights import ledger
from services.insights.grading import grade
from tests.services.insights.conftest import HOUR, START, Book

MUCH_LATER = START + 5000 * HOUR


def grades(engine: Engine, settings: Settings, prediction: str) -> dict[float, api.Grade]:
    return {g.horizon_h: g for g in ledger.get(engine, settings.workspace, prediction).grades}


@pytest.fixture
def graded(engine: Engine, settings: Settings):  # type: ignore[no-untyped-def]
    def do(prediction: str, *, now: datetime = MUCH_LATER) -> dict[float, api.Grade]:
        grade(engine, settings, now=now)
        return grades(engine, settings, prediction)

    return do


def test_the_observation_nearest_in_age_grades_a_horizon(book: Book, graded) -> None:  # type: ignore[no-untyped-def]
    book.post("v1", START)
    for age, views in ((20, 60), (26, 70), (100, 90), (200, 150)):
        book.views("v1", views, observed_at=START + age * HOUR)
    prediction = book.predict(post_id="v1")
    found = graded(prediction)
    assert {h: g.outcome for h, g in found.items()} == {24: 70, 168: 150}
    assert found[24].observed_age_h == pytest.approx(26)
    assert found[24].covered80
    assert found[168].ae_ln == pytest.approx(math.log(151) - math.log(101))
    assert found[168].floor_ae_ln == pytest.approx(math.log(151) - math.log(81))
    assert not found[24].backfilled


def test_a_horizon_waits_while_a_nearer_observation_may_still_come(book: Book, graded) -> None:  # type: ignore[no-untyped-def]
    book.post("v1", START)
    book.views("v1", 60, observed_at=START + 20 * HOUR)
    prediction = book.predict(post_id="v1", horizons=(24,))
    assert graded(prediction, now=START + 21 * HOUR) == {}
    book.views("v1", 70, observed_at=START + 25 * HOUR)
    assert graded(prediction, now=START + 25 * HOUR)[24].outcome == 70


def test_an_early_observation_grades_once_nothing_nearer_can_come(book: Book, graded) -> None:  # type: ignore[no-untyped-def]
    book.post("v1", START)
    book.views("v1", 60, observed_at=START + 20 * HOUR)
    prediction = book.predict(post_id="v1", horizons=(24,))
    assert graded(prediction, now=START + 37 * HOUR)[24].outcome == 60


def test_grading_twice_changes_nothing(book: Book, engine: Engine, settings: Settings) -> None:
    book.post("v1", START)
    book.views("v1", 150, observed_at=START + 170 * HOUR)
    prediction = book.predict(post_id="v1", horizons=(168,))
    assert grade(engine, settings, now=MUCH_LATER).graded == 1
    first = grades(engine, settings, prediction)
    book.views("v1", 999, observed_at=START + 168 * HOUR)
    assert grade(engine, settings, now=MUCH_LATER).graded == 0
    assert grades(engine, settings, prediction) == first


def test_a_count_of_unknown_age_grades_the_longest_horizon_as_backfilled(book: Book, graded) -> None:  # type: ignore[no-untyped-def]
    book.post("v1", START)
    book.views("v1", 300, observed_at=None, imported_at=START + 800 * HOUR)
    prediction = book.predict(post_id="v1")
    found = graded(prediction)
    assert list(found) == [720]
    assert found[720].backfilled
    assert found[720].observed_age_h is None
    assert not found[720].covered80


def test_a_forecast_at_a_posts_own_age_is_graded_by_that_very_observation(book: Book, graded) -> None:  # type: ignore[no-untyped-def]
    book.post("v1", START)
    for age in (52_000.1, 52_000.4):
        book.views("v1", age, observed_at=START + age * HOUR)
    prediction = book.predict(post_id="v1", horizons=(52_000.1,), created_at=MUCH_LATER)
    assert graded(prediction)[52_000.1].outcome == 52_000.1


def test_a_live_prediction_is_not_graded_by_what_had_been_seen_before_it(book: Book, graded) -> None:  # type: ignore[no-untyped-def]
    book.post("v1", START)
    book.views("v1", 60, observed_at=START + 20 * HOUR)
    prediction = book.predict(post_id="v1", horizons=(24,), created_at=START + 21 * HOUR)
    assert graded(prediction) == {}


def test_a_draft_finds_its_post_by_its_words_within_two_days(book: Book, graded) -> None:  # type: ignore[no-untyped-def]
    book.post("too-late", START + 50 * HOUR, title="The film")
    book.post("near", START + 3 * HOUR, title="The  film")
    book.post("another", START + 1 * HOUR, title="Another film")
    book.post("another-channel", START, title="The film", channel="bob")
    for post, at in (("too-late", 50), ("near", 3), ("another", 1), ("another-channel", 0)):
        book.views(post, 100 + at, observed_at=START + (at + 170) * HOUR)
    prediction = book.predict(title="The film", horizons=(168,))
    found = graded(prediction)
    assert found[168].post_id == "near"
    assert found[168].outcome == 103


def test_predictions_without_an_outcome_are_counted_as_waiting(
    book: Book, engine: Engine, settings: Settings
) -> None:
    book.predict(post_id="not-there-yet")
    report = grade(engine, settings, now=MUCH_LATER)
    assert (report.graded, report.waiting) == (0, 3)


def test_without_a_floor_there_is_no_floor_error(book: Book, graded) -> None:  # type: ignore[no-untyped-def]
    book.post("v1", START)
    book.views("v1", 150, observed_at=START + 170 * HOUR)
    prediction = book.predict(post_id="v1", horizons=(168,), floor=None)
    assert graded(prediction)[168].floor_ae_ln is None


def test_many_ranges_of_channels_grade_as_one_and_a_killed_grading_goes_on(
    book: Book, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.insights import grading, grading_reads

    predictions = []
    for channel in ("ann", "bob", "cy"):
        book.post(channel, START, channel=channel)
        book.views(channel, 150, observed_at=START + 170 * HOUR)
        predictions.append(book.predict(post_id=channel, channel=channel, horizons=(168, 720)))
    monkeypatch.setattr(grading_reads, "FORECASTS_AT_ONCE", 1)
    written, write = [], grading.write

    def killed_in_the_third(*arguments: object) -> None:
        written.append(arguments)
        if len(written) == 3:
            raise KeyboardInterrupt
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(grading, "write", killed_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        grade(engine, settings, now=MUCH_LATER)
    assert [len(grades(engine, settings, one)) for one in predictions] == [1, 1, 0]
    report = grade(engine, settings, now=MUCH_LATER)
    assert (report.graded, report.waiting) == (1, 5 - 2)
    assert [len(grades(engine, settings, one)) for one in predictions] == [1, 1, 1]
