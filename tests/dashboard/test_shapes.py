"""What the pages say and draw, from answers of the API."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from creatorlens.client import ApiError, Client, UnreachableError
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from dashboard import engineering, fetching, forecast_charts, planning, track_charts, track_shapes
from dashboard import forecast_shapes as shapes
from dashboard.palette import DARK, LIGHT

NOW = datetime.now(UTC)
# Far from the best hour, whatever the time is when the tests run.
BEST_HOUR = 18
PLAN = (NOW + timedelta(days=1)).astimezone(ZoneInfo("Europe/Berlin")).replace(hour=5)


@pytest.fixture
def client(scene):
    scene.best_hour = BEST_HOUR
    with Client(Settings().api) as client:
        yield client


def draft(at: datetime = PLAN) -> Draft:
    return Draft("youtube:Slow Kitchen", Platform.YOUTUBE, at, title="Bread", media_type=MediaType.VIDEO)


def test_a_forecast_is_said_with_its_band_and_its_chance(client):
    said = shapes.verdict(fetching.forecast(client, draft(), record=False), 168)
    assert said.modelled
    assert said.headline.startswith("About ")
    assert said.headline.endswith("views after 7 days")
    assert "Four times out of five" in said.band
    assert "**62\u00a0%** chance to beat the median of your last five posts (10.4k)" in said.chance


def test_where_we_abstain_that_is_said_first_with_the_reason(client, scene):
    scene.abstain = True
    said = shapes.verdict(fetching.forecast(client, draft(), record=False), 168)
    assert not said.modelled
    assert said.headline == "No forecast of our own for this post"
    assert said.note == "Why: the model does not beat this channel's own median."
    assert said.chance == ""
    assert "channel's last posts alone" in said.band


def test_the_history_is_oldest_first_and_only_posts_with_an_outcome(client):
    frame = shapes.history_frame(client.channel("youtube:Slow Kitchen"))
    assert len(frame) == shapes.POSTS_SHOWN
    assert frame["position"].tolist() == list(range(1, shapes.POSTS_SHOWN + 1))
    assert frame["title"].iloc[-1] == "Bread on a Tuesday, part 0"


def test_drivers_are_strongest_first_and_those_without_effect_are_left_out(client):
    frame = shapes.drivers_frame(fetching.forecast(client, draft(), record=False))
    assert frame["effect"].abs().is_monotonic_decreasing
    assert "question in the title" in shapes.drivers_words(frame)


def test_the_heat_map_has_the_present_choice_in_it_and_compares_with_it(client):
    hours = planning.week_hours(NOW, PLAN)
    week = fetching.what_if(client, shapes.at_hours(draft(), hours), 168)
    base = shapes.at_horizon(fetching.forecast(client, draft(), record=False), 168).p50
    frame = shapes.timing_frame(hours, week, PLAN, base)
    assert frame["chosen"].sum() == 1
    assert len(frame.groupby(["weekday", "hour"])) == len(frame)
    assert abs(float(frame.loc[frame["chosen"], "change"].iloc[0])) < 0.05


@pytest.mark.parametrize(
    ("timing", "said"),
    [(0.0, "The time makes no difference"), (0.01, "hardly matters here: no hour of the week moves the forecast"),
     (0.2, "best is")],
)  # fmt: skip
def test_how_much_the_time_matters_is_said_plainly(client, scene, timing, said):
    scene.timing = timing
    hours = planning.week_hours(NOW, PLAN)
    week = fetching.what_if(client, shapes.at_hours(draft(), hours), 168)
    base = shapes.at_horizon(fetching.forecast(client, draft(), record=False), 168).p50
    assert said in shapes.timing_sentence(shapes.timing_frame(hours, week, PLAN, base))


def test_looking_leaves_no_trace_and_saving_does(client, scene):
    fetching.forecast(client, draft(), record=False)
    fetching.what_if(client, [draft()] * 3, 168)
    assert [asked["record"] for _, asked in scene.asked] == [False, False]
    fetching.forecast(client, draft(), record=True)
    assert scene.asked[-1][1]["record"] is True


def test_a_service_that_does_not_answer_comes_with_the_command_that_starts_it(free_port):
    address = f"http://127.0.0.1:{free_port}"
    with Client(address) as client, pytest.raises(UnreachableError) as error:
        client.models()
    trouble = fetching.trouble(error.value, address)
    assert trouble.command == "creatorlens up"
    assert address in trouble.advice


def test_a_refused_draft_names_its_fields(client, scene):
    from creatorlens import api

    scene.problem = api.Problem(
        title="Bad request", status=422, detail="x",
        errors=(api.FieldError(field="title", message="11000 characters; at most 10000 are taken"),),
    )  # fmt: skip
    with pytest.raises(ApiError) as error:
        fetching.forecast(client, draft(), record=False)
    assert fetching.trouble(error.value, "").fields == (
        ("title", "11000 characters; at most 10000 are taken"),
    )


def test_channels_are_listed_with_those_that_posted_last_first(client):
    found = fetching.channels(client, Platform.YOUTUBE)
    assert [c.creator_id for c in found.channels] == ["Slow Kitchen", "Night Trains", "Paper Boats"]
    assert not found.more


def test_kinds_of_evidence_are_never_mixed(client):
    record = client.track_record(channel_id="youtube:Slow Kitchen")
    kinds = track_shapes.groups(record)
    assert [kind.label for kind in kinds] == ["Live", "Retrospective", "Retrospective, back-filled"]
    for kind in kinds:
        for piece in track_shapes.of_group(record.by_month, kind):
            assert (piece.made, piece.outcomes) == (kind.made, kind.outcomes)
    assert not track_shapes.points(record, kinds[1], 168), "all points of the series are live"


def test_odds_are_right_when_each_part_holds_what_it_should(client):
    record = client.track_record(channel_id="youtube:Slow Kitchen")
    (live, *_) = track_shapes.groups(record)
    frame = track_shapes.calibration_frame(track_shapes.points(record, live, 168))
    assert frame["share"].sum() == pytest.approx(1)
    assert frame["expected"].sum() == pytest.approx(1)
    inside = track_shapes.points_frame(record.series)["inside"].mean()
    assert frame["share"].iloc[1:3].sum() == pytest.approx(inside)


def test_few_cases_leave_a_wide_range():
    low, high = track_shapes.wilson(0.8, 5)
    assert low < 0.6
    assert high > 0.9
    narrow = track_shapes.wilson(0.8, 5000)
    assert narrow[1] - narrow[0] < 0.02


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_chart_is_a_valid_specification(client, colours):
    prediction = fetching.forecast(client, draft(), record=False)
    channel = client.channel("youtube:Slow Kitchen")
    history = shapes.history_frame(channel)
    bars = shapes.forecast_frame(prediction, len(history), 168)
    hours = planning.week_hours(NOW, PLAN)
    week = fetching.what_if(client, shapes.at_hours(draft(), hours), 168)
    record = client.track_record(channel_id="youtube:Slow Kitchen")
    live = track_shapes.groups(record)[0]
    months = track_shapes.slices_frame(track_shapes.of_group(record.by_month, live), "month")
    points = track_shapes.points(record, live, 168)
    for chart in (
        forecast_charts.hero(history, bars, channel.typical_band, channel.floor, "views", colours),
        forecast_charts.hero(history, shapes.no_forecast(), None, None, "views", colours),
        forecast_charts.drivers(shapes.drivers_frame(prediction), colours),
        forecast_charts.timing(shapes.timing_frame(hours, week, PLAN, 12_000), colours),
        track_charts.coverage(months, colours),
        track_charts.skill(months, colours),
        track_charts.outcomes(track_shapes.points_frame(points), "views", colours),
        track_charts.calibration(track_shapes.calibration_frame(points), colours),
    ):
        assert chart.to_dict(validate=True)["$schema"]


def test_a_wide_spread_gets_a_logarithmic_axis_and_zero_does_not_break_it(client):
    channel = client.channel("youtube:Slow Kitchen")
    history = shapes.history_frame(channel).assign(outcome=lambda f: [0.0, 1e6, *f["outcome"][2:]])
    chart = forecast_charts.hero(history, shapes.no_forecast(), None, None, "views", LIGHT).to_dict()
    scale = chart["layer"][0]["encoding"]["y"]["scale"]
    assert scale["type"] == "log"
    assert math.isfinite(scale["domain"][0])
    assert scale["domain"][0] > 0


def test_tools_and_metrics_for_engineers(client):
    frame = engineering.against_floor(client.models().models)
    assert set(frame["who"]) == {"model", "floor"}
    labels = dict(engineering.metric_words(client.models().models[0].metrics))
    assert labels["Coverage 80"] == "80.3%"
    remote = engineering.tools(Settings(tracking_uri="https://mlflow.example"))
    assert "https://mlflow.example" in {tool.address for tool in remote}
