"""Drafts beside each other, and one draft with its changes: what is asked and what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from creatorlens.client import ApiError, Client
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from dashboard import comparing, fetching, interval_charts
from dashboard import what_if_shapes as what_if
from dashboard.palette import DARK, LIGHT

NOW = datetime.now(UTC)
BERLIN = ZoneInfo("Europe/Berlin")
PLAN = (NOW + timedelta(days=2)).astimezone(BERLIN).replace(hour=18, minute=0, second=0, microsecond=0)
LONG = "Why does my bread never rise? Five honest answers"


@pytest.fixture
def client(scene):
    with Client(Settings().api) as client:
        yield client


def draft(title: str = "Bread", **more: object) -> Draft:
    told = {
        "channel_id": "youtube:Slow Kitchen",
        "platform": Platform.YOUTUBE,
        "planned_at": PLAN,
        "title": title,
    }
    return Draft(**{**told, "media_type": MediaType.VIDEO, **more})  # type: ignore[arg-type]


def compare(client: Client, *drafts: Draft) -> list[comparing.Entrant]:
    channel = client.channel("youtube:Slow Kitchen")
    return comparing.entrants([(channel, d) for d in drafts], fetching.batch(client, drafts, [168.0]))


def test_drafts_are_compared_in_one_request_that_leaves_no_trace(client, scene):
    compare(client, draft(), draft(LONG), draft("Rye"))
    assert [(asked["n"], asked["record"]) for _, asked in scene.asked] == [(3, False)]


def test_a_busy_service_is_asked_again_where_nothing_is_recorded(client, scene, monkeypatch):
    monkeypatch.setattr(fetching, "PAUSE_S", 0.0)
    scene.busy = 2
    assert len(compare(client, draft(), draft(LONG))) == 2
    scene.busy = 9
    with pytest.raises(ApiError) as error:
        compare(client, draft(), draft(LONG))
    assert fetching.trouble(error.value, "").waiting
    scene.busy = 1
    with pytest.raises(ApiError):
        fetching.forecast(client, draft(), record=True)


def test_the_better_draft_is_named_with_how_sure_that_is(client):
    said = comparing.verdict(compare(client, draft(), draft(LONG)), 168)
    # 44 characters more at 0.4 % each; content is known to ±6 % in either
    assert said == "**B is ahead** of A by +19\u00a0% (+10\u00a0% to +30\u00a0%)."


def test_drafts_that_differ_by_less_than_noise_are_not_ranked(client):
    said = comparing.verdict(compare(client, draft("Bread"), draft("Bread rolls")), 168)
    assert said.startswith("**No draft is clearly ahead.**")
    assert "within the noise" in said


def test_a_model_that_does_not_know_parts_still_compares(client, scene):
    scene.parts = False
    found = compare(client, draft(), draft(LONG))
    assert comparing.verdict(found, 168) == (
        "**B is expected ahead** of A by +19\u00a0%; this model does not tell how sure that is."
    )
    _, rows = comparing.figures(found, 168)
    assert [row[0] for row in rows] == ["Forecast", "Four out of five", "Chance to beat the last five"]


def test_where_we_abstain_no_draft_is_put_ahead(client, scene):
    scene.abstain = True
    found = compare(client, draft(), draft(LONG))
    assert comparing.verdict(found, 168) == (
        "A and B have no forecast of our own: the channel's own band is shown."
    )
    assert not comparing.frame(found, 168, counts=True)["modelled"].any()


def test_drafts_of_different_metrics_share_an_axis_as_multiples_of_what_is_usual(client):
    first, second = compare(client, draft(), draft(LONG))
    likes = second.prediction.model_copy(update={"platform": Platform.INSTAGRAM, "metric": "likes"})
    there = replace(
        second,
        prediction=likes,
        draft=replace(second.draft, channel_id="instagram:x", platform=Platform.INSTAGRAM),
    )
    assert comparing.in_counts([first, second])
    assert not comparing.in_counts([first, there])
    frame = comparing.frame([first, there], 168, counts=False)
    assert frame["floor"].tolist() == [1.0, 1.0]
    assert frame["p50"].iloc[1] == pytest.approx(there.at(168).p50 / 10_400)
    assert comparing.verdict([first, there], 168).startswith("Against what is usual on its channel, **B**")


def test_only_what_differs_is_listed(client):
    later = draft(LONG, planned_at=PLAN + timedelta(days=1), hashtags=("bread",), duration_s=510.0)
    rows = {row[0]: row[1:] for row in comparing.differing(compare(client, draft(), later))}
    assert set(rows) == {"Words", "Hashtags", "Length", "When"}
    assert rows["Hashtags"] == ["none", "#bread"]
    assert rows["Length"] == ["none", "8:30"]
    assert comparing.differing(compare(client, draft(), draft())) == []


def test_a_look_at_what_if_asks_once_for_everything(client, scene):
    asked = what_if.question(draft(), draft(LONG, hashtags=("bread",)), NOW)
    found = what_if.answer(asked, fetching.batch(client, asked.drafts, [168.0]))
    # before, after, each of two changes alone, 23 other hours, 6 other days
    assert [(told["n"], told["record"]) for _, told in scene.asked] == [(2 + 2 + 23 + 6, False)]
    assert found.at(asked.after, 168).p50 > found.at(asked.before, 168).p50


def test_each_change_is_shown_alone_and_one_that_does_nothing_is_noise(client):
    asked = what_if.question(draft(), draft(LONG, hashtags=("bread",)), NOW)
    found = what_if.answer(asked, fetching.batch(client, asked.drafts, [168.0]))
    frame = what_if.changes_frame(found, 168).set_index("label")
    assert list(frame.index) == ["Everything together", "The title", "The hashtags"]
    assert frame.loc["The title", "effect"] == pytest.approx(frame.loc["Everything together", "effect"])
    assert not frame.loc["The title", "noise"]
    assert frame.loc["The hashtags", "effect"] == 0.0
    assert frame.loc["The hashtags", "noise"]
    single = what_if.question(draft(), draft(LONG), NOW)
    assert single.alone == {}, "one change alone is all changes together"


def test_the_headline_says_what_the_changes_did(client):
    def said(after: Draft) -> str:
        asked = what_if.question(draft(), after, NOW)
        found = what_if.answer(asked, fetching.batch(client, asked.drafts, [168.0]))
        return what_if.headline(found, 168, "views")[1]

    assert said(draft()) == "Nothing changed yet. Move anything on the left."
    assert said(draft("Bread rolls")).endswith("within the noise. This change may as well do nothing.")
    assert said(draft(LONG)).startswith("**+19\u00a0% (+10\u00a0% to +30\u00a0%)** against ")
    assert said(draft(hashtags=("bread",))) == "The changes make no difference to this forecast."


def test_another_hour_is_proposed_only_where_it_does_better_than_noise(client, scene):
    scene.best_hour = (PLAN.hour + 12) % 24
    for timing, begins in (
        (0.3, "Best hour: "),
        (0.005, "No other hour moves the forecast by more than noise"),
    ):
        scene.timing = timing
        asked = what_if.question(draft(), draft(), NOW)
        found = what_if.answer(asked, fetching.batch(client, asked.drafts, [168.0]))
        frame = what_if.curve_frame(found, asked.hours, 168, days=False)
        assert what_if.curve_sentence(frame, "hour").startswith(begins)
        assert len(frame) == 24
        assert frame["chosen"].sum() == 1


def test_hours_that_the_clocks_skip_are_left_out():
    spring = datetime(2026, 3, 29, 18, tzinfo=BERLIN)
    assert [at.hour for at in what_if.hours_of_day(spring)] == [0, 1, *range(3, 24)]


def test_the_days_are_the_coming_week_or_the_one_around_a_later_plan():
    near = what_if.coming_days(PLAN, NOW)
    assert near[0].date() == NOW.astimezone(BERLIN).date()
    assert PLAN in near
    far = what_if.coming_days(PLAN + timedelta(days=40), NOW)
    assert far[3] == PLAN + timedelta(days=40)
    assert {at.hour for at in near + far} == {18}


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_chart_is_a_valid_specification(client, colours):
    found = compare(client, draft(), draft(LONG))
    asked = what_if.question(draft(), draft(LONG, hashtags=("x",)), NOW)
    answer = what_if.answer(asked, fetching.batch(client, asked.drafts, [168.0]))
    for chart in (
        interval_charts.rows(comparing.frame(found, 168, counts=True), colours, counts=True),
        interval_charts.rows(comparing.frame(found, 168, counts=False), colours, counts=False),
        interval_charts.changes(what_if.changes_frame(answer, 168), colours),
        interval_charts.curve(what_if.curve_frame(answer, asked.hours, 168, days=False), colours, every=6),
        interval_charts.curve(what_if.curve_frame(answer, asked.days, 168, days=True), colours),
    ):
        assert chart.to_dict(validate=True)["$schema"]
