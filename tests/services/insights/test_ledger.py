from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from creatorlens.database import tables
from creatorlens.errors import NotFoundError
from creatorlens.settings import Settings
from services.insights import ledger
from services.insights.ids import draft_hash, prediction_id
from tests.services.insights.conftest import HOUR, START, Book


def test_a_prediction_is_read_back_as_it_was_given(book: Book, engine: Engine, settings: Settings) -> None:
    name = book.predict(horizons=(24, 168))
    kept = ledger.get(engine, settings.workspace, name)
    assert [f.horizon_h for f in kept.forecasts] == [24, 168]
    assert kept.forecasts[0].p50 == 100
    assert kept.typical_band is not None
    assert kept.typical_band.p50 == 90
    assert [d.words for d in kept.drivers] == ["length of the title"]
    assert kept.planned_at == START
    assert kept.grades == ()
    assert not kept.retrospective


def test_inputs_are_kept_once_per_prediction(book: Book, engine: Engine) -> None:
    book.predict(horizons=(24, 168, 720))
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT inputs FROM predictions ORDER BY horizon_h")).scalars().all()
    assert ["draft" in str(inputs) for inputs in kept] == [True, False, False]


def test_nobody_can_change_or_take_back_a_prediction(book: Book, engine: Engine) -> None:
    book.predict()
    for statement in ("UPDATE predictions SET p50 = 1", "DELETE FROM predictions"):
        with pytest.raises(Exception, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))


def test_recording_the_same_prediction_again_changes_nothing(
    book: Book, engine: Engine, settings: Settings
) -> None:
    name = book.predict(p50=100)
    book.predict(p50=150, prediction_id=name)
    assert ledger.get(engine, settings.workspace, name).forecasts[0].p50 == 100


def test_an_unknown_prediction_is_not_found(engine: Engine, settings: Settings) -> None:
    with pytest.raises(NotFoundError, match="no prediction 'x'"):
        ledger.get(engine, settings.workspace, "x")


def test_predictions_of_other_workspaces_are_not_found(book: Book, engine: Engine) -> None:
    name = book.predict()
    with pytest.raises(NotFoundError):
        ledger.get(engine, "somebody-else", name)


def test_a_forecast_made_after_its_horizon_or_a_day_after_publishing_is_retrospective() -> None:
    def looks_back(hours_after: float, horizon: float) -> bool:
        return ledger.retrospective(START + timedelta(hours=hours_after), START, horizon)

    assert not looks_back(-1, 24)
    assert not looks_back(12, 24)
    assert looks_back(12, 6)
    assert looks_back(24, 720)


def test_prediction_ids_sort_by_time() -> None:
    first = prediction_id()
    while (second := prediction_id())[:13] == first[:13]:
        pass
    assert first < second
    assert second[14] == "7"


def test_draft_hashes_see_words_not_spaces_or_unicode_forms() -> None:
    assert draft_hash("Caf\u00e9  au lait ", "") == draft_hash("Cafe\u0301 au lait", "")
    assert draft_hash("ab", "") != draft_hash("a", "b")


def test_a_forecast_names_those_that_replaced_it_oldest_first(book: Book) -> None:
    first = book.predict(post_id="ann0")
    with book.engine.begin() as connection:
        rows = [dict(row) for row in connection.execute(tables.predictions.select()).mappings()]
        for name, hours in (("later", 5), ("sooner", 2)):
            new = {"prediction_id": name, "revises": first, "created_at": START + hours * HOUR}
            connection.execute(tables.predictions.insert(), [row | new for row in rows])
    assert ledger.get(book.engine, book.settings.workspace, first).revised_by == ("sooner", "later")
    assert ledger.get(book.engine, book.settings.workspace, "later").revised_by == ()
