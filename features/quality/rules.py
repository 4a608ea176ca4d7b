"""The row rules, one suite for each table: the only place where they are written.

Import checks its rows against them before anything is stored; the data docs show the same suites over
what is in the store. A rule's name is short and stable: it lands in the quarantine table.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from creatorlens.platforms import MediaType, Platform

FIRST_POST_EVER = datetime(2004, 1, 1, tzinfo=UTC)
"""No platform of ours existed before."""

MAX_ID_CHARS = 200
MAX_COUNT = 1e12
MAX_HASHTAG_CHARS = 10_000
MAX_DURATION_S = 7 * 24 * 3600.0


@dataclass(frozen=True)
class Limits:
    """What the rules measure against. `now`: later times are in the future."""

    now: datetime
    max_title_chars: int
    max_text_chars: int


@dataclass(frozen=True)
class Rule:
    """One expectation. `expectation` and `options` are Great Expectations' own; `says` ends the sentence
    `<column> = <value> …` that people read."""

    name: str
    expectation: str
    column: str
    says: str
    options: dict[str, Any] = field(default_factory=dict)


MEDIA_ROLES = ("thumbnail", "image", "video", "audio")
UNREADABLE = "values_readable"
FILE_READABLE = "file_readable"
TABLES = ("posts", "creators", "observations", "experiments", "media")


def rules(table: str, limits: Limits) -> tuple[Rule, ...]:
    """The rules of `table`, the weightiest first: a row that breaks several is told the first."""
    return {
        "posts": _posts,
        "creators": _creators,
        "observations": _observations,
        "experiments": _experiments,
        "media": _media,
    }[table](limits)


def _posts(limits: Limits) -> tuple[Rule, ...]:
    return (
        _readable(),
        *_id("post_id"),
        *_platform(),
        *_id("creator_id"),
        _present("published_at"),
        _not_after("published_at", limits.now),
        Rule(
            "published_at_after_2004",
            "ExpectColumnValuesToBeBetween",
            "published_at",
            "is before any platform existed",
            {"min_value": FIRST_POST_EVER},
        ),
        _present("media_type"),
        _one_of("media_type", [m.value for m in MediaType]),
        _length("title", limits.max_title_chars),
        _length("text", limits.max_text_chars),
        _length("category", MAX_ID_CHARS),
        Rule(
            "hashtags_length",
            "ExpectColumnValuesToBeBetween",
            "hashtag_chars",
            f"is more than {MAX_HASHTAG_CHARS:,} characters of hashtags",
            {"max_value": MAX_HASHTAG_CHARS},
        ),
        *_counts("followers"),
        _at_least_zero("duration_s", "duration_possible"),
        _at_most("duration_s", MAX_DURATION_S, "duration_possible", "is longer than a week"),
    )


def _observations(limits: Limits) -> tuple[Rule, ...]:
    return (
        _readable(),
        *_id("post_id"),
        *_platform(),
        Rule(
            "post_known",
            "ExpectColumnValuesToNotBeNull",
            "published_at",
            "belongs to no post that is imported; it gets another chance when this file is imported again",
        ),
        _not_after("observed_at", limits.now),
        Rule(
            "observed_after_publishing",
            "ExpectColumnPairValuesAToBeGreaterThanB",
            "observed_at",
            "is before the post was published",
            {"column_B": "published_at", "or_equal": True, "ignore_row_if": "either_value_is_missing"},
        ),
        *_counts("views", "likes", "comments", "shares", "saves"),
        Rule(
            "some_count_present",
            "ExpectColumnValuesToBeBetween",
            "counts_given",
            ": the row holds no count at all",
            {"min_value": 1},
        ),
    )


def _creators(limits: Limits) -> tuple[Rule, ...]:
    return (
        _readable(),
        *_id("creator_id"),
        *_platform(),
        _not_after("observed_at", limits.now),
        Rule(
            "observed_at_present",
            "ExpectColumnValuesToBeInSet",
            "stats_without_time",
            ": followers, total_views or posts are given, but not when they were seen (observed_at)",
            {"value_set": [False]},
        ),
        *_counts("followers", "total_views", "posts"),
        _one_of("timezone", sorted(zoneinfo.available_timezones()), "is no IANA time zone"),
    )


def _experiments(_: Limits) -> tuple[Rule, ...]:
    return (
        _readable(),
        *_id("experiment_id"),
        *_id("variant_id"),
        _present("headline"),
        _length("headline", 10_000),
        _length("lede", 100_000),
        _length("image_id", MAX_ID_CHARS),
        _at_least_zero("week", "week_possible"),
        _at_most("week", 999_999, "week_possible", "is no week"),
        _present("impressions"),
        _present("clicks"),
        *_counts("impressions", "clicks"),
        Rule(
            "clicks_not_above_impressions",
            "ExpectColumnPairValuesAToBeGreaterThanB",
            "impressions",
            "is less than the clicks",
            {"column_B": "clicks", "or_equal": True, "ignore_row_if": "either_value_is_missing"},
        ),
    )


def _media(_: Limits) -> tuple[Rule, ...]:
    return (
        _readable(),
        *_id("post_id"),
        *_platform(),
        Rule(
            "post_known",
            "ExpectColumnValuesToNotBeNull",
            "published_at",
            "belongs to no post that is imported; it gets another chance when this file is imported again",
        ),
        _present("role"),
        _one_of("role", list(MEDIA_ROLES)),
        _present("path"),
        _length("path", 4_096),
        Rule(FILE_READABLE, "ExpectColumnValuesToBeNull", "refused", ""),
    )


def _readable() -> Rule:
    return Rule(UNREADABLE, "ExpectColumnValuesToBeNull", "unreadable", "")


def _present(column: str) -> Rule:
    return Rule(f"{column}_present", "ExpectColumnValuesToNotBeNull", column, "is missing")


def _id(column: str) -> tuple[Rule, ...]:
    return (_present(column), _length(column, MAX_ID_CHARS))


def _length(column: str, limit: int) -> Rule:
    return Rule(
        f"{column}_length",
        "ExpectColumnValueLengthsToBeBetween",
        column,
        f"is longer than {limit:,} characters",
        {"max_value": limit},
    )


def _platform() -> tuple[Rule, ...]:
    known = [p.value for p in Platform]
    return (_present("platform"), _one_of("platform", known, f"is not one of {', '.join(known)}"))


def _one_of(column: str, values: list[str], says: str | None = None) -> Rule:
    return Rule(
        f"{column}_known",
        "ExpectColumnValuesToBeInSet",
        column,
        says or f"is not one of {', '.join(values)}",
        {"value_set": values},
    )


def _not_after(column: str, now: datetime) -> Rule:
    return Rule(
        f"{column}_not_in_future",
        "ExpectColumnValuesToBeBetween",
        column,
        "is in the future",
        {"max_value": now},
    )


def _counts(*columns: str) -> tuple[Rule, ...]:
    return (
        *(_at_least_zero(column, "counts_not_negative") for column in columns),
        *(
            _at_most(column, MAX_COUNT, "counts_possible", "is more than anybody counts")
            for column in columns
        ),
    )


def _at_least_zero(column: str, name: str) -> Rule:
    return Rule(name, "ExpectColumnValuesToBeBetween", column, "is negative", {"min_value": 0})


def _at_most(column: str, limit: float, name: str, says: str) -> Rule:
    return Rule(name, "ExpectColumnValuesToBeBetween", column, says, {"max_value": limit})
