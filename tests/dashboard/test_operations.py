"""Calibration, trends, promotions, drift and lineage: from records to rows and sentences."""

from __future__ import annotations

import pytest

from creatorlens import api
from creatorlens.client import ApiError, Client
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from dashboard import calibration_charts, engineering_charts, season_charts, tables_html, track_shapes
from dashboard import calibration_shapes as calibration
from dashboard import operations_shapes as shapes
from dashboard import trends_shapes as trends
from dashboard.palette import DARK, LIGHT
from tests.dashboard import operations

NBSP = "\u00a0"
LIVE = track_shapes.GROUPS[0]


@pytest.fixture
def client(scene):
    with Client(Settings().api) as client:
        yield client


def test_chances_that_came_true_less_often_than_stated_are_named(client):
    record = client.track_record()
    frame = calibration.odds_frame(record, LIVE)
    assert frame["label"].tolist()[3] == f"70{NBSP}% to 80{NBSP}%"
    assert frame["apart"].tolist() == [False, False, False, True, False]
    assert calibration.odds_sentence(frame).startswith(
        f"Where 70{NBSP}% to 80{NBSP}% was stated, it came true less often: 50{NBSP}% of 100"
    )
    right = frame[~frame["apart"]]
    assert calibration.odds_sentence(right).startswith("Over 300 posts the stated chances came true as often")
    assert "too few to tell" in calibration.odds_sentence(frame.head(1).assign(n=7))


def test_the_band_is_judged_for_all_each_platform_and_each_size(client):
    frame = calibration.bands_frame(client.track_record(), LIVE)
    assert frame["label"].tolist() == [
        "all", "TikTok", "YouTube", "small channels", "mid-size channels", "large channels",
    ]  # fmt: skip
    assert calibration.bands_sentence(frame) == (
        f"Further from 80 % than chance explains: TikTok too few (62{NBSP}% of 100)."
    )
    assert "Nowhere" in calibration.bands_sentence(frame[~frame["apart"]])


def test_kinds_of_evidence_are_not_mixed_in_the_calibration(client):
    looking_back = track_shapes.GROUPS[2]
    assert calibration.odds_frame(client.track_record(), looking_back).empty
    assert calibration.bands_frame(client.track_record(), looking_back).empty


def test_skill_by_size_goes_from_small_to_large(client):
    frame = calibration.size_frame(client.track_record(), LIVE)
    assert frame["label"].tolist() == ["small", "mid-size", "large"]
    assert frame["skill_words"].tolist() == [f"+2{NBSP}%", f"+11{NBSP}%", f"+17{NBSP}%"]


def test_revised_forecasts_are_listed_apart(client):
    rows = calibration.revised_rows(client.track_record(), LIVE)
    assert rows == [("YouTube, 7 days", "12", f"83{NBSP}%", f"40{NBSP}% smaller")]


def test_a_track_record_without_calibration_draws_none():
    old = api.TrackRecord(
        platform=None, channel_id=None, predictions=3, graded=0, totals=(), by_platform=(), by_horizon=(),
        by_month=(), series=(),
    )  # fmt: skip
    assert calibration.bands_frame(old, LIVE).empty
    assert calibration.size_frame(old, LIVE).empty


def test_the_promotion_log_says_what_serves_and_what_is_being_tried(client):
    lines = client.promotions().promotions
    (standing,) = shapes.standings(lines)
    # 5 went from the shadow to a share of its own; 4 was refused; 3 serves
    assert standing.words == f"YouTube: version 3 serves; version 5 as canary for 10{NBSP}% of the forecasts."
    rows = shapes.promotion_rows(lines)
    assert rows[0][2] == "5 given a share (canary)"
    assert rows[2][2:4] == ("4 after 3 refused", "coverage fell on small channels")


