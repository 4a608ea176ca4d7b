"""Local clocks, cycles and holidays."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from features.posting_time import calendar_features, local_clock, wall_clock


def clock_of(at: str, zone: str | None) -> pd.Series:
    return local_clock(pd.Series([pd.Timestamp(at)]), pd.Series([zone], dtype=object)).iloc[0]


@pytest.mark.parametrize(
    ("zone", "hour", "weekday"),
    [
        ("UTC", 23.5, 6),
        (None, 23.5, 6),
        ("Asia/Tokyo", 8.5, 0),
        ("America/New_York", 18.5, 6),
        ("No/Where", 23.5, 6),
    ],
)
def test_the_hour_is_the_channels(zone: str | None, hour: float, weekday: int) -> None:
    found = clock_of("2024-12-15T23:30:00+00:00", zone)
    assert found["hour"] == hour
    assert found["weekday"] == weekday


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Asia/Kolkata", "Atlantis/Nowhere", "../etc/passwd", ""]
)
def test_a_drafts_clock_is_the_clock_of_posts(zone: str) -> None:
    planned = datetime.fromisoformat("2026-03-08T03:30:00-05:00")
    shown = pd.Timestamp(wall_clock(planned, zone))
    of_posts = clock_of("2026-03-08T08:30:00Z", zone)
    assert (shown.hour + shown.minute / 60, shown.weekday()) == (of_posts["hour"], of_posts["weekday"])


def test_where_no_zone_is_told_a_draft_is_read_as_planned() -> None:
    planned = datetime.fromisoformat("2026-03-08T03:30:00-05:00")
    assert wall_clock(planned, None) == datetime.fromisoformat("2026-03-08T03:30:00")


def test_summer_time_counts() -> None:
    assert clock_of("2024-07-01T12:00:00+00:00", "Europe/Berlin")["hour"] == 14
    assert clock_of("2024-01-01T12:00:00+00:00", "Europe/Berlin")["hour"] == 13


def test_midnight_is_near_both_sides() -> None:
    times = pd.Series(
        pd.to_datetime(["2024-03-04T23:59:00Z", "2024-03-05T00:01:00Z", "2024-03-05T12:00:00Z"])
    )
    found = calendar_features(local_clock(times, pd.Series([None] * 3, dtype=object)))
    late, early, noon = found[["hour_sin", "hour_cos"]].to_numpy()
    assert np.linalg.norm(late - early) < 0.02 < np.linalg.norm(late - noon)


def test_holidays_and_weekends() -> None:
    times = pd.Series(
        pd.to_datetime(["2024-12-25T12:00:00Z", "2024-12-28T12:00:00Z", "2024-12-30T12:00:00Z"])
    )
    found = calendar_features(local_clock(times, pd.Series([None] * 3, dtype=object)))
    assert found["is_holiday"].tolist() == [1, 0, 0]
    assert found["is_weekend"].tolist() == [0, 1, 0]
