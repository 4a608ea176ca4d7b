from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from creatorlens.platforms import Platform
from dashboard import words


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (7.4, "7"), (999, "999"), (1000, "1k"), (12_345, "12.3k"), (123_456, "123k"), (999_950, "1M"),
     (1_234_567, "1.2M"), (3_400_000_000, "3.4B"), (-1500, "−1.5k")],
)  # fmt: skip
def test_counts_are_humanised(value, said):
    assert words.count(value) == said


@pytest.mark.parametrize(
    ("effect", "said"),
    [(0.042, "+4\u00a0%"), (-0.3, "−30\u00a0%"), (0.001, "0\u00a0%"), (1.4, "×2.4"), (-0.004, "0\u00a0%")],
)
def test_changes_read_as_percent_and_from_double_on_as_a_factor(effect, said):
    assert words.change(effect) == said


def test_no_chance_is_ever_certain():
    assert words.chance(0.0) == "under 1\u00a0%"
    assert words.chance(1.0) == "over 99\u00a0%"
    assert words.chance(0.62) == "62\u00a0%"


def test_horizons_are_days_where_they_are_whole_days():
    assert [words.horizon(h) for h in (24, 168, 720, 36)] == ["1 day", "7 days", "30 days", "36 hours"]


def test_reddit_counts_points():
    assert words.metric(Platform.REDDIT, "likes") == "points"
    assert words.metric(Platform.YOUTUBE, "views") == "views"


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "today"), (1, "1 day ago"), (8, "1 week ago"), (70, "2 months ago"), (800, "2 years ago")],
)
def test_how_long_ago(days, said):
    now = datetime(2026, 11, 3, tzinfo=UTC)
    assert words.ago(now - timedelta(days=days), now) == said


def test_long_titles_are_cut_at_the_end():
    assert words.short("a" * 100, 10) == "a" * 9 + "…"
    assert words.short("two\nlines") == "two lines"
