"""Slots to put a draft into: those that are detectably better than its own time, or open ones where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from creatorlens.advice.common import Change, EvidencePost, Lift
from creatorlens.advice.content import Content
from creatorlens.advice.timing import Age, TimedSuggestion
from creatorlens.errors import NotReadyError
from recommend.scoring import Scored, lift
from recommend.timing.confounds import DAYS
from recommend.timing.effects import Contrasts, contrasts, every_time, times
from recommend.timing.slots import Slot, open_slots
from services.advice.desk import Desk, suggestion_id, told
from services.advice.evidence import evidence, residuals
from services.advice.timing_ages import AFTER, View, lift_at

if TYPE_CHECKING:
    from features.asof import Ints

MOST = 5
OPEN = 3
BEFORE = timedelta(days=3)
AHEAD = timedelta(days=7)
LEAST_AHEAD = timedelta(hours=1)
APART_H = 3
EVIDENCE = 3
NEAR_H = 1


@dataclass(frozen=True)
class Picked:
    """`i`: of the slots looked at."""

    i: int
    slot: Slot


@dataclass(frozen=True)
class Looked:
    """All slots of a week around the planned time, each compared with it. `by_age`: over the draft's own time."""

    own: datetime
    slots: Sequence[Slot]
    by_age: dict[Age, Contrasts]


def look(views: Sequence[View], planned_at: datetime, zone: ZoneInfo, now: datetime) -> Looked:
    import numpy as np

    own = planned_at.astimezone(zone)
    start = max(now + LEAST_AHEAD, planned_at - BEFORE)
    slots = open_slots(start, start + AHEAD, zone)
    hour, weekday = (np.array([getattr(one, name) for one in slots]) for name in ("hour", "weekday"))
    # hours of posts are whole ones, too
    base = times(np.array([own.hour]), np.array([own.weekday()]))
    rows = times(hour, weekday) - base
    return Looked(
        own,
        slots,
        {
            one.fit.age: contrasts(one.fit.model.posterior(one.channel_id), rows)
            for one in views
            if one.fit.model is not None
        },
    )


def better(looked: Looked, age: Age) -> list[Picked]:
    """Detectably better than the own time at this age, best first, hours apart."""
    found = looked.by_age[age]
    order = sorted(range(len(looked.slots)), key=lambda i: (-found.ln[i], i))
    return _apart(looked, [i for i in order if found.low_ln[i] > 0], MOST)


def usual(looked: Looked, view: View) -> list[Picked]:
    """Where nothing is better: slots no different from the own time, at hours that the channel (else the platform) posts at
    most; none of an hour that is detectably worse than the channel's mean post, as the own time may be."""
    count = usual_hours(view)
    found = looked.by_age.get(view.fit.age)
    bad = _bad_slots(looked, view)
    same = [
        i for i in range(len(looked.slots)) if i not in bad and (found is None or not found.detectable[i])
    ]
    return _apart(looked, sorted(same, key=lambda i: (-int(count[looked.slots[i].hour]), i)), OPEN)


def _bad_slots(looked: Looked, view: View) -> frozenset[int]:
    """Detectably below the channel's mean post."""
    found = over_mean(view)
    if found is None:
        return frozenset()
    return frozenset(i for i, one in enumerate(looked.slots) if found.high_ln[place(one)] < 0)


def over_mean(view: View) -> Contrasts | None:
    """Row `place`, over the channel's mean post; None where no time stands out."""
    if view.fit.model is None or view.verdict != "effect":
        return None
    rows = every_time(view.posts)
    slots = (rows[:24, None, :] + rows[None, 24:, :]).reshape(24 * 7, -1)
    return contrasts(view.fit.model.posterior(view.channel_id), slots)


def place(slot: Slot) -> int:
    return slot.hour * 7 + slot.weekday


def usual_hours(view: View) -> Ints:
    """Posts by local hour."""
    import numpy as np

    if view.posts is None or not len(view.posts):
        return view.fit.posts_at
    return np.bincount(view.posts.hour, minlength=24)


