"""A forecast taken apart, and how two forecasts differ."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from creatorlens import api
from dashboard import decomposition_charts, decomposition_shapes
from dashboard import prediction_shapes as shapes
from dashboard.palette import DARK, LIGHT

NBSP = "\u00a0"
LEVEL = math.log1p(12_400)


def part(name: str, ln: float, wide: float = 0.05) -> api.ForecastPart:
    return api.ForecastPart(name=name, ln=ln, low_ln=ln - wide, high_ln=ln + wide)


def prediction(
    timing: float = -0.062, content: float = 0.131, *, channel: str = "youtube:a", wide: float = 0.05, **more
) -> api.Prediction:
    p50 = math.expm1(LEVEL + timing + content)
    forecasts = tuple(
        api.ForecastAtHorizon(
            horizon_h=h, p10=p50 * times * 0.5, p50=p50 * times, p90=p50 * times * 2, prob_beats_floor=0.6,
            floor=10_000, abstained=False, reason="",
        )
        for h, times in ((24, 0.5), (168, 1.0), (720, 1.3))
    )  # fmt: skip
    at = datetime(2026, 11, 24, 18, tzinfo=UTC)
    told = {
        "prediction_id": "p", "channel_id": channel, "platform": "youtube", "planned_at": at, "as_of": at,
        "metric": "views", "metric_definition": "youtube-views-1", "model_name": "creatorlens-youtube",
        "model_version": "3", "serves": "model", "typical_band": None, "forecasts": forecasts, "drivers": (),
        "parts": (part("audience", LEVEL, 0.2), part("timing", timing, wide), part("content", content, wide)),
        "input_hash": "0" * 64, "recorded": False,
    }  # fmt: skip
    return api.Prediction.model_validate(told | more)


def difference(a: api.Prediction, b: api.Prediction) -> decomposition_shapes.Difference:
    week = decomposition_shapes.week_forecast
    return decomposition_shapes.difference(week(a), week(b), a, b)


def test_the_parts_read_as_a_sentence_and_end_at_the_forecast():
    frame = decomposition_shapes.waterfall_frame(prediction())
    assert decomposition_shapes.sentence(frame) == (
        f"Usual level of this channel **12.4k** · this time **−6{NBSP}%** (−11{NBSP}% to −1{NBSP}%) · "
        f"this content **+14{NBSP}%** (+8{NBSP}% to +20{NBSP}%)"
    )
    steps = frame.set_index("name")
    assert steps.loc["timing", "start"] == pytest.approx(steps.loc["audience", "end"])
    assert steps.loc["content", "start"] == pytest.approx(steps.loc["timing", "end"])
    week = prediction().forecasts[1]
    assert steps.loc["forecast", "end"] == pytest.approx(week.p50) == steps.loc["content", "end"]


def test_a_part_whose_range_includes_no_change_is_called_noise():
    frame = decomposition_shapes.waterfall_frame(prediction(timing=0.02))
    assert frame.set_index("name")["noise"].to_dict() == {
        "audience": False, "timing": True, "content": False, "forecast": False,
    }  # fmt: skip
    assert decomposition_shapes.noise_sentence(frame).startswith("This time lies within the noise")
    both = decomposition_shapes.waterfall_frame(prediction(timing=0.02, content=0.01))
    assert decomposition_shapes.noise_sentence(both).startswith("This time and this content lie within")


def test_what_has_no_parts_or_no_forecast_of_its_own_is_not_taken_apart():
    assert decomposition_shapes.waterfall_frame(prediction(parts=())).empty
    mute = prediction()
    floors = tuple(f.model_copy(update={"abstained": True}) for f in mute.forecasts)
    assert decomposition_shapes.waterfall_frame(mute.model_copy(update={"forecasts": floors})).empty


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_waterfall_is_a_valid_specification(colours):
    frame = decomposition_shapes.waterfall_frame(prediction())
    assert decomposition_charts.waterfall(frame, colours).to_dict(validate=True)["$schema"]
    assert f"this time: −6{NBSP}%" in decomposition_charts.spoken(frame)


def test_what_two_drafts_share_cancels_out_of_their_difference():
    # The level's ±20 % is the same unknown in both; so is the time's.
    gap = difference(prediction(content=0.0), prediction(content=0.131))
    assert gap.effect == pytest.approx(math.expm1(0.131), abs=1e-4)
    assert gap.low == pytest.approx(math.expm1(0.131 - math.hypot(0.05, 0.05)), abs=1e-4)
    assert gap.high == pytest.approx(math.expm1(0.131 + math.hypot(0.05, 0.05)), abs=1e-4)
    assert not gap.noise
    # On another channel the level is another unknown.
    elsewhere = difference(prediction(content=0.0), prediction(content=0.131, channel="youtube:b"))
    assert elsewhere.low == gap.low, "the same level to the last digit: nothing to be unsure of"
    moved = prediction(content=0.131, channel="youtube:b")
    higher = moved.model_copy(update={"parts": (part("audience", LEVEL + 0.1, 0.2), *moved.parts[1:])})
    assert difference(prediction(content=0.0), higher).low < gap.low


def test_a_difference_smaller_than_its_range_is_noise():
    gap = difference(prediction(content=0.10), prediction(content=0.13))
    assert gap.noise
    assert gap.words == f"+3{NBSP}% (−4{NBSP}% to +11{NBSP}%)"
    assert difference(prediction(), prediction()).noise


def test_the_best_of_many_has_to_stand_out_further():
    week = decomposition_shapes.week_forecast
    a, b = prediction(content=0.0), prediction(content=0.1)
    alone = decomposition_shapes.difference(week(a), week(b), a, b)
    picked = decomposition_shapes.difference(week(a), week(b), a, b, among=23)
    assert not alone.noise
    assert picked.noise
    assert (alone.low, alone.high) == (picked.low, picked.high)


def test_without_parts_a_difference_has_no_range_and_small_ones_are_noise():
    gap = difference(prediction(parts=()), prediction(content=0.15, parts=()))
    assert (gap.low, gap.high, gap.noise) == (None, None, True)
    assert gap.words == f"+2{NBSP}%"
    assert not difference(prediction(parts=()), prediction(content=0.4, parts=())).noise


def test_other_metrics_are_those_of_the_nearest_age_without_the_primary_one():
    def other(metric: str, age: float, p50: float) -> api.OtherMetric:
        return api.OtherMetric(metric=metric, horizon_h=age, p10=p50 / 2, p50=p50, p90=p50 * 2)

    told = (
        other("comments", 168, 40), other("likes", 168, 500), other("views", 168, 9000), other("likes", 720, 800),
    )  # fmt: skip
    found = shapes.other_metrics(prediction(other_metrics=told), 100)
    assert shapes.other_metrics_rows(found) == [("Likes", "500", "250 to 1k"), ("Comments", "40", "20 to 80")]
    assert shapes.other_metrics(prediction(), 168) == []


def test_a_revision_says_what_was_seen_and_what_that_changed():
    first = prediction()
    seen = (api.Seen(age_h=26, value=9000), api.Seen(age_h=0.5, value=120))
    wider = tuple(
        f.model_copy(update={"p50": f.p50 * 2.5, "p10": f.p10 * 3, "p90": f.p90 * 1.2})
        for f in first.forecasts
    )
    revised = first.model_copy(update={"forecasts": wider, "revises": "p", "seen": seen})
    said = shapes.revision_sentence(first, revised, 168)
    assert said.startswith("Seen so far: after 30 minutes 120 views, after 26 hours 9k views.")
    assert f"went from 13.3k to **33.2k** (×2.5), its band is 66{NBSP}% narrower" in said
    frame = shapes.revision_frame(first, revised)
    assert frame.groupby("who").size().to_dict() == {"first": 3, "revised": 3, "seen": 2}
    assert shapes.revision_sentence(None, first, 168) == ""


def test_which_version_made_it_is_said_and_a_canary_is_named():
    assert shapes.origin(prediction()) == "Made by version 3 of creatorlens-youtube."
    assert "canary" in shapes.origin(prediction(arm="canary"))
    assert "the channel's own last posts" in shapes.origin(prediction(serves="floor"))


def test_ages_read_as_people_say_them():
    assert [shapes.age_words(h) for h in (0.25, 1, 26, 48, 100.8)] == [
        "15 minutes", "1 hour", "26 hours", "2 days", "4.2 days",
    ]  # fmt: skip