def test_what_is_promoted_retired_or_rolled_back_is_no_longer_tried():
    tried = [operations.line("3", "promoted", 9), operations.line("4", "shadowed", 8)]
    assert shapes.standings(tried)[0].shadow == "4"
    for action in ("promoted", "retired"):
        (now,) = shapes.standings([*tried, operations.line("4", action, 1)])
        assert now.shadow is None
    (back,) = shapes.standings([*tried, operations.line("2", "rolled-back", 1)])
    assert (back.champion, back.shadow) == ("2", "4")
    (floor,) = shapes.standings([operations.line("1", "floor", 1)])
    assert floor.words == "YouTube: the floor serves."


def test_drift_is_ordered_by_harm_and_not_by_distance(client):
    (report,) = shapes.latest(client.drift().reports)
    frame = shapes.drift_frame(report)
    assert frame["feature"].tolist() == ["base_level_ln", "text_embedding", "hour_sin", "english"]
    assert f"9{NBSP}% of a forecast" in frame["words"].iloc[0]
    assert f"under 1{NBSP}% of a forecast" in frame["words"].iloc[3]
    assert shapes.drift_sentence(report) == (
        "2 of 3 inputs drifted; the meaning of titles did not. **Retraining is asked for**: inputs that move "
        "forecasts have moved."
    )
    assert [row[4] for row in shapes.history_rows(client.drift().reports, Platform.YOUTUBE)] == ["yes", "no"]


def test_lineage_goes_from_the_file_to_the_graded_outcome(client):
    found = client.lineage("l1")
    assert shapes.lineage_sentence(found) == (
        f"YouTube, 2026-11-20 09:30: 1 file → features `g7` → 1 model version → 140 forecasts → 96 graded, "
        f"81{NBSP}% inside their band, error 0.502 against the floor's 0.561."
    )
    assert shapes.import_rows(found)[0][:2] == ("posts.parquet", "posts")
    assert shapes.model_rows(found)[0][:2] == ("creatorlens-youtube 3", "champion")


def test_an_unknown_lineage_is_not_found(client):
    with pytest.raises(ApiError) as error:
        client.lineage("nope")
    assert error.value.status == 404


def test_trends_rise_first_and_say_what_is_noise(client):
    found = client.trends(Platform.YOUTUBE)
    assert trends.kinds(found) == ["hashtag", "topic"]
    rows = trends.trend_rows(found.trends, "hashtag")
    assert [row[0] for row in rows] == ["#sourdough", "#bread"]
    assert rows[0][1] == "×2.5"
    assert rows[1][2].endswith("within the noise")
    assert trends.trend_rows(found.trends, "topic")[0][2] == "not known yet"


def test_seasons_that_stand_out_are_named(client):
    found = client.trends(Platform.YOUTUBE)
    hours = trends.season_frame(found.seasons, "hour")
    assert hours["label"].tolist()[:2] == ["0:00", "1:00"]
    assert trends.season_sentence(hours).startswith("Best 17:00, +13")
    assert trends.season_sentence(trends.season_frame(found.seasons, "weekday")).startswith("Worst Sat, −8")
    assert trends.season_sentence(hours.assign(noise=True)) == "None stands out by more than noise."


def test_cells_of_tables_are_escaped_and_the_table_can_be_heard_and_scrolled():
    markup = tables_html.table(("", "<b>"), [("x & y", "<script>alert(1)</script>")], 'Log "A"')
    assert "<script>" not in markup
    assert "x &amp; y" in markup
    assert 'tabindex="0"' in markup
    assert 'aria-label="Log &quot;A&quot;"' in markup
    assert '<th scope="row">' in markup


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_chart_is_a_valid_specification(client, colours):
    record = client.track_record()
    report = client.drift().reports[0]
    hours = trends.season_frame(client.trends(Platform.YOUTUBE).seasons, "hour")
    for chart in (
        calibration_charts.reliability(calibration.odds_frame(record, LIVE), colours),
        calibration_charts.inside(calibration.bands_frame(record, LIVE), colours),
        engineering_charts.drift(shapes.drift_frame(report), colours),
        season_charts.effects(hours, colours),
    ):
        assert chart.to_dict(validate=True)["$schema"]
