"""Grading: outcomes that have arrived meet the predictions that spoke of them. Append-only, idempotent.

Which observation grades which horizon:
- one of known age: the nearest in ln(age), within 0.75 to 1.5 of the horizon, once no nearer one can come;
- one of unknown age holds a final count: it grades the longest horizon asked for, flagged back-filled;
- a live prediction is never graded by what had been seen when it was made.

Channel by channel, some hundred thousand forecasts to a transaction: killed, the next call goes on with what is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd
from sqlalchemy import Engine

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from services.insights import grading_reads as reads
from services.insights.grading_match import match
from services.insights.grading_writes import write
from services.insights.ids import draft_hash

LINK_WITHIN = timedelta(hours=48)


@dataclass(frozen=True)
class GradeReport:
    """graded: written by this call; waiting: predictions (per horizon) whose outcome has not come."""

    graded: int
    waiting: int
    by_platform: dict[str, int]


def grade(
    engine: Engine,
    settings: Settings,
    platform: Platform | None = None,
    *,
    now: datetime | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> GradeReport:
    """Grade what can be graded. Doing it twice changes nothing."""
    moment = now or datetime.now(UTC)
    counts: dict[str, int] = {}
    waiting = 0
    for one in [platform] if platform else list(Platform):
        for channels in reads.channel_ranges(engine, settings.workspace, one):
            still_open, graded = _grade_channels(engine, settings.workspace, one, channels, moment)
            counts[one.value] = counts.get(one.value, 0) + graded
            waiting += still_open
            progress(f"{one.value}: {counts[one.value]:,} graded, up to channel {channels.last}")
    return GradeReport(graded=sum(counts.values()), waiting=waiting, by_platform=counts)


def _grade_channels(
    engine: Engine, workspace: str, platform: Platform, channels: reads.Channels, now: datetime
) -> tuple[int, int]:
    """How many are left open and how many were graded."""
    with reads.reading(engine) as connection:
        predictions = reads.open_predictions(connection, workspace, platform, channels)
        if predictions.empty:
            return 0, 0
        drafts = predictions["post_id"].isna()
        posts = reads.posts_of(connection, workspace, platform, predictions[drafts])
        linked = pd.concat([predictions[~drafts], _found(posts, predictions[drafts])], ignore_index=True)
        outcomes = reads.outcomes_of(connection, workspace, platform, linked["post_id"].unique().tolist())
    graded = match(linked, outcomes, now)
    write(engine, workspace, graded, now)
    return len(predictions) - len(graded), len(graded)


def _found(posts: pd.DataFrame, drafts: pd.DataFrame) -> pd.DataFrame:
    """Drafts with the `post_id` they became: the channel's post with the same words, the nearest to the planned time."""
    if posts.empty or drafts.empty:
        return drafts.head(0)
    posts = posts.assign(draft_hash=list(_hashes(posts))).drop(columns=["title", "text"])
    pairs = drafts.drop(columns="post_id").merge(posts, on=["channel_id", "draft_hash"])
    apart = (pairs["published_us"] - pairs["planned_us"]).abs()
    within = pairs.assign(apart=apart)[apart <= LINK_WITHIN // timedelta(microseconds=1)]
    nearest = within.sort_values(["apart", "post_id"]).drop_duplicates(["prediction_id", "horizon_h"])
    return nearest[drafts.columns.tolist()]


def _hashes(posts: pd.DataFrame) -> Iterator[str]:
    for title, text in zip(posts["title"], posts["text"], strict=True):
        yield draft_hash(title, text)
