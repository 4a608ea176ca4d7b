"""The content page itself, run by Streamlit against an API over a real socket."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from creatorlens import api


@pytest.fixture(autouse=True)
def _fresh_caches():
    import streamlit as st

    st.cache_data.clear()
    st.cache_resource.clear()


def _content() -> None:
    from dashboard.views import content

    content.page()


def open_page(**query: str) -> AppTest:
    app = AppTest.from_function(_content, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def hand_in(app: AppTest, name: str, data: bytes, mime: str, title: str = "") -> AppTest:
    app.file_uploader[0].set_value((name, data, mime)).run()
    if title:
        app.text_input(key="title").set_value(title).run()
    return app.button[0].click().run()


def said(app: AppTest) -> str:
    parts = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.error, *app.info, *app.code]
    html = [element.proto.body for element in app.get("html")]
    return "\n".join([*(part.value for part in parts), *html])


def test_before_anything_is_handed_in_the_page_says_what_it_will_show(scene):
    app = open_page()
    assert not app.exception
    assert "You will see it as a viewer meets it" in said(app)
    assert app.button[0].disabled
    assert not scene.asked


def test_a_picture_is_shown_with_its_boxes_and_what_they_come_to(scene, make):
    data = make.jpeg()
    scene.analysis = make.analysis(
        make.of_file("thumb.jpg", data, "image", "image/jpeg", image=make.picture())
    )
    app = hand_in(
        open_page(), "thumb.jpg", data, "image/jpeg", "Why does my bread never rise? 5 honest answers"
    )
    assert not app.exception
    words = said(app)
    assert "<b>happy face</b>" in words
    assert "One happy face" in words
    assert "As a phone lists it" in words
    assert '<mark title="Question">Why</mark>' in words
    assert "Nothing found" in words
    assert "How a panel would rate it" in words
    assert app.query_params["analysis"] == scene.analysis.analysis_id
    sent = scene.asked[0][1]["body"]
    assert data in sent
    assert b"Why does my bread never rise?" in sent


def test_layers_can_be_taken_away_and_heat_laid_over(scene, make):
    data = make.jpeg()
    scene.analysis = make.analysis(
        make.of_file("thumb.jpg", data, "image", "image/jpeg", image=make.picture())
    )
    app = hand_in(open_page(), "thumb.jpg", data, "image/jpeg")
    app.session_state["layers-thumb.jpg"] = ["heat", "thirds"]
    words = said(app.run())
    assert 'class="cl-heat"' in words
    assert "<b>happy face</b>" not in words
    assert len(scene.asked) == 1, "looking is not asking again"


def test_a_video_shows_its_cuts_its_beginning_its_sound_and_what_is_said(scene, make):
    data = b"\\0" * 100
    scene.analysis = make.analysis(
        make.of_file("clip.mp4", data, "video", "video/mp4", video=make.clip(), audio=make.recording())
    )
    app = hand_in(open_page(), "clip.mp4", data, "video/mp4")
    assert not app.exception
    heads = [part.value for part in app.subheader]
    assert heads == [
        "At a glance", "From start to end", "The first seconds", "Frames that could stand for it", "Where it fits",
        "How it sounds", "Loudness", "Voice and recording", "What is said", "The words", "Safe to publish?",
    ]  # fmt: skip
    words = said(app)
    assert "**Four hard cuts**" in words
    assert 'data-seek="2.300"' in words
    assert "And so my fellow Americans," in words
    assert "Quieter than its target by 6 LU" in words


def test_words_alone_are_read_too(scene, make):
    scene.analysis = make.analysis()
    app = open_page()
    app.text_input(key="title").set_value("Why does my bread never rise? 5 honest answers").run()
    app.button[0].click().run()
    assert not app.exception
    assert "Question · Why +1" in said(app)


def test_a_refused_file_is_named_with_reason_and_hint_and_the_form_stays(scene):
    scene.problem = api.Problem(
        title="Refused", status=422, detail="x",
        errors=(api.FieldError(field="setup.exe", message="a program, not media", hint="hand in a picture", reason="not_media"),),
    )  # fmt: skip
    app = hand_in(open_page(), "setup.exe", b"MZ", "application/octet-stream")
    assert not app.exception
    assert "**setup.exe** was not read" in said(app)
    assert "A program, not media." in said(app)
    assert "Hand in a picture." in said(app)
    assert app.file_uploader


def test_a_service_that_fails_is_told_as_on_every_page(scene):
    scene.problem = api.Problem(title="Internal error", status=500, detail="x")
    app = hand_in(open_page(), "a.png", b"x", "image/png")
    assert "The forecasting service had a problem" in said(app)


def test_without_the_service_the_page_says_what_to_start(monkeypatch, free_port):
    monkeypatch.setenv("CREATORLENS_API_URL", f"http://127.0.0.1:{free_port}")
    app = open_page()
    assert not app.exception
    assert "The forecasting service does not answer" in said(app)
    assert "creatorlens up" in said(app)


def test_with_no_channel_imported_a_draft_can_still_be_read(scene, make):
    scene.empty = True
    app = open_page()
    assert not app.exception
    assert "the draft is read by itself" in said(app)
    assert app.file_uploader


def test_a_link_leads_back_to_what_was_read_without_the_media(scene, make):
    scene.analysis = make.analysis(
        make.of_file("thumb.jpg", make.jpeg(), "image", "image/jpeg", image=make.picture())
    )
    app = open_page(analysis=scene.analysis.analysis_id)
    assert not app.exception
    assert "One happy face" in said(app)
    assert "image/svg+xml" in said(app), "an empty ground of the picture's shape under the boxes"
    assert not scene.asked


def test_the_forecast_page_takes_along_what_was_read(scene, make):
    scene.analysis = make.analysis(
        make.of_file("thumb.jpg", make.jpeg(), "image", "image/jpeg", image=make.picture())
    )
    app = AppTest.from_function(_both, default_timeout=60)
    app.query_params["analysis"] = scene.analysis.analysis_id
    app.run()
    app.session_state["show"] = "forecast"
    app.run()
    app.text_input(key="title").set_value("Bread").run()
    assert not app.exception
    assert scene.asked[-1][1]["analysis_id"] == scene.analysis.analysis_id
    app.checkbox[0].uncheck().run()
    assert scene.asked[-1][1]["analysis_id"] is None


def _both() -> None:
    import streamlit as st

    from dashboard.views import content, forecast

    (forecast if st.session_state.get("show") == "forecast" else content).page()
