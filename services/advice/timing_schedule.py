"""Times for several kept drafts at once: the best open slots that keep their distance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from creatorlens.advice.content import Content
from creatorlens.advice.timing import Blackout, Schedule, ScheduledPost, ScheduleRequest
from creatorlens.database import tables
from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from recommend.timing.effects import Contrasts
from recommend.timing.planning import TooFewSlots, Wanted, plan
from recommend.timing.slots import Closed, Slot, open_slots
from services.advice.desk import Desk
from services.advice.timing_ages import View, known_best, lift_at, view_of
from services.advice.timing_clock import channel_zone, named_zone
from services.advice.timing_fits import timing_fits
from services.advice.timing_slots import over_mean, place, usual_hours
from services.content.contents import contents, find_content
from services.content.published import is_published

if TYPE_CHECKING:
    from features.asof import Floats

PAGE = 200
USUAL_LN = 1e-3
"""What a usual hour counts, in ln: it decides between slots that are worth the same, nothing more."""
USUAL_SHARE = 0.04


@dataclass(frozen=True)
class _Channel:
    """`drafts`: in the order in which they were planned. `worth`: 24 hours x 7 weekdays; None where no effect is known."""

    channel_id: str
    zone: ZoneInfo
    drafts: list[Content]
    view: View
    worth: Contrasts | None
    slots: list[Slot]


def schedule(desk: Desk, wanted: ScheduleRequest, *, now: datetime | None = None) -> Schedule:
    """Raises NotFoundError for content that is not here, InputError where it is published, or does not fit, NotReadyError
    before features were computed."""
    moment = now or datetime.now(UTC)
    drafts = _drafts(desk, wanted.content_ids)
    _must_be_named(wanted, drafts)
    start = max(moment, wanted.start or moment)
    channels = [
        _channel(desk, wanted, channel_id, own, start, moment) for channel_id, own in _by_channel(drafts)
    ]
    try:
        chosen = plan(
            [
                Wanted(one.channel_id, len(one.drafts), one.slots, _worth(one, wanted.prefer == "effect"))
                for one in channels
            ],
            timedelta(hours=wanted.spacing_h),
            timedelta(hours=wanted.apart_h),
        )
    except TooFewSlots as error:
        raise _does_not_fit(error, channels, wanted) from None
    posts = [
        _post(channel, draft, slot)
        for channel, slots in zip(channels, chosen, strict=True)
        for draft, slot in zip(channel.drafts, slots, strict=True)
    ]
    return Schedule(
        as_of=moment,
        spacing_h=wanted.spacing_h,
        posts=tuple(sorted(posts, key=lambda one: (one.planned_at, one.channel_id))),
        words=_words(channels, wanted),
    )


def _drafts(desk: Desk, content_ids: Sequence[str]) -> list[Content]:
    found = []
    for i, content_id in enumerate(content_ids):
        if content_id in content_ids[:i]:
            raise InputError(
                f"{content_id[:64]!r} is named twice.", field=f"content_ids.{i}", hint="Name each once."
            )
        content = find_content(desk.engine, desk.settings.workspace, content_id)
        if _is_out(desk, content):
            raise InputError(
                f"{content_id[:64]} is published already.",
                field=f"content_ids.{i}",
                hint="Only drafts can be planned.",
            )
        found.append(content)
    return found


def _is_out(desk: Desk, content: Content) -> bool:
    with desk.engine.connect() as connection:
        return is_published(connection, desk.settings.workspace, content)


def _must_be_named(wanted: ScheduleRequest, drafts: Sequence[Content]) -> None:
    channels = sorted({one.channel_id for one in drafts})
    for channel_id in wanted.timezones:
        if channel_id not in channels:
            raise InputError(
                f"none of the drafts is on {channel_id[:64]!r}.",
                field=f"timezones.{channel_id}",
                hint=f"They are on {', '.join(channels)}.",
            )


def _by_channel(drafts: Sequence[Content]) -> Iterator[tuple[str, list[Content]]]:
    ordered = sorted(drafts, key=lambda one: (one.channel_id, one.now.planned_at, one.content_id))
    for channel_id in dict.fromkeys(one.channel_id for one in ordered):
        yield channel_id, [one for one in ordered if one.channel_id == channel_id]


def _channel(
    desk: Desk,
    wanted: ScheduleRequest,
    channel_id: str,
    drafts: list[Content],
    start: datetime,
    now: datetime,
) -> _Channel:
    platform = drafts[0].platform
    name = wanted.timezones.get(channel_id)
    zone = named_zone(name, f"timezones.{channel_id}") if name else channel_zone(desk, platform, channel_id)
    view = known_best([view_of(fit, channel_id) for fit in timing_fits(desk, platform, now).values()])
    end, spacing = start + timedelta(days=wanted.days), timedelta(hours=wanted.spacing_h)
    taken = list(_taken(desk, platform, channel_id, drafts, start - spacing, end + spacing))
    closed = [_closed(one) for one in wanted.blackout]
    slots = open_slots(start, end, zone, closed, taken, spacing)
    return _Channel(channel_id, zone, drafts, view, over_mean(view), slots)


def _closed(one: Blackout) -> Closed:
    return Closed(one.start_hour, one.end_hour, frozenset(one.weekdays))


def _taken(
    desk: Desk, platform: Platform, channel_id: str, drafts: list[Content], start: datetime, end: datetime
) -> Iterator[datetime]:
    """When else the channel publishes: posts that are out, and kept drafts that are not to be planned here."""
    p, workspace = tables.posts.c, desk.settings.workspace
    query = select(p.published_at).where(
        p.workspace_id == workspace, p.platform == platform.value, p.channel_id == channel_id,
        p.published_at.between(start, end),
    )  # fmt: skip
    with desk.engine.connect() as connection:
        yield from connection.execute(query).scalars()
    asked, cursor = {one.content_id for one in drafts}, None
    while True:
        page = contents(desk.engine, workspace, channel_id=channel_id, limit=PAGE, cursor=cursor)
        for one in page.contents:
            if one.content_id not in asked and start <= one.now.planned_at <= end:
                yield one.now.planned_at
        if (cursor := page.next_cursor) is None:
            return


def _worth(channel: _Channel, by_effect: bool) -> Floats:
    import numpy as np

    if not by_effect:
        return np.zeros(len(channel.slots))
    count = usual_hours(channel.view)
    often = count >= max(1.0, USUAL_SHARE * count.sum())
    usual = np.array([USUAL_LN * float(often[one.hour]) for one in channel.slots])
    if channel.worth is None:
        return usual
    return usual + channel.worth.ln[[place(one) for one in channel.slots]]


def _post(channel: _Channel, draft: Content, slot: Slot) -> ScheduledPost:
    return ScheduledPost(
        content_id=draft.content_id,
        channel_id=channel.channel_id,
        title=draft.now.title or draft.now.text.strip().partition("\n")[0],
        planned_at=slot.at,
        timezone=channel.zone.key,
        local=slot.words,
        lift=None if channel.worth is None else lift_at(channel.worth, place(slot)),
    )


def _does_not_fit(error: TooFewSlots, channels: Sequence[_Channel], wanted: ScheduleRequest) -> InputError:
    hint = "Give it more days, less spacing, or fewer closed hours."
    if error.channel_id is None:
        return InputError(
            "no times were found for all posts at once.", field="apart_h", hint=f"Or less of it. {hint}"
        )
    drafts = next(len(one.drafts) for one in channels if one.channel_id == error.channel_id)
    return InputError(
        f"of {drafts} posts on {error.channel_id} only {error.most} fit into {wanted.days} days with {wanted.spacing_h:g} h "
        f"between them.",
        field="days",
        hint=hint,
    )


def _words(channels: Sequence[_Channel], wanted: ScheduleRequest) -> str:
    posts = sum(len(one.drafts) for one in channels)
    counted = "1 post" if posts == 1 else f"{posts} posts"
    head = f"{counted} on {len(channels)} channels." if len(channels) > 1 else f"{counted}."
    if wanted.prefer == "early":
        return f"{head} The earliest open slots."
    flat = [one.channel_id for one in channels if one.worth is None]
    if not flat:
        return f"{head} The slots that are worth most together."
    if len(flat) == len(channels):
        return f"{head} No time is known to stand out: the earliest slots at usual hours."
    return (
        f"{head} The slots that are worth most together; on {', '.join(flat)} no time is known to stand out: the earliest at "
        f"usual hours."
    )
