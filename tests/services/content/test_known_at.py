"""When an observation became known, by the words of the house."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from services.content.known_at import with_known_at

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PUBLISHED = "2026-01-01"
MATURE = pd.Timestamp("2026-01-08", tz="UTC")


def _one(
    observed: str | None,
    *,
    seen_before: bool = False,
    post_first: str | None = None,
    channel_first: str | None = None,
) -> tuple[pd.Timestamp, bool]:
    times = {
        "published_at": PUBLISHED,
        "observed_at": observed,
        "post_first_seen": post_first or observed,
        "channel_first_seen": channel_first or observed,
    }
    row = {name: pd.Series([time]).astype("datetime64[us, UTC]") for name, time in times.items()}
    told = with_known_at(pd.DataFrame({**row, "seen_before": [seen_before]}), NOW).iloc[0]
    return told["known_at"], told["backfilled"]


def test_a_count_without_time_is_back_filled_to_seven_days() -> None:
    assert _one(None) == (MATURE, True)


def test_another_count_without_time_is_known_from_its_import_on() -> None:
    assert _one(None, seen_before=True) == (pd.Timestamp(NOW), False)


def test_an_old_post_of_a_channel_first_seen_later_is_back_filled() -> None:
    assert _one("2026-03-01") == (MATURE, True)


def test_a_young_post_is_known_when_seen() -> None:
    assert _one("2026-01-05") == (pd.Timestamp("2026-01-05", tz="UTC"), False)


def test_a_post_of_a_channel_that_was_watched_already_is_known_when_seen() -> None:
    assert _one("2026-03-01", channel_first="2025-12-01") == (pd.Timestamp("2026-03-01", tz="UTC"), False)


def test_a_second_look_is_known_when_seen() -> None:
    seen = _one("2026-03-15", seen_before=True, post_first="2026-03-01", channel_first="2026-03-01")
    assert seen == (pd.Timestamp("2026-03-15", tz="UTC"), False)
