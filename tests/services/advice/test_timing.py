"""When to publish: what is said of a channel whose evenings do well, and of one whose hours do nothing; schedules and calendars.

Real tables, features and online store, and no model registered: effects of time need none."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from creatorlens.advice.content import Content, ContentRequest
from creatorlens.advice.timing import Blackout, ScheduleRequest, Timing
from creatorlens.database import open_database, tables
from creatorlens.errors import InputError, NotFoundError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.advice.desk import Desk
from services.advice.timing import calendar, schedule, timing
from services.advice.timing_ages import known_best, view_of
from services.advice.timing_fits import timing_fits
from services.advice.timing_slots import look, usual
from services.content.contents import keep
from services.insights.registry import ChampionSource

CHANNELS = ("ann", "bob", "eve")
POSTS = 70
HOURS = (8, 13, 19)
BERLIN = ZoneInfo("Europe/Berlin")
EVENING = 19
# Drafts are for days to come: the channels' history ends a week ago.
NOW = datetime.now(BERLIN).replace(hour=9, minute=0, second=0, microsecond=0).astimezone(UTC)
START = (NOW - timedelta(days=2 * POSTS + 7)).astimezone(BERLIN)
MORNING = (NOW + timedelta(days=2)).astimezone(BERLIN).replace(hour=8)


def fill(settings: Settings, evening_ln: float) -> None:
    """Posts at hours drawn by chance; those in the evening do exp(evening_ln) times as well."""
    engine, rng = open_database(settings), np.random.default_rng(5)
    own = {"workspace_id": settings.workspace}
    import_id = str(uuid.uuid4())
    posts, seen = [], []
    for channel, level in zip(CHANNELS, (6.0, 8.0, 7.0), strict=True):
        for i in range(POSTS):
            hour = int(rng.choice(HOURS))
            at = (START + timedelta(days=2 * i)).replace(hour=hour).astimezone(UTC)
            views = float(np.expm1(level + rng.normal(0, 0.3) + evening_ln * (hour == EVENING)))
            name = {"platform": "youtube", "post_id": f"{channel}{i}"} | own
            posts.append(
                name
                | {
                    "channel_id": f"youtube:{channel}", "published_at": at, "media_type": "video", "text": "",
                    "title": f"{' '.join(rng.choice(list('abcdefghij'), 3))} film", "hashtags": [],
                    "content_hash": "0", "import_id": import_id,
                }
            )  # fmt: skip
            for days, share in ((1, 0.5), (7, 1.0)):
                when = at + timedelta(days=days)
                seen.append(
                    name
                    | {
                        "observation_key": when.isoformat(), "observed_at": when, "known_at": when,
                        "backfilled": False, "metric_definition": "youtube-views-1", "views": views * share,
                        "import_id": import_id,
                    }
                )  # fmt: skip
    with engine.begin() as connection:
        connection.execute(
            tables.channels.insert(),
            [
                {
                    "channel_id": f"youtube:{name}", "platform": "youtube", "creator_id": name,
                    "first_imported_at": START, "timezone": "Europe/Berlin",
                }
                | own
                for name in CHANNELS
            ],
        )  # fmt: skip
        told = {
            "import_id": import_id, "file_name": "f", "sha256": "0", "kind": "posts", "imported_at": START,
            "rows_read": 1, "rows_taken": 1, "rows_unchanged": 0, "rows_quarantined": 0,
        }  # fmt: skip
        connection.execute(tables.imports.insert(), told | own)
        connection.execute(tables.posts.insert(), posts)
        connection.execute(tables.observations.insert(), seen)
    engine.dispose()


def opened(home: Path, evening_ln: float) -> Desk:
    from features.feature_store import OnlineStore
    from features.featurize import featurize

    settings = Settings(home=home)
    fill(settings, evening_ln)
    engine = open_database(settings)
    featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    return Desk(engine, settings, ChampionSource(settings), OnlineStore(settings))


@pytest.fixture(scope="module")
def evenings(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return opened(tmp_path_factory.mktemp("evenings") / "home", 0.6)


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return opened(tmp_path_factory.mktemp("flat") / "home", 0.0)


def kept(desk: Desk, at: datetime, channel: str = "ann", title: str = "A new film") -> Content:
    wanted = ContentRequest.model_validate(
        {"channel": f"youtube:{channel}", "title": title, "planned_at": at.isoformat()}
    )
    return keep(desk.engine, desk.settings.workspace, wanted, NOW)


def ask(desk: Desk, hour: int = 8) -> Timing:
    return timing(desk, kept(desk, MORNING.replace(hour=hour)), now=NOW)


def wants(desk: Desk, n: int, channel: str = "ann", **more: Any) -> ScheduleRequest:
    ids = [kept(desk, MORNING + timedelta(hours=i), channel, f"Film {i}").content_id for i in range(n)]
    return ScheduleRequest.model_validate({"content_ids": ids} | more)


def test_a_better_hour_is_named_with_its_effect_at_each_age_and_the_posts_that_say_so(evenings: Desk) -> None:
    found = ask(evenings)
    assert (found.verdict, found.timezone) == ("effect", "Europe/Berlin")
    best = found.suggestions[0]
    assert best.change.planned_at is not None
    assert best.change.planned_at.astimezone(BERLIN).hour in (18, 19, 20)
    assert best.change.planned_at > NOW
    assert best.lift is not None
    assert best.lift.low is not None
    assert best.lift.high is not None
    assert 0 < best.lift.low < best.lift.effect < best.lift.high
    # exp(.6) is 82 % more
    assert best.lift.low < 0.82 < best.lift.high
    assert best.lift_24h is not None
    assert not best.lift_24h.noise
    assert best.lift_30d is None
    # no model is registered here
    assert best.forecast is None
    assert {one.channel_id for one in best.evidence} == {"youtube:ann"}
    assert all(one.over_usual is not None for one in best.evidence)
    assert [(one.age, one.verdict) for one in found.ages] == [
        ("day", "effect"), ("week", "effect"), ("month", "too-few-posts"),
    ]  # fmt: skip


def test_a_draft_that_is_planned_well_already_is_left_where_it_is(evenings: Desk) -> None:
    found = ask(evenings, hour=EVENING)
    assert found.verdict == "effect"
    assert all(one.lift is not None and one.lift.noise for one in found.suggestions)
    assert "none of" in found.words


def test_where_time_does_nothing_no_slot_is_praised(flat: Desk) -> None:
    found = ask(flat)
    assert found.verdict == "no-effect"
    assert "No time stands out" in found.words
    for one in found.suggestions:
        assert one.lift is not None
        assert one.lift.noise
        assert "no detectable difference" in one.words


def test_what_is_not_known_yet_has_no_say(evenings: Desk) -> None:
    early = timing(evenings, kept(evenings, MORNING), now=START.astimezone(UTC) + timedelta(days=14))
    assert early.verdict == "too-few-posts"
    assert all(one.lift is None for one in early.suggestions)
    assert early.suggestions
    assert all(
        post.published_at < early.as_of - timedelta(days=6)
        for one in early.suggestions
        for post in one.evidence
    )


def test_an_open_slot_is_never_one_that_is_detectably_bad(evenings: Desk) -> None:
    fits = timing_fits(evenings, Platform.YOUTUBE, NOW)
    views = [view_of(fit, "youtube:ann") for fit in fits.values()]
    # nothing is known against the draft's own time, which is as bad itself
    looked = replace(look(views, MORNING, BERLIN, NOW), by_age={})
    assert MORNING.hour not in {one.slot.hour for one in usual(looked, known_best(views))}


def test_the_same_question_has_the_same_answer_and_is_fitted_once(evenings: Desk) -> None:
    content = kept(evenings, MORNING)
    first = timing(evenings, content, now=NOW)
    before = len(evenings.kept._slots)
    assert timing(evenings, content, now=NOW) == first
    assert len(evenings.kept._slots) == before


def test_a_schedule_takes_good_slots_keeps_its_distance_and_keeps_clear_of_what_is_planned(
    evenings: Desk,
) -> None:
    planned = kept(evenings, MORNING.replace(hour=EVENING) + timedelta(days=1), "bob", "Planned already")
    wanted = wants(evenings, 4, "bob", days=6, spacing_h=20)
    found = schedule(evenings, wanted, now=NOW)
    assert [one.title for one in found.posts] == [f"Film {i}" for i in range(4)]
    moments = sorted([one.planned_at for one in found.posts] + [planned.now.planned_at])
    assert all(b - a >= timedelta(hours=20) for a, b in pairwise(moments))
    assert {one.planned_at.astimezone(BERLIN).hour for one in found.posts} <= {18, 19, 20}
    assert all(one.lift is not None and one.lift.effect > 0 for one in found.posts)


def test_where_no_time_stands_out_a_schedule_takes_the_earliest_usual_hours_and_promises_nothing(
    flat: Desk,
) -> None:
    found = schedule(flat, wants(flat, 3, "bob", days=7, spacing_h=24), now=NOW)
    assert all(one.lift is None for one in found.posts)
    assert {one.planned_at.astimezone(BERLIN).hour for one in found.posts} <= set(HOURS)
    assert found.posts[-1].planned_at <= NOW + timedelta(days=3)
    assert "No time is known to stand out" in found.words


def test_closed_hours_hold_on_the_channels_own_clock(flat: Desk) -> None:
    night = [Blackout(start_hour=9, end_hour=0).model_dump()]
    wanted = wants(
        flat, 5, "eve", blackout=night, spacing_h=12, timezones={"youtube:eve": "America/New_York"}
    )
    for one in schedule(flat, wanted, now=NOW).posts:
        assert one.planned_at.astimezone(ZoneInfo("America/New_York")).hour < 9
        assert one.timezone == "America/New_York"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"timezones": {"youtube:ann": "Europe/Nowhere"}}, "timezones.youtube:ann"),
        ({"timezones": {"youtube:zed": "UTC"}}, "timezones.youtube:zed"),
        ({"days": 1, "spacing_h": 24}, "days"),
    ],
)
def test_what_cannot_be_planned_is_said_with_the_field(flat: Desk, more: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as error:
        schedule(flat, wants(flat, 3, **more), now=NOW)
    assert error.value.field == field
    assert error.value.hint


def test_published_posts_and_unknown_or_repeated_drafts_are_refused(flat: Desk) -> None:
    content_id = wants(flat, 1).content_ids[0]
    for ids, field in (([content_id, content_id], "content_ids.1"), (["youtube:ann3"], "content_ids.0")):
        with pytest.raises(InputError) as error:
            schedule(flat, ScheduleRequest(content_ids=tuple(ids)), now=NOW)
        assert error.value.field == field
    with pytest.raises(NotFoundError):
        schedule(flat, ScheduleRequest(content_ids=("nothing",)), now=NOW)


def test_the_calendar_is_read_back_with_the_same_moments(evenings: Desk) -> None:
    from icalendar import Calendar

    wanted = wants(evenings, 3, "eve", days=10, spacing_h=30)
    found = schedule(evenings, wanted, now=NOW)
    told = Calendar.from_ical(calendar(found))
    events = told.walk("VEVENT")
    assert [str(one["UID"]) for one in events] == [f"{one.content_id}@creatorlens" for one in found.posts]
    assert [one.decoded("DTSTART").astimezone(UTC) for one in events] == [
        one.planned_at.astimezone(UTC) for one in found.posts
    ]
    assert {str(one["DTSTART"].params["TZID"]) for one in events} == {"Europe/Berlin"}
    assert [str(one["TZID"]) for one in told.walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert all("%" in str(one["DESCRIPTION"]) for one in events)


def after_lots(desk: Desk, evening_ln: float, channel: str, *, as_drawn: bool = True) -> Timing:
    """A time test whose slots are taken in the order drawn, with these outcomes; then advice on a draft of the channel."""
    from creatorlens.advice.experiments import ExperimentRequest
    from services.experiments import kept as trials
    from services.experiments.trials import start

    slots = [
        {"variant_id": name, "slot": words} for name, words in (("a", "mornings"), ("b", "weekday evenings"))
    ]
    wanted = ExperimentRequest.model_validate(
        {"kind": "time", "channel": f"youtube:{channel}", "variants": slots, "force": True}
    )
    began = NOW - timedelta(days=50)
    made = start(desk.engine, desk.settings, wanted, began)
    rng, hour = np.random.default_rng(2), timedelta(hours=1)
    with desk.engine.begin() as connection:
        trial = trials.read(connection, desk.settings.workspace, made.experiment_id)
        order = trial.order[:40] if as_drawn else tuple("ab"[i % 2] for i in range(40))
        evening = np.array(order) == "b"
        noise = rng.normal(0, 0.3, 40)
        # the order is drawn anew for each test: without this, one draw in five would miss its own 80 % interval
        for arm in (evening, ~evening):
            noise[arm] -= noise[arm].mean()
        outcomes = evening_ln * evening + noise
        rows = [
            trials.Row(name, at, at + hour, 0, 0, None, float(outcome))
            for i, (name, outcome) in enumerate(zip(order, outcomes, strict=True))
            for at in (began + timedelta(days=i),)
        ]
        trials.put_observations(connection, desk.settings.workspace, made.experiment_id, rows, NOW)
    return timing(desk, kept(desk, MORNING, channel), now=NOW)


def test_slots_drawn_by_lot_are_told_apart_with_their_effect(flat: Desk) -> None:
    found = after_lots(flat, 0.6, "eve").causal
    assert found is not None
    assert found.slots[0].slot == "weekday evenings"
    # over the mean of both: half of it
    low, high = found.slots[0].lift.low, found.slots[0].lift.high
    assert low is not None
    assert high is not None
    assert 0 < low < np.expm1(0.3) < high
    assert found.p_value < 0.01
    assert "drawn by lot" in found.words


def test_lots_that_show_nothing_say_so_and_slots_taken_otherwise_are_not_passed_off_as_drawn(
    flat: Desk,
) -> None:
    found = after_lots(flat, 0.0, "bob", as_drawn=False).causal
    assert found is not None
    assert "no slot stands out" in found.words
    assert "did not come as they were drawn" in found.words
