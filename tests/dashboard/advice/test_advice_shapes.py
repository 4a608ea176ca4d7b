"""Sentences and frames of advice, without Streamlit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from creatorlens import api
from creatorlens.advice.common import Change, Suggestion
from creatorlens.advice.content import Content, ContentVersion, Receipt
from creatorlens.platforms import Platform
from dashboard import advice_shapes, receipt_shapes, schedule_shapes, strategy_shapes
from tests.dashboard.advice.conftest import MORE, NOISE, POST, strategy

AT = datetime(2026, 12, 1, 18, tzinfo=UTC)


def version(number: int, title: str, receipt_id: str | None = None) -> ContentVersion:
    return ContentVersion(
        version=number, created_at=AT, planned_at=AT, title=title, text="", hashtags=(), media_type="video", duration_s=None,
        category=None, followers=None, analysis_id=None, assets=(), receipt_id=receipt_id,
    )  # fmt: skip


def content(*versions: ContentVersion) -> Content:
    return Content(
        content_id="c1",
        channel_id="youtube:ann",
        platform=Platform.YOUTUBE,
        created_at=AT,
        post_id=None,
        versions=versions,
    )


def forecast(p50: float, content_ln: float, *, wide: float, abstained: bool = False) -> api.Prediction:
    parts = tuple(
        api.ForecastPart(name=name, ln=ln, low_ln=ln - wide, high_ln=ln + wide)
        for name, ln in (("audience", 9.0), ("timing", 0.0), ("content", content_ln))
    )  # fmt: skip
    one = api.ForecastAtHorizon(
        horizon_h=168,
        p10=p50 / 2,
        p50=p50,
        p90=p50 * 2,
        prob_beats_floor=0.6,
        floor=9000,
        abstained=abstained,
        reason="",
    )
    return api.Prediction(
        prediction_id="p", channel_id="youtube:ann", platform=Platform.YOUTUBE, planned_at=AT, as_of=AT, metric="views",
        metric_definition="youtube-views-1", model_name="m", model_version="1", serves="model", forecasts=(one,), drivers=(),
        typical_band=None, parts=parts, input_hash="0" * 64, recorded=False,
    )  # fmt: skip


def suggestion(lift: object) -> Suggestion:
    return Suggestion.model_validate(
        {"suggestion_id": "s", "kind": "titles", "change": Change(title="x"), "words": "w", "lift": lift}
    )


def test_only_an_applied_suggestion_is_taken_back_with_one_click() -> None:
    first, applied, undone = version(1, "a"), version(2, "b", "r1"), version(3, "a")
    assert advice_shapes.undoable(content(first)) is None
    assert advice_shapes.undoable(content(first, applied)) == first
    assert advice_shapes.undoable(content(first, applied, undone)) is None


def test_the_forecast_is_compared_with_the_first_and_the_version_before() -> None:
    versions = [version(n, str(n)) for n in range(1, 5)]
    shown = advice_shapes.compared_versions(content(*versions))
    assert [one.version for one in shown] == [1, 3, 4]
    assert [one.version for one in advice_shapes.compared_versions(content(versions[0]))] == [1]


def test_a_move_within_the_noise_is_called_no_detectable_difference() -> None:
    loud = advice_shapes.moved(forecast(10_000, 0.0, wide=0.01), forecast(11_000, 0.0953, wide=0.01), 1)
    assert loud.startswith("**+10")
    quiet = advice_shapes.moved(forecast(10_000, 0.0, wide=0.2), forecast(11_000, 0.0953, wide=0.2), 1)
    assert quiet.endswith("no detectable difference.")
    assert (
        advice_shapes.moved(forecast(10_000, 0, wide=0.2, abstained=True), forecast(1, 0, wide=0.2), 1) == ""
    )


def test_suggestions_that_the_forecast_has_no_say_on_are_not_drawn() -> None:
    frame = advice_shapes.lifts_frame(
        [suggestion(MORE), suggestion(None), suggestion(NOISE)], ["a", "b", "c"]
    )
    assert list(frame["label"]) == ["1 · a", "3 · c"]
    assert list(frame["noise"]) == [False, True]
    assert advice_shapes.expected(suggestion(None)) == "The forecast has no say here."


def test_versions_say_what_was_changed_in_them() -> None:
    of = content(version(1, "a"), version(2, "b", "r1"), version(3, "b"))
    assert [advice_shapes.version_words(of, one).partition(": ")[2] for one in of.versions] == [
        "as you kept it", "title changed (a suggestion)", "as it was",
    ]  # fmt: skip


def test_evidence_tells_what_is_not_known() -> None:
    unknown = POST.model_copy(update={"outcome": None, "over_usual": None, "similarity": None})
    rows = advice_shapes.evidence_rows([POST, unknown], "views")
    assert rows[0][2:] == ("21k views", "×1.9", "0.71")
    assert rows[1][2:] == ("not known", "not known", "")


def receipt(**more: object) -> Receipt:
    usual = {
        "receipt_id": "r", "content_id": "c", "kind": "hashtags", "applied_at": AT, "from_version": 1, "to_version": 2,
        "change": Change(hashtags=("a", "b"), planned_at=AT + timedelta(hours=1)),
        "before": {"hashtags": [], "planned_at": AT.isoformat()},
        "words": "w", "lift": None, "prob_before": None, "prob_after": None, "prob_change": None, "prob_change_low": None,
        "prob_change_high": None, "before_prediction_id": "a", "after_prediction_id": "b", "similar": (),
    }  # fmt: skip
    return Receipt.model_validate(usual | more)


def test_a_receipt_shows_both_sides_of_each_field() -> None:
    assert receipt_shapes.change_rows(receipt()) == [
        ("Hashtags", "none", "#a #b"),
        ("Time", "Tue 1 Dec, 18:00", "Tue 1 Dec, 19:00"),
    ]
    assert receipt_shapes.chance(receipt()) == ""
    assert receipt_shapes.chance(receipt(prob_before=0.4, prob_after=0.3, prob_change=-0.1)).endswith(
        "by −10 points."
    )


def test_quiet_hours_and_days_become_a_request() -> None:
    wanted = schedule_shapes.request(
        [content(version(1, "a"))], first_day=AT.date(), days=7, spacing_h=24, quiet=(22, 7), prefer="early",
        zone="Europe/Berlin",
    )  # fmt: skip
    assert wanted.start is not None
    assert wanted.start.isoformat() == "2026-12-01T00:00:00+01:00"
    assert (wanted.blackout[0].start_hour, wanted.blackout[0].end_hour) == (22, 7)


def test_interests_that_fit_come_first() -> None:
    far = strategy(quiet=False).keywords[0].model_copy(update={"name": "far", "fits": False, "rise": 9.0})
    rows = strategy_shapes.interest_rows([far, strategy(quiet=False).keywords[0]])
    assert [row[0] for row in rows] == ["#sourdough", "#far"]
    assert rows[1][-1] == "far from what you post"
