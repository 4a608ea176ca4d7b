"""A schedule of several drafts: rows and sentences. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from creatorlens.advice.content import Content
from creatorlens.advice.timing import Blackout, Schedule, ScheduleRequest
from dashboard import words

PREFER = {"effect": "the best times", "early": "soon"}


def request(
    contents: Sequence[Content],
    *,
    first_day: date,
    days: int,
    spacing_h: float,
    quiet: tuple[int, int] | None,
    prefer: str,
    zone: str,
) -> ScheduleRequest:
    """`quiet`: local hours from, to, in which nothing goes out."""
    return ScheduleRequest.model_validate(
        {
            "content_ids": [one.content_id for one in contents],
            "start": datetime.combine(first_day, time(), ZoneInfo(zone)),
            "days": days,
            "spacing_h": spacing_h,
            "blackout": [] if quiet is None else [Blackout(start_hour=quiet[0], end_hour=quiet[1])],
            "prefer": prefer,
        }
    )


def rows(schedule: Schedule) -> list[tuple[str, ...]]:
    """Post, channel, local time, zone, what the time is worth."""
    return [
        (
            words.short(one.title),
            one.channel_id,
            one.local,
            one.timezone,
            "not known" if one.lift is None else one.lift.words,
        )
        for one in schedule.posts
    ]


def differing(schedule: Schedule, contents: Sequence[Content]) -> list[tuple[Content, datetime]]:
    """Drafts whose planned time is another one."""
    by_id = {one.content_id: one for one in contents}
    return [
        (by_id[post.content_id], post.planned_at)
        for post in schedule.posts
        if post.content_id in by_id and by_id[post.content_id].now.planned_at != post.planned_at
    ]
