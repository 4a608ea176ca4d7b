"""Open slots and schedules: whole hours that exist on the channel's clock, closed hours, distances."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommend.timing.planning import TooFewSlots, Wanted, most_that_fit, plan
from recommend.timing.slots import Closed, Slot, open_slots

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ZONES = [BERLIN, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")]
closed_hours = st.builds(
    Closed,
    st.integers(0, 23),
    st.integers(0, 24),
    st.frozensets(st.integers(0, 6), max_size=3),
)


def hours_of(day: date, zone: ZoneInfo) -> list[int]:
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    end = datetime(day.year, day.month, day.day, 23, tzinfo=zone)
    return [slot.hour for slot in open_slots(start, end, zone)]


@pytest.mark.parametrize(
    ("zone", "gap", "fold"),
    [(BERLIN, date(2026, 3, 29), date(2026, 10, 25)), (NEW_YORK, date(2026, 3, 8), date(2026, 11, 1))],
)
def test_an_hour_left_out_by_the_clock_is_no_slot_and_one_that_comes_twice_is_one(
    zone: ZoneInfo, gap: date, fold: date
) -> None:
    assert hours_of(gap, zone) == [0, 1, *range(3, 24)]
    assert hours_of(fold, zone) == list(range(24))
    # on the days around, nothing is missing
    assert hours_of(gap - timedelta(days=1), zone) == list(range(24))


@pytest.mark.parametrize(("zone", "night", "apart_h"), [(BERLIN, 1, 3), (NEW_YORK, 0, 4)])
def test_distance_is_in_hours_that_pass_not_in_hours_on_the_clock(
    zone: ZoneInfo, night: int, apart_h: int
) -> None:
    """In the night in which the clock is put back, an hour more passes."""
    day = date(2026, 10, 25) if zone is BERLIN else date(2026, 11, 1)
    late = datetime(day.year, day.month, day.day, night, tzinfo=zone)
    after = late.replace(hour=night + apart_h - 1)
    spacing = timedelta(hours=apart_h)
    assert most_that_fit([Slot(late), Slot(after)], spacing) == 2
    found = open_slots(late, after, zone, taken=[late], spacing=spacing)
    assert [slot.hour for slot in found] == [after.hour]


@pytest.mark.parametrize(
    ("closed", "weekday", "open_hours"),
    [
        (Closed(22, 6), 2, range(6, 22)),
        (Closed(0, 24), 2, range(0)),
        # Friday night goes on into Saturday morning
        (Closed(22, 6, frozenset({4})), 4, range(22)),
        (Closed(22, 6, frozenset({4})), 5, range(6, 24)),
        (Closed(9, 17, frozenset({0, 1})), 2, range(24)),
    ],
)
def test_closed_hours_may_go_over_midnight(closed: Closed, weekday: int, open_hours: range) -> None:
    assert [hour for hour in range(24) if not closed.holds(hour, weekday)] == list(open_hours)


@given(
    zone=st.sampled_from(ZONES),
    start=st.integers(0, 330 * 24 * 60),
    hours=st.integers(1, 24 * 9),
    closed=st.lists(closed_hours, max_size=2),
    taken=st.lists(st.integers(-30, 24 * 9), max_size=4),
    spacing=st.integers(0, 30),
)
@settings(max_examples=40, deadline=None)
def test_slots_lie_in_the_window_on_whole_hours_in_order_and_clear_of_everything_closed_or_taken(
    zone: ZoneInfo, start: int, hours: int, closed: list[Closed], taken: list[int], spacing: int
) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    end = begin + timedelta(hours=hours)
    busy = [begin + timedelta(hours=h) for h in taken]
    found = open_slots(begin, end, zone, closed, busy, timedelta(hours=spacing))
    moments = [slot.at.astimezone(UTC) for slot in found]
    assert moments == sorted(set(moments))
    for slot, moment in zip(found, moments, strict=True):
        assert begin <= moment <= end
        wall = moment.astimezone(zone)
        assert (wall.hour, wall.weekday(), wall.minute) == (slot.hour, slot.weekday, 0)
        assert not any(one.holds(slot.hour, slot.weekday) for one in closed)
        assert all(abs(moment - other) >= timedelta(hours=spacing) for other in busy)


@given(
    posts=st.tuples(st.integers(1, 4), st.integers(1, 3)),
    spacing=st.integers(1, 30),
    apart=st.integers(0, 5),
    seed=st.integers(0, 10_000),
)
@settings(max_examples=12, deadline=None)
def test_a_schedule_has_every_post_in_an_open_slot_of_its_own_at_its_distance(
    posts: tuple[int, int], spacing: int, apart: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    start = datetime(2026, 10, 23, tzinfo=UTC)
    wanted = []
    for name, n, zone in zip("ab", posts, (BERLIN, NEW_YORK), strict=True):
        slots = open_slots(start, start + timedelta(days=5), zone, [Closed(23, 6)])
        wanted.append(Wanted(name, n, slots, rng.normal(0, 0.2, len(slots))))
    try:
        found = plan(wanted, timedelta(hours=spacing), timedelta(hours=apart))
    except TooFewSlots:
        assert max(posts) * spacing > 24
        return
    for one, slots in zip(wanted, found, strict=True):
        assert len(slots) == one.posts
        assert all(slot in one.slots for slot in slots)
        moments = [slot.at.astimezone(UTC) for slot in slots]
        assert all(b - a >= timedelta(hours=spacing) for a, b in pairwise(moments))
    everything = sorted(slot.at.astimezone(UTC) for slots in found for slot in slots)
    assert all(b - a >= timedelta(hours=apart) for a, b in pairwise(everything))


def test_the_best_slots_together_are_better_than_the_best_one_first() -> None:
    start = datetime(2026, 6, 1, 8, tzinfo=UTC)
    slots = [Slot(start + timedelta(hours=h)) for h in range(3)]
    # one in the middle alone is the best single slot; the two around it are worth more
    found = plan([Wanted("a", 2, slots, np.array([0.5, 0.6, 0.5]))], timedelta(hours=2))
    assert [slot.hour for slot in found[0]] == [8, 10]


def test_of_slots_worth_the_same_the_earliest_are_taken_and_too_many_posts_are_refused() -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)
    slots = open_slots(start, start + timedelta(days=2), ZoneInfo("UTC"))
    found = plan([Wanted("a", 2, slots, np.zeros(len(slots)))], timedelta(hours=24))
    assert [slot.at for slot in found[0]] == [start, start + timedelta(days=1)]
    with pytest.raises(TooFewSlots) as error:
        plan([Wanted("a", 4, slots, np.zeros(len(slots)))], timedelta(hours=24))
    assert (error.value.channel_id, error.value.most) == ("a", 3)
