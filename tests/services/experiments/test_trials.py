"""A test from its start to its verdict, on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, select

from creatorlens.advice.experiments import Experiment, ObservationOfVariant
from creatorlens.database import open_database, tables
from creatorlens.errors import ConflictError, InputError, NotFoundError
from creatorlens.settings import Settings
from services.experiments import trials
from services.experiments.observing import observe, settled
from services.experiments.pooled import pooled_changes
from tests.services.experiments.conftest import DAY, NOW, START, asked, seen
from tests.services.insights.conftest import Book


@pytest.fixture
def test(engine: Engine, settings: Settings, book: Book) -> Experiment:
    return trials.start(engine, settings, asked("Ten lenses", "Which lens?"), START)


def alike(day: int) -> list[ObservationOfVariant]:
    return [seen(day, "a", 2000, 100), seen(day, "b", 2000, 100)]


def ahead(day: int) -> list[ObservationOfVariant]:
    return [seen(day, "a", 2000, 100), seen(day, "b", 2000, 160)]


def training_rows(engine: Engine) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.DataFrame(connection.execute(select(tables.experiments)).mappings().all())


def test_the_better_title_wins_and_is_handed_to_the_models(
    engine: Engine, settings: Settings, test: Experiment
) -> None:
    for day in range(20):
        answer = observe(engine, settings, test.experiment_id, ahead(day), NOW)
        if answer.status == "decided":
            break
    assert (answer.verdict.finding, answer.verdict.winner) == ("won", "b")
    (effect,) = answer.verdict.effects
    assert effect.low is not None
    assert effect.high is not None
    assert 0 < effect.low < 0.6 < effect.high
    assert answer.verdict.words.startswith("b wins: +60 % clicks against a (+")
    rows = training_rows(engine).set_index("variant_id")
    days = day + 1
    assert rows.loc["b", ["headline", "impressions", "clicks"]].tolist() == [
        "Which lens?",
        2000 * days,
        160 * days,
    ]
    assert rows.loc["a", "week"] == 202623

    found = trials.experiment(engine, settings, test.experiment_id)
    assert (found.status, found.decided_at, found.verdict) == ("decided", NOW, answer.verdict)
    assert [one.status for one in trials.experiments(engine, settings).experiments] == ["decided"]


def test_no_difference_is_an_answer(engine: Engine, settings: Settings, test: Experiment) -> None:
    for day in range(60):
        answer = observe(engine, settings, test.experiment_id, alike(day), NOW)
        if answer.status == "decided":
            break
    assert answer.verdict.finding == "no-difference"
    assert answer.verdict.winner is None
    assert "none is better than another by 30 % or more" in answer.verdict.words


def test_what_was_told_before_counts_once(engine: Engine, settings: Settings, test: Experiment) -> None:
    first = observe(engine, settings, test.experiment_id, alike(0), NOW)
    again = observe(engine, settings, test.experiment_id, [*alike(0), *alike(1)], NOW)
    assert (first.stored, first.unchanged) == (2, 0)
    assert (again.stored, again.unchanged) == (2, 2)
    assert [one.impressions for one in again.verdict.variants] == [4000, 4000]
    # other counts for the same variant and start take their place
    changed = observe(engine, settings, test.experiment_id, [seen(1, "a", 2100, 99)], NOW)
    assert changed.stored == 1
    assert [one.impressions for one in changed.verdict.variants] == [4100, 4000]


def test_it_goes_on_after_a_restart(engine: Engine, settings: Settings, test: Experiment) -> None:
    before = observe(engine, settings, test.experiment_id, alike(0), NOW).verdict
    engine.dispose()
    fresh = open_database(settings)
    assert settled(fresh, settings, test.experiment_id) == before
    fresh.dispose()


def test_a_test_that_has_ended_takes_nothing_new_but_repeats_are_fine(
    engine: Engine, settings: Settings, test: Experiment
) -> None:
    observe(engine, settings, test.experiment_id, alike(0), NOW)
    stopped = trials.stop(engine, settings, test.experiment_id, NOW)
    assert stopped.status == "stopped"
    assert stopped.verdict is not None
    assert stopped.verdict.finding == "undecided"
    assert trials.stop(engine, settings, test.experiment_id) == stopped
    assert observe(engine, settings, test.experiment_id, alike(0), NOW).unchanged == 2
    with pytest.raises(ConflictError):
        observe(engine, settings, test.experiment_id, alike(1), NOW)
    # what was seen until then is training data all the same
    assert training_rows(engine)["clicks"].tolist() == [100, 100]


def test_a_decided_test_cannot_be_stopped(engine: Engine, settings: Settings, test: Experiment) -> None:
    observe(
        engine, settings, test.experiment_id, [seen(0, "a", 20_000, 1000), seen(0, "b", 20_000, 2000)], NOW
    )
    with pytest.raises(ConflictError):
        trials.stop(engine, settings, test.experiment_id)


def test_what_cannot_be_taken_is_said_with_its_place_and_nothing_is_stored(
    engine: Engine, settings: Settings, test: Experiment
) -> None:
    for observations, field in (
        ([seen(0, "a", 100, 5), seen(0, "c", 100, 5)], "observations.1.variant_id"),
        ([seen(0, "a", 100, 5), seen(0, "a", 100, 6)], "observations.1"),
        ([seen(0, "a", 100, 5), seen(0.5, "a", 100, 6)], "observations.1.period_start"),
        ([seen(200, "a", 100, 5)], "observations.0.period_end"),
        ([seen(0, "a", 100, 5).model_copy(update={"outcome_ln": 0.1})], "observations.0.outcome_ln"),
    ):
        with pytest.raises(InputError) as error:
            observe(engine, settings, test.experiment_id, observations, NOW)
        assert error.value.field == field
    assert settled(engine, settings, test.experiment_id).variants[0].impressions == 0


def test_overlap_with_what_was_told_earlier_is_refused(
    engine: Engine, settings: Settings, test: Experiment
) -> None:
    observe(engine, settings, test.experiment_id, [seen(0, "a", 100, 5, days=2)], NOW)
    with pytest.raises(InputError, match="overlaps"):
        observe(engine, settings, test.experiment_id, [seen(1, "a", 100, 5)], NOW)
    # a later end for the same start is a longer count of the same period
    assert observe(engine, settings, test.experiment_id, [seen(0, "a", 150, 7, days=3)], NOW).stored == 1


def test_two_who_tell_the_same_at_once_count_once(
    engine: Engine, settings: Settings, test: Experiment
) -> None:
    failed: list[Exception] = []

    def tell() -> None:
        try:
            for day in range(2):
                observe(engine, settings, test.experiment_id, alike(day), NOW)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert [one.impressions for one in settled(engine, settings, test.experiment_id).variants] == [4000, 4000]


def test_what_cannot_be_decided_is_not_started_unless_forced(
    engine: Engine, settings: Settings, book: Book
) -> None:
    tiny: dict[str, Any] = {"impressions_per_day": 40, "smallest": 0.1}
    with pytest.raises(InputError) as error:
        trials.start(engine, settings, asked("A", "B", **tiny), START)
    assert error.value.field == "plan"
    assert "cannot be told from chance" in error.value.message
    assert "Look for more" in str(error.value.hint)
    forced = trials.start(engine, settings, asked("A", "B", force=True, **tiny), START)
    assert (forced.status, forced.power.decidable) == ("running", False)


def test_what_is_not_there_is_named(engine: Engine, settings: Settings, book: Book) -> None:
    for change, field in (({"channel": "youtube:an"}, "channel"), ({"content_id": "nothing"}, "content_id")):
        with pytest.raises(NotFoundError) as error:
            trials.start(engine, settings, asked("A", "B").model_copy(update=change), START)
        assert error.value.field == field


def test_a_thumbnail_test_needs_stored_pictures_and_a_title(
    engine: Engine, settings: Settings, book: Book
) -> None:
    wanted = asked("0" * 64, "1" * 64, kind="thumbnail")
    with pytest.raises(InputError) as error:
        trials.start(engine, settings, wanted, START)
    assert error.value.field == "headline"
    with pytest.raises(NotFoundError) as missing:
        trials.start(engine, settings, wanted.model_copy(update={"headline": "Lenses"}), START)
    assert missing.value.field == "variants.0.thumbnail"


def test_one_a_day_is_judged_beside_weekdays_and_trend(
    engine: Engine, settings: Settings, book: Book
) -> None:
    """b has only the strong days: what the plain sums show is not taken for an effect."""
    plan: dict[str, Any] = {"rotation": "by-day", "smallest": 0.5, "max_days": 200}
    test = trials.start(engine, settings, asked("A", "B", **plan), START)
    assert len(test.order) == 120
    assert set(test.order[:2]) == {"a", "b"}
    weekend = [
        seen(
            day,
            "b" if (START + day * DAY).weekday() >= 5 else "a",
            4000,
            400 if (START + day * DAY).weekday() >= 5 else 200,
        )
        for day in range(28)
    ]
    found = observe(engine, settings, test.experiment_id, weekend, NOW).verdict
    assert (found.analysis, found.finding) == ("by-day", "undecided")
    assert found.effects[0].low is None
    assert "weekdays" in found.remarks[0]


def test_a_time_test_takes_posts_and_waits_for_their_outcomes(
    engine: Engine, settings: Settings, book: Book
) -> None:
    plan: dict[str, Any] = {"posts_per_week": 5, "spread_ln": 0.3, "smallest": 2.0, "max_days": 300}
    test = trials.start(engine, settings, asked("evenings", "mornings", kind="time", **plan), START)
    hour = timedelta(hours=1)

    def post(i: int, **told: Any) -> ObservationOfVariant:
        at = START + i * DAY
        return ObservationOfVariant(
            variant_id="ab"[i % 2], period_start=at, period_end=at + hour, **{"post_id": f"p{i}", **told}
        )

    first = observe(engine, settings, test.experiment_id, [post(i) for i in range(4)], NOW)
    assert "4 posts wait" in first.verdict.remarks[-1]
    with pytest.raises(InputError) as error:
        observe(engine, settings, test.experiment_id, [post(5, post_id="nobody's")], NOW)
    assert error.value.field == "observations.0.post_id"
    with pytest.raises(InputError, match="told before"):
        observe(engine, settings, test.experiment_id, [post(6, post_id="p0")], NOW)

    from creatorlens.platforms import Platform
    from features.featurize import featurize

    featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    known = settled(engine, settings, test.experiment_id)
    assert known.variants[0].rate is not None
    assert known.analysis == "posts"
    # outcomes may be told as well
    noise = (0.1, -0.1, 0.05, -0.05)
    told = [post(i, post_id=None, outcome_ln=2.0 * (i % 2) + noise[i % 4]) for i in range(12, 40)]
    decided = observe(engine, settings, test.experiment_id, told, NOW)
    assert (decided.status, decided.verdict.winner) == ("decided", "b")
    assert training_rows(engine).empty


def test_many_small_tests_together_tell_what_a_change_is_worth(
    engine: Engine, settings: Settings, book: Book
) -> None:
    assert pooled_changes(engine, settings).changes == ()
    for i in range(6):
        test = trials.start(
            engine, settings, asked(f"Lens {'abcdef'[i]}", f"Which lens, {'abcdef'[i]}?"), START
        )
        observe(engine, settings, test.experiment_id, [seen(0, "a", 2000, 100), seen(0, "b", 2000, 130)], NOW)
        trials.stop(engine, settings, test.experiment_id, NOW)
    found = pooled_changes(engine, settings, channel_id="youtube:ann")
    assert found.tests == 6
    question = next(one for one in found.changes if one.change == "question")
    assert (question.tests, question.noise) == (6, False)
    assert question.low < 0.3 < question.high
    assert pooled_changes(engine, settings, channel_id="youtube:bob").tests == 0
