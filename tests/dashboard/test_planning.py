"""Planned times on a wall clock, also where daylight saving skips or repeats an hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dashboard import planning

BERLIN = "Europe/Berlin"


def test_a_wall_time_becomes_a_moment_with_its_offset():
    found = planning.planned(date(2026, 7, 1), time(18, 30), BERLIN)
    assert found.at.isoformat() == "2026-07-01T18:30:00+02:00"
    assert not found.shifted


def test_a_time_that_daylight_saving_skips_moves_on_and_says_so():
    found = planning.planned(date(2026, 3, 29), time(2, 30), BERLIN)
    assert found.at.isoformat() == "2026-03-29T03:30:00+02:00"
    assert found.shifted


def test_the_default_is_a_full_hour_still_to_come():
    now = datetime(2026, 7, 1, 12, 45, tzinfo=UTC)
    assert planning.default_planned(now, BERLIN).isoformat() == "2026-07-01T16:00:00+02:00"


def test_the_first_real_zone_is_taken():
    assert planning.known_zone([None, "", "Mars/Olympus", "Asia/Ho_Chi_Minh", "UTC"]) == "Asia/Ho_Chi_Minh"
    assert planning.known_zone([None]) == "UTC"


def test_the_chosen_zone_leads_the_list_and_is_there_once():
    names = planning.zones(BERLIN)
    assert names[0] == BERLIN
    assert names.count(BERLIN) == 1
    assert "America/New_York" in names


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 (its bounds are naive)
    st.integers(0, 400 * 24),
    st.sampled_from([BERLIN, "Asia/Kolkata", "America/New_York", "UTC"]),
)
def test_the_week_has_every_weekday_and_hour_once_and_holds_the_plan(now, ahead, zone):
    chosen = (now + timedelta(hours=1 + ahead)).astimezone(ZoneInfo(zone))
    hours = planning.week_hours(now, chosen)
    cells = {(at.weekday(), at.hour) for at in hours}
    # a week in which the clocks go forward has one hour less
    assert len(hours) == len(cells)
    assert len(hours) >= 167
    assert all(at > now - timedelta(hours=1) for at in hours)
    assert (chosen.weekday(), chosen.hour) in cells
    assert (chosen.date(), chosen.hour) in {(at.date(), at.hour) for at in hours}