def _apart(looked: Looked, order: Sequence[int], most: int) -> list[Picked]:
    kept: list[Picked] = []
    taken = [looked.own.astimezone(UTC)]
    for i in order:
        at = looked.slots[i].at.astimezone(UTC)
        if all(abs(at - other) >= timedelta(hours=APART_H) for other in taken):
            kept.append(Picked(i, looked.slots[i]))
            taken.append(at)
        if len(kept) == most:
            break
    return kept


def suggestions(
    desk: Desk,
    content: Content,
    looked: Looked,
    picked: Sequence[Picked],
    view: View,
    now: datetime,
) -> tuple[TimedSuggestion, ...]:
    """`view`: of the age that lifts are told at."""
    before, after = _scored(desk, content, picked)
    posts = _evidence(desk, content, [one.slot for one in picked], now)
    age = view.fit.age
    found = []
    for k, one in enumerate(picked):
        by_age = {name: lift_at(contrast, one.i) for name, contrast in looked.by_age.items()}
        effect = by_age.get(age)
        change = Change(planned_at=one.slot.at)
        forecast = None if before is None else told(lift(before, after[k], among=len(picked)))
        found.append(
            TimedSuggestion(
                suggestion_id=suggestion_id(content.content_id, content.now.version, "timing", change),
                kind="timing",
                change=change,
                words=_words(one.slot, effect, age),
                because=tuple(_because(one.slot, view)),
                lift=effect,
                prob_beats_floor=None if before is None else after[k].prob_beats_floor,
                evidence=posts[k],
                local=one.slot.words,
                lift_age=age,
                lift_24h=by_age.get("day"),
                lift_30d=by_age.get("month"),
                forecast=forecast,
            )
        )
    return tuple(found)


def _scored(desk: Desk, content: Content, picked: Sequence[Picked]) -> tuple[Scored | None, list[Scored]]:
    """None where there is no forecast to ask."""
    if not picked:
        return None, []
    version = content.now
    drafts = [content.draft(version)] + [
        content.draft(version.changed(Change(planned_at=one.slot.at))) for one in picked
    ]
    try:
        before, *after = desk.score(drafts)
    except NotReadyError:
        return None, []
    return before, after


def _evidence(
    desk: Desk, content: Content, slots: Sequence[Slot], now: datetime
) -> list[tuple[EvidencePost, ...]]:
    """Per slot the channel's newest posts with a known outcome near that hour, that weekday's first."""
    import pandas as pd

    known = residuals(desk, content.platform)
    mine = known[(known["channel_id"] == content.channel_id) & (known["known_at"] <= pd.Timestamp(now))]
    mine = mine[mine["residual"].notna() & (mine["post_id"] != content.post_id)].sort_values("published_at")
    wanted = []
    for slot in slots:
        away = (mine["hour"] - slot.hour).abs()
        near = mine[(away <= NEAR_H) | (away >= 24 - NEAR_H)]
        same = near["weekday"] == slot.weekday
        wanted.append(pd.concat([near[~same], near[same]])["post_id"].tolist()[::-1][:EVIDENCE])
    flat = list(dict.fromkeys(post for some in wanted for post in some))
    told_of = {one.post_id: one for one in evidence(desk, content.platform, flat, now)}
    return [tuple(told_of[post] for post in some if post in told_of) for some in wanted]


def _words(slot: Slot, effect: Lift | None, age: Age) -> str:
    if effect is None:
        return f"{slot.words}: an open slot. Too few outcomes are known to say what the time does."
    return f"{slot.words}: {effect.words} against your planned time, {AFTER[age]}."


def _because(slot: Slot, view: View) -> list[str]:
    if view.found is None:
        return []
    told_of = []
    if view.posts is not None:
        hour = int((view.posts.hour == slot.hour).sum())
        day = int((view.posts.weekday == slot.weekday).sum())
        told_of.append(
            f"Of {len(view.posts)} posts of this channel {hour} went out at {slot.hour} h and {day} on {DAYS[slot.weekday]}s."
        )
    at_hour, on_day = lift_at(view.found, slot.hour), lift_at(view.found, 24 + slot.weekday)
    told_of.append(
        f"Over the channel's mean post: {slot.hour} h {at_hour.words}, {DAYS[slot.weekday]}s {on_day.words}."
    )
    return told_of
