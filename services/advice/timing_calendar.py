"""A schedule as iCalendar (RFC 5545), each post on its channel's clock."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from creatorlens.advice.timing import Schedule, ScheduledPost

if TYPE_CHECKING:
    from icalendar import Event

SHOWN = timedelta(minutes=15)
"""How long an event is drawn; publishing takes a moment."""


def calendar(schedule: Schedule) -> str:
    """With the zones' rules in it (VTIMEZONE). UIDs are the contents': a later export moves events in place."""
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//CreatorLens//Schedule//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", "CreatorLens")
    for post in schedule.posts:
        made.add_component(_event(schedule, post))
    made.add_missing_timezones()
    return str(made.to_ical().decode())


def _event(schedule: Schedule, post: ScheduledPost) -> Event:
    from icalendar import Event

    event = Event()
    start = post.planned_at.astimezone(ZoneInfo(post.timezone))
    event.add("uid", f"{post.content_id}@creatorlens")
    event.add("dtstamp", schedule.as_of.astimezone(UTC))
    event.add("dtstart", start)
    event.add("duration", SHOWN)
    event.add("summary", post.title or post.content_id)
    event.add("categories", [post.channel_id.partition(":")[0]])
    lift = "no effect of the time is known" if post.lift is None else post.lift.words
    event.add(
        "description",
        f"Channel {post.channel_id}, content {post.content_id}. Over the channel's mean post: {lift}.",
    )
    event.add("transp", "TRANSPARENT")
    return event
