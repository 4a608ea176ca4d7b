"""The pages themselves, run by Streamlit against an API over a real socket."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from creatorlens import api

APP = str(Path(__file__).resolve().parents[2] / "dashboard" / "app.py")


@pytest.fixture(autouse=True)
def _fresh_caches():
    import streamlit as st

    st.cache_data.clear()
    st.cache_resource.clear()


def open_page(page: str | None = None) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    if page is not None:
        app.query_params["page"] = page
    return app.run()


def said(app: AppTest) -> str:
    parts = [
        *app.title,
        *app.subheader,
        *app.markdown,
        *app.caption,
        *app.info,
        *app.error,
        *app.success,
        *app.code,
    ]
    return "\n".join(part.value for part in parts)


def test_before_a_word_is_typed_the_channel_is_already_there(scene):
    app = open_page()
    assert not app.exception
    assert "This channel usually gets about 10.4k views" in said(app)
    assert not app.button
    assert not scene.asked


def test_a_title_brings_the_forecast_the_drivers_and_the_week(scene):
    app = open_page()
    app.text_input(key="title").set_value("Why does my bread never rise?").run()
    assert not app.exception
    words = said(app)
    assert "views after 7 days" in words
    assert "chance to beat the median of your last five posts" in words
    assert "best is" in words
    assert (
        "**81\u00a0%** of 40 graded forecasts made before publishing ended inside their band after 7 days"
        in words
    )
    assert {asked["n"] for _, asked in scene.asked} == {1, 168}
    assert not any(asked["record"] for _, asked in scene.asked)


def test_saving_records_once(scene):
    app = open_page()
    app.text_input(key="title").set_value("Bread").run()
    app.button[0].click().run()
    assert "Saved." in said(app)
    assert [asked["record"] for _, asked in scene.asked].count(True) == 1
    app.run()
    assert [asked["record"] for _, asked in scene.asked].count(True) == 1
    assert not app.button, "a saved draft is not saved twice"


def test_another_horizon_changes_the_words(scene):
    app = open_page()
    app.text_input(key="title").set_value("Bread").run()
    app.session_state["horizon"] = 24.0
    app.run()
    assert "views after 1 day" in said(app)
    assert "chance to pass the median of your last five posts (10.4k) already after 1 day" in said(app)


def test_abstaining_is_said_plainly_and_no_week_is_asked_for(scene):
    scene.abstain = True
    app = open_page()
    app.text_input(key="title").set_value("Bread").run()
    words = said(app)
    assert "No forecast of our own for this post" in words
    assert "Why: the model does not beat this channel's own median." in words
    assert "nothing in the draft moves it" in words
    assert {asked["n"] for _, asked in scene.asked} == {1}


def test_a_refusal_is_shown_beside_the_draft_and_the_history_stays(scene):
    scene.problem = api.Problem(
        title="Bad request", status=422, detail="x",
        errors=(api.FieldError(field="title", message="far too long"),),
    )  # fmt: skip
    app = open_page()
    app.text_input(key="title").set_value("Bread").run()
    assert not app.exception
    assert "Title: far too long" in said(app)


def test_without_the_service_the_page_says_what_to_start(monkeypatch, free_port):
    monkeypatch.setenv("CREATORLENS_API_URL", f"http://127.0.0.1:{free_port}")
    app = open_page()
    assert not app.exception
    assert "The forecasting service does not answer" in said(app)
    assert "creatorlens up" in said(app)


def test_with_nothing_imported_the_page_says_how_to_begin(scene):
    scene.empty = True
    app = open_page()
    assert "No channel has been imported yet" in said(app)
    assert "creatorlens import" in said(app)


def test_the_track_record_keeps_kinds_apart_and_says_which_is_shown(scene):
    app = AppTest.from_function(_track_record, default_timeout=60).run()
    assert not app.exception
    assert "Forecasts saved before their outcome could be known" in said(app)
    assert "**81\u00a0%** of 40 graded forecasts ended inside their band after 7 days" in said(app)


def test_forecasts_that_wait_for_their_outcome_are_counted(scene):
    scene.graded = False
    app = AppTest.from_function(_track_record, default_timeout=60).run()
    assert "12 saved forecasts wait for their outcome" in said(app)
    assert "creatorlens grade" in said(app)


def test_engineers_see_what_serves_each_platform_and_why(scene):
    app = AppTest.from_function(_engineers, default_timeout=60).run()
    assert not app.exception
    words = said(app)
    assert "`creatorlens-tiktok`" in words
    assert "The model did not beat the floor on the backtest." in words
    assert "No model yet for X: `creatorlens train --platform NAME`" in words


def _track_record() -> None:
    from dashboard.views import track_record

    track_record.page()


def _engineers() -> None:
    from dashboard.views import engineers

    engineers.page()
