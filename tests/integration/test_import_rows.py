"""Every row of a file is taken, found unchanged, or kept apart with the rule it breaks: on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, func, select

from creatorlens.database import tables
from creatorlens.database.frames import read_channels, read_observations, read_posts
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.content.importing import import_files
from services.content.quarantining import quarantined
from services.content.reports import ImportReport

NOW = datetime(2026, 6, 1, tzinfo=UTC)
POST = {
    "post_id": "p1", "platform": "instagram", "creator_id": "c1", "published_at": "2026-01-01T10:00:00Z",
    "media_type": "photo", "title": "", "text": "Happy new year", "hashtags": ["2026"], "duration_s": None,
    "followers": 1000.0, "category": None,
}  # fmt: skip
SEEN = {
    "post_id": "p1", "platform": "instagram", "observed_at": "2026-01-20T10:00:00Z", "views": 100.0, "likes": 10.0,
    "comments": 1.0, "shares": None, "saves": None,
}  # fmt: skip
STAT = {
    "creator_id": "c1", "platform": "instagram", "observed_at": "2026-01-20T00:00:00Z", "followers": 1000.0,
    "total_views": None, "posts": 5.0,
}  # fmt: skip
VARIANT = {
    "experiment_id": "e1", "variant_id": "v1", "week": 202601, "headline": "One", "lede": None, "image_id": None,
    "impressions": 100, "clicks": 5,
}  # fmt: skip

Import = Callable[..., ImportReport]


@pytest.fixture
def take(engine: Engine, settings: Settings, tmp_path: Path) -> Import:
    """Import rows as a Parquet file: `take({...}, {...}, name="posts", now=...)`."""

    def take(*rows: dict[str, Any], name: str = "table", now: datetime = NOW) -> ImportReport:
        path = tmp_path / f"{name}.parquet"
        pd.DataFrame(list(rows)).to_parquet(path)
        (report,) = import_files(engine, settings, [path], now=now)
        assert report.rows_read == report.rows_taken + report.rows_unchanged + report.rows_quarantined
        return report

    return take


def _count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _details(engine: Engine) -> list[str]:
    return [row.detail for row in quarantined(engine, "local", 100)[0]]


def test_a_post_comes_back_as_it_went_in(engine: Engine, take: Import) -> None:
    title = "tab\there, newline\nthere, \\N, quotes \" ' and 🎉"
    assert take({**POST, "title": title, "duration_s": 12.5}).rows_taken == 1
    post = read_posts(engine, "local", Platform.INSTAGRAM).iloc[0]
    assert post["title"] == title
    assert post["media_type"] == "image"
    assert post["hashtags"] == ["2026"]
    assert post["duration_s"] == 12.5
    assert post["published_at"] == pd.Timestamp("2026-01-01T10:00:00Z")
    assert post["channel_id"] == "instagram:c1"


def test_a_nul_character_does_not_stop_an_import(engine: Engine, take: Import) -> None:
    assert take({**POST, "title": "a\x00b"}).rows_taken == 1
    assert take({**POST, "post_id": "p2", "title": "x\x00" * 10_001}, name="long").rows_quarantined == 1
    assert read_posts(engine, "local", Platform.INSTAGRAM)["title"].tolist() == ["ab"]


BAD_POSTS: list[tuple[dict[str, Any], str, str]] = [
    ({"post_id": None}, "post_id_present", "post_id is missing"),
    ({"post_id": "x" * 201}, "post_id_length", "longer than 200 characters"),
    ({"platform": "myspace"}, "platform_known", "platform = myspace is not one of youtube"),
    ({"platform": None}, "platform_present", "platform is missing"),
    ({"creator_id": " "}, "creator_id_present", "creator_id is missing"),
    ({"published_at": None}, "published_at_present", "published_at is missing"),
    (
        {"published_at": "2031-01-01T00:00:00Z"},
        "published_at_not_in_future",
        "published_at = 2031-01-01T00:00:00+00:00 is in the future",
    ),
    ({"published_at": "1999-01-01T00:00:00Z"}, "published_at_after_2004", "before any platform existed"),
    ({"published_at": "soon"}, "values_readable", "published_at = 'soon' is not an ISO 8601 time"),
    ({"published_at": "9999-01-01T00:00:00Z"}, "values_readable", "9999"),
    ({"media_type": "hologram"}, "media_type_known", "media_type = hologram is not one of video"),
    ({"title": "x" * 10_001}, "title_length", "longer than 10,000 characters"),
    ({"text": "x" * 100_001}, "text_length", "longer than 100,000 characters"),
    ({"followers": -5.0}, "counts_not_negative", "followers = -5 is negative"),
    ({"duration_s": -1.0}, "duration_possible", "duration_s = -1 is negative"),
    ({"hashtags": ["x" * 10_001]}, "hashtags_length", "characters of hashtags"),
]


def test_bad_posts_are_kept_apart_and_their_neighbours_are_taken(engine: Engine, take: Import) -> None:
    bad = [{**POST, "post_id": f"bad{at}", **changes} for at, (changes, _, _) in enumerate(BAD_POSTS)]
    report = take({**POST, "post_id": "before"}, *bad, {**POST, "post_id": "after"})
    assert report.rows_taken == 2
    _are_kept_apart(engine, [(name, words) for _, name, words in BAD_POSTS], kind="posts", first_row=2)


def _are_kept_apart(engine: Engine, expected: list[tuple[str, str]], *, kind: str, first_row: int) -> None:
    found = sorted(quarantined(engine, "local", 100)[0], key=lambda row: row.row_number)
    assert [row.row_number for row in found] == [first_row + at for at in range(len(expected))]
    for row, (expectation, words) in zip(found, expected, strict=True):
        assert (row.file, row.kind, row.expectation) == ("table.parquet", kind, expectation)
        assert words in row.detail


def test_a_ten_megabyte_title_is_not_stored_whole(engine: Engine, take: Import) -> None:
    report = take({**POST, "title": "x" * 10_000_000})
    assert report.reasons == {"title_length": 1}
    (row,) = quarantined(engine, "local", 10)[0]
    assert len(row.row["title"]) < 500
    assert "10,000,000 characters" in row.row["title"]
    assert len(row.detail) < 500


BAD_OBSERVATIONS: list[tuple[dict[str, Any], str, str]] = [
    ({"post_id": "p9"}, "post_known", "post p9 belongs to no post that is imported"),
    ({"views": -1.0}, "counts_not_negative", "views = -1 is negative"),
    ({"likes": 1e13}, "counts_possible", "likes = 10000000000000 is more than anybody counts"),
    ({"likes": float("inf")}, "values_readable", "likes = 'inf' is not a number"),
    (
        {"observed_at": "2025-12-31T00:00:00Z"},
        "observed_after_publishing",
        "observed_at = 2025-12-31T00:00:00+00:00 is before the post was published",
    ),
    ({"observed_at": "2030-01-01T00:00:00Z"}, "observed_at_not_in_future", "is in the future"),
    ({"views": None, "likes": None, "comments": None}, "some_count_present", "no count at all"),
]


def test_bad_observations_are_kept_apart(engine: Engine, take: Import) -> None:
    take(POST, name="posts")
    bad = [{**SEEN, **changes} for changes, _, _ in BAD_OBSERVATIONS]
    assert take(SEEN, *bad).rows_taken == 1
    expected = [(name, words) for _, name, words in BAD_OBSERVATIONS]
    _are_kept_apart(engine, expected, kind="observations", first_row=2)


def test_bad_statistics_are_kept_apart(engine: Engine, take: Import) -> None:
    bad: list[tuple[dict[str, Any], str, str]] = [
        ({"followers": -1.0}, "counts_not_negative", "followers = -1 is negative"),
        ({"observed_at": None}, "observed_at_present", "not when they were seen"),
        ({"observed_at": "2027-01-01T00:00:00Z"}, "observed_at_not_in_future", "is in the future"),
        ({"timezone": "Mars/Olympus"}, "timezone_known", "timezone = Mars/Olympus is no IANA time zone"),
    ]
    assert take({**STAT, "timezone": None}, *({**STAT, **changes} for changes, _, _ in bad)).rows_taken == 1
    _are_kept_apart(engine, [(name, words) for _, name, words in bad], kind="creators", first_row=2)


def test_bad_variants_are_kept_apart(engine: Engine, take: Import) -> None:
    bad: list[tuple[dict[str, Any], str, str]] = [
        ({"clicks": 101}, "clicks_not_above_impressions", "impressions = 100 is less than the clicks"),
        ({"clicks": -1}, "counts_not_negative", "clicks = -1 is negative"),
        ({"headline": None}, "headline_present", "headline is missing"),
        ({"week": -3}, "week_possible", "week = -3 is negative"),
    ]
    assert take(VARIANT, *({**VARIANT, **changes} for changes, _, _ in bad)).rows_taken == 1
    _are_kept_apart(engine, [(name, words) for _, name, words in bad], kind="experiments", first_row=2)


# --- the same again ------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(engine: Engine, take: Import) -> None:
    first = take(POST, {**POST, "post_id": "p2", "followers": -1.0})
    again = take(POST, {**POST, "post_id": "p2", "followers": -1.0})
    assert (again.rows_taken, again.rows_unchanged, again.rows_quarantined) == (0, 1, 1)
    assert again.import_id == first.import_id
    assert [_count(engine, t) for t in (tables.posts, tables.quarantine, tables.imports)] == [1, 1, 1]


def test_the_same_rows_in_another_file_are_unchanged(engine: Engine, take: Import) -> None:
    take(POST, name="one")
    report = take(POST, {**POST, "post_id": "p2"}, name="two")
    assert (report.rows_taken, report.rows_unchanged) == (1, 1)


def test_the_same_row_twice_in_a_file_counts_once(engine: Engine, take: Import) -> None:
    report = take(POST, POST, POST)
    assert (report.rows_taken, report.rows_unchanged, report.rows_duplicate) == (1, 2, 2)


def test_two_contents_under_one_id_keep_the_first(engine: Engine, take: Import) -> None:
    report = take(POST, {**POST, "text": "Something else", "duration_s": 3.0})
    assert report.reasons == {"conflicting_duplicate": 1}
    assert _details(engine) == ["post p1 stands in row 1 with other values of text, duration_s"]
    assert read_posts(engine, "local", Platform.INSTAGRAM)["text"].tolist() == ["Happy new year"]


def test_a_stored_post_is_never_overwritten(engine: Engine, take: Import) -> None:
    take(POST)
    report = take({**POST, "text": "Edited"}, POST, name="later")
    assert report.rows_unchanged == 1
    assert report.rows_quarantined == 1
    assert read_posts(engine, "local", Platform.INSTAGRAM)["text"].tolist() == ["Happy new year"]
    alone = take({**POST, "text": "Edited"}, name="alone")
    assert alone.reasons == {"differs_from_stored": 1}


def test_followers_collected_after_posting_are_no_part_of_a_post(take: Import) -> None:
    take({**POST, "platform": "tiktok"})
    assert take({**POST, "platform": "tiktok", "followers": 2000.0}, name="later").rows_unchanged == 1


def test_an_observation_of_an_unknown_post_gets_another_chance(engine: Engine, take: Import) -> None:
    assert take(SEEN, name="seen").reasons == {"post_known": 1}
    take(POST)
    report = take(SEEN, name="seen")
    assert (report.rows_taken, report.rows_quarantined) == (1, 0)
    assert _count(engine, tables.quarantine) == 0


def test_a_post_from_the_future_gets_another_chance(take: Import) -> None:
    early = datetime(2025, 12, 1, tzinfo=UTC)
    assert take(POST, now=early).rows_quarantined == 1
    assert take(POST, now=NOW).rows_taken == 1


# --- observations --------------------------------------------------------------------------------


def test_a_newer_observation_is_added(engine: Engine, take: Import) -> None:
    take(POST)
    take(SEEN, name="seen")
    newer = {**SEEN, "observed_at": "2026-02-20T10:00:00Z", "likes": 12.0}
    assert take(SEEN, newer, name="later").rows_taken == 1
    stored = read_observations(engine, "local", Platform.INSTAGRAM).sort_values("observed_at")
    assert stored["likes"].tolist() == [10.0, 12.0]
    # the first look at the channel is back-filled, the second was seen when it was seen
    assert stored["backfilled"].tolist() == [True, False]
    assert [time.isoformat() for time in stored["known_at"]] == [
        "2026-01-08T10:00:00+00:00",
        "2026-02-20T10:00:00+00:00",
    ]


def test_a_post_published_while_its_channel_is_watched_is_known_when_seen(
    engine: Engine, take: Import
) -> None:
    take(POST, {**POST, "post_id": "p2", "published_at": "2026-03-01T00:00:00Z"})
    take(SEEN, name="first")
    take({**SEEN, "post_id": "p2", "observed_at": "2026-04-01T00:00:00Z"}, name="second")
    stored = read_observations(engine, "local", Platform.INSTAGRAM)
    assert stored["backfilled"].tolist() == [True, False]


def test_counts_without_time(engine: Engine, take: Import) -> None:
    """Back-filled at first; other counts for the same post later are known from their import on."""
    take(POST)
    untimed = {**SEEN, "observed_at": None}
    assert take(untimed, name="one").rows_taken == 1
    assert take(untimed, untimed, name="two").rows_unchanged == 2
    assert take({**untimed, "likes": 20.0}, name="three").rows_taken == 1
    stored = read_observations(engine, "local", Platform.INSTAGRAM).sort_values("likes")
    assert stored["backfilled"].tolist() == [True, False]
    assert stored["known_at"].tolist()[1] == pd.Timestamp(NOW)


def test_two_counts_at_one_moment_are_in_conflict(take: Import) -> None:
    take(POST)
    for moment, name in ((SEEN["observed_at"], "timed"), (None, "untimed")):
        rows = [{**SEEN, "observed_at": moment, "likes": likes} for likes in (1.0, 2.0)]
        assert take(*rows, name=name).reasons == {"conflicting_duplicate": 1}
        assert take(*rows, name=name).reasons == {"conflicting_duplicate": 1}
    assert take({**SEEN, "likes": 3.0}, name="other").reasons == {"differs_from_stored": 1}


def test_one_post_id_on_two_platforms_is_two_posts(engine: Engine, take: Import) -> None:
    take(POST, {**POST, "platform": "youtube", "duration_s": 30.0})
    report = take(SEEN, {**SEEN, "platform": "youtube"}, name="seen")
    assert report.rows_taken == 2
    (youtube,) = read_observations(engine, "local", Platform.YOUTUBE)["metric_definition"]
    assert youtube == "youtube-shorts-views-2"


# --- creators ------------------------------------------------------------------------------------


def test_a_creators_time_zone_is_kept(engine: Engine, take: Import) -> None:
    report = take({**STAT, "timezone": "Asia/Tokyo"})
    assert (report.rows_taken, report.new_channels) == (1, 1)
    assert read_channels(engine, "local")["timezone"].tolist() == ["Asia/Tokyo"]


def test_a_time_zone_may_be_told_later_or_without_statistics(engine: Engine, take: Import) -> None:
    take(STAT)
    later = take({**STAT, "timezone": "Asia/Tokyo"}, name="with_zone")
    assert (later.rows_unchanged, later.remarks) == (1, ("time zone of 1 known channels added",))
    alone = {"creator_id": "c1", "platform": "instagram", "observed_at": None, "timezone": "Europe/Rome"}
    assert take(alone, name="moved").rows_taken == 1
    assert take(alone, name="moved").rows_unchanged == 1
    assert read_channels(engine, "local")["timezone"].tolist() == ["Europe/Rome"]
    # importing the first table again does not move the channel back
    take({**STAT, "timezone": "Asia/Tokyo"}, name="with_zone")
    assert read_channels(engine, "local")["timezone"].tolist() == ["Europe/Rome"]


def test_workspaces_do_not_see_each_other(
    engine: Engine, settings: Settings, take: Import, tmp_path: Path
) -> None:
    take(POST)
    with engine.begin() as connection:
        connection.execute(tables.workspaces.insert(), {"workspace_id": "theirs", "created_at": NOW})
    theirs = settings.model_copy(update={"workspace": "theirs"})
    (report,) = import_files(engine, theirs, [tmp_path / "table.parquet"], now=NOW)
    assert report.rows_taken == 1
    assert len(read_posts(engine, "theirs", Platform.INSTAGRAM)) == 1
