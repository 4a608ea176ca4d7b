"""Pages for comparing, what-if, trends, saved forecasts and engineers, run by Streamlit against an API over a socket."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from creatorlens import api
from creatorlens.api_operations import Replay
from tests.dashboard.conftest import NOW

LONG = "Why does my bread never rise? Five honest answers"


@pytest.fixture(autouse=True)
def _fresh_caches():
    import streamlit as st

    st.cache_data.clear()
    st.cache_resource.clear()


def opened(view, **query: str) -> AppTest:
    app = AppTest.from_function(view, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = (
        app.title,
        app.subheader,
        app.markdown,
        app.caption,
        app.info,
        app.error,
        app.success,
        app.warning,
    )
    return "\n".join(part.value for kind in kinds for part in kind)


def tables(app: AppTest) -> str:
    return "\n".join(html.proto.body for html in app.get("html"))


def _compare() -> None:
    from dashboard.views import compare

    compare.page()


def _what_if() -> None:
    from dashboard.views import what_if

    what_if.page()


def _trends() -> None:
    from dashboard.views import trends

    trends.page()


def _saved() -> None:
    from dashboard.views import saved

    saved.page()


def _engineers() -> None:
    from dashboard.views import engineers

    engineers.page()


def _track_record() -> None:
    from dashboard.views import track_record

    track_record.page()


def _forecast() -> None:
    from dashboard.views import forecast

    forecast.page()


def labelled(elements, label: str):
    return next(one for one in elements if one.label == label)


def test_two_drafts_are_compared_once_both_have_words(scene):
    app = opened(_compare)
    assert "Write something in A and B to compare." in said(app)
    labelled(app.text_area, "Title A").set_value("Bread").run()
    assert "Write something in B to compare." in said(app)
    assert not scene.asked
    labelled(app.text_area, "Title B").set_value(LONG).run()
    assert not app.exception
    assert "**B is ahead** of A by +19" in said(app)
    assert "Chance to beat the last five" in tables(app)
    assert [(told["n"], told["record"]) for _, told in scene.asked] == [(2, False)]


def test_a_draft_can_be_of_another_platform(scene):
    app = opened(_compare)
    labelled(app.text_area, "Title A").set_value("Bread").run()
    app.checkbox(key="compare-B-elsewhere").check().run()
    labelled(app.selectbox, "Platform B").set_value("tiktok").run()
    assert not app.exception
    assert labelled(app.selectbox, "Channel B").options == ["Slow Kitchen", "Night Trains", "Paper Boats"]


def test_a_refused_draft_is_named_and_nothing_is_compared(scene):
    app = opened(_compare)
    labelled(app.text_area, "Title A").set_value("Bread").run()
    scene.problem = api.Problem(
        title="Unprocessable", status=422, detail="x",
        errors=(api.FieldError(field="drafts.1.title", message="too long"),),
    )  # fmt: skip
    labelled(app.text_area, "Title B").set_value(LONG).run()
    assert not app.exception
    assert "Drafts.1.title: too long" in said(app)


def test_what_if_moves_the_forecast_and_asks_once_a_change(scene):
    app = opened(_what_if)
    assert "Write a title first" in said(app)
    labelled(app.text_input, "Title").set_value("Bread").run()
    assert "Nothing changed yet" in said(app)
    before = len(scene.asked)
    labelled(app.text_input, "Title").set_value(LONG).run()
    assert not app.exception
    assert "**+19\u00a0% (+10\u00a0% to +30\u00a0%)** against" in said(app)
    assert "What each change does" in said(app)
    assert len(scene.asked) == before + 1
    assert not scene.asked[-1][1]["record"]
    app.run()
    assert len(scene.asked) == before + 1, "the same question within a minute is not asked again"


def test_what_if_starts_from_the_draft_of_the_forecast_page_and_can_start_anew(scene):
    from creatorlens.platforms import MediaType, Platform
    from creatorlens.records import Draft

    app = AppTest.from_function(_what_if, default_timeout=60)
    at = NOW + timedelta(days=1)
    app.session_state["draft"] = Draft(
        "youtube:Slow Kitchen", Platform.YOUTUBE, at.replace(minute=15, second=0), title="Bread",
        media_type=MediaType.VIDEO, duration_s=510.0,
    )  # fmt: skip
    app.run()
    assert not app.exception
    assert labelled(app.text_input, "Title").value == "Bread"
    assert "Nothing changed yet" in said(app)
    labelled(app.text_input, "Title").set_value(LONG).run()
    labelled(app.button, "Start from here").click().run()
    assert labelled(app.text_input, "Title").value == LONG
    assert "Nothing changed yet" in said(app)


def test_what_if_says_plainly_where_nothing_moves_the_forecast(scene):
    scene.abstain = True
    app = opened(_what_if)
    labelled(app.text_input, "Title").set_value("Bread").run()
    assert "No forecast of our own for this post" in said(app)
    assert "Why: the model does not beat this channel's own median." in said(app)
    assert "Nothing you change here moves that band" in said(app)


def test_the_forecast_page_shows_parts_other_metrics_and_where_it_comes_from(scene):
    app = opened(_forecast)
    app.text_input(key="title").set_value("Bread").run()
    assert not app.exception
    assert "Usual level of this channel **12.3k**" in said(app)
    assert "Likes" in tables(app)
    assert "Made by version 3 of creatorlens-youtube." in said(app)
    assert "[What it learned from](/engineers?section=Lineage&lineage=l1)" in said(app)


def test_a_model_that_does_not_take_its_forecast_apart_leaves_no_gap(scene):
    scene.parts = False
    app = opened(_forecast)
    app.text_input(key="title").set_value("Bread").run()
    assert not app.exception
    for heading in ("What the forecast is made of", "What else it will get"):
        assert heading not in said(app)


def saved_forecast(scene, **more: object) -> api.GradedPrediction:
    asked = api.PredictRequest(
        drafts=(api.DraftRequest(channel="youtube:Slow Kitchen", planned_at=NOW, title="Bread"),)
    )
    made = scene._prediction(asked.drafts[0], asked, 0)
    told = made.model_dump() | {
        "retrospective": False, "source": "api", "post_id": "p1", "created_at": NOW, "grades": (), "recorded": True,
    }  # fmt: skip
    return api.GradedPrediction.model_validate(told | more)


def test_a_saved_forecast_shows_what_was_seen_and_how_that_revised_it(scene):
    scene.saved = saved_forecast(
        scene, prediction_id="later", revises="first", seen=({"age_h": 26, "value": 9000},)
    )
    app = opened(_saved, prediction="later")
    assert "Seen so far: after 26 hours 9k views." in said(app)
    assert "(×2.0)" in said(app) or "(+100\u00a0%)" in said(app)
    assert "Not graded yet" in said(app)


def test_a_forecast_that_was_replaced_leads_to_the_one_that_replaced_it(scene):
    scene.saved = saved_forecast(scene, prediction_id="first", revised_by=("middle", "last"))
    app = opened(_saved, prediction="first")
    assert "This forecast has been revised since" in said(app)
    assert "[See the revised forecast](/saved?prediction=last)" in said(app)


def test_a_forecast_is_computed_again_and_what_differs_is_named(scene):
    scene.saved = saved_forecast(scene, prediction_id="first")
    told = {
        "prediction_id": "first", "exact": True, "differences": (), "model_name": "m", "model_version": "3",
        "data_hash": None, "code_hash": None, "lineage_id": None,
    }  # fmt: skip
    scene.replay = Replay.model_validate(told)
    app = opened(_saved, prediction="first")
    labelled(app.button, "Compute it again").click().run()
    assert "The same to the last bit." in said(app)
    other = {"what": "package", "then": "xgboost 3.1", "now": "xgboost 3.2"}
    scene.replay = Replay.model_validate(told | {"exact": False, "differences": (other,)})
    labelled(app.button, "Compute it again").click().run()
    assert "xgboost 3.1" in tables(app)


def test_a_number_that_is_not_in_the_ledger_is_said_to_be_unknown(scene):
    app = opened(_saved, prediction="nope")
    assert "No forecast of that number is in the track record." in said(app)


def test_the_track_record_shows_calibration_by_platform_and_size(scene):
    app = opened(_track_record)
    words = said(app)
    assert "was stated, it came true less often" in words
    assert "TikTok too few" in words
    assert "By size of the channel" in words
    assert "Revised after publishing" in words


def test_trends_name_what_rises_and_what_the_time_is_worth(scene):
    app = opened(_trends)
    assert "#sourdough" in tables(app)
    assert "Best 17:00" in said(app)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("Promotions", "version 3 serves; version 5 as canary"),
        ("Drift", "**Retraining is asked for**"),
        ("Lineage", "140 forecasts → 96 graded"),
        ("Model card", "Forecasts of drafts."),
    ],
)
def test_engineers_find_each_section_by_its_address(scene, section, expected):
    app = opened(_engineers, section=section, lineage="l1")
    assert expected in said(app)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("Promotions", "This service keeps no promotion log."),
        ("Drift", "This service does not watch for drift."),
        ("Lineage", "Nothing is known of that lineage id."),
        ("Model card", "No card has been made for YouTube."),
    ],
)
def test_what_the_service_does_not_tell_is_said_in_words(scene, section, expected):
    scene.operations = False
    assert expected in said(opened(_engineers, section=section, lineage="l1"))


def test_a_platform_without_trends_says_so(scene):
    scene.operations = False
    assert "This service tells nothing of trends on YouTube." in said(opened(_trends))
