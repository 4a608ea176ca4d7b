"""Advice on when to publish: what hours and weekdays do for a channel, what else goes with them, and schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from creatorlens.advice.common import Advice, Lift, Suggestion
from creatorlens.api import AwareTime, Key, Record, Words

Age = Literal["day", "week", "month"]
Verdict = Literal["effect", "no-effect", "too-few-posts"]


class SlotEffect(Record):
    """`value`: local hour 0..23, or weekday 0 (Monday)..6. `lift`: over the channel's mean post, content partialled out;
    its interval holds for all values of one kind at once. `posts`: of the channel at this value."""

    value: int
    lift: Lift
    posts: int


class TimingAtAge(Record):
    """What the time of publishing is worth, counted at one age. `age_words`: which counts it rests on. `verdict`: no-effect where
    no hour and no weekday stands out, the number of them looked at taken into account. `posts`: outcomes of the channel;
    `others`: of the platform's other channels. `hour_sd`, `weekday_sd`: how much effects differ between times on this
    channel, in ln."""

    age: Age
    age_words: str
    verdict: Verdict
    words: str
    posts: int
    others: int
    hours: tuple[SlotEffect, ...] = ()
    weekdays: tuple[SlotEffect, ...] = ()
    hour_sd: float | None = None
    weekday_sd: float | None = None


class Companion(Record):
    """What else goes with the time on this channel. `what`: format, category, series, hashtag, or weekday. `share_at`: of the posts at
    `when`, those that are it; `share_else`: of all others. `association`: Cramér's V with the time of day, bias-corrected
    (Bergsma 2013), 0 none to 1 complete."""

    what: str
    name: str
    when: str
    share_at: float
    share_else: float
    posts: int
    association: float
    words: str


class Confounding(Record):
    """`removed`: share of the raw effect's size that went away when content was taken into account (below 0: it grew); None
    where there was no raw effect to speak of. `raw` and `adjusted`: of the hour and weekday that look best unadjusted."""

    removed: float | None
    raw: Lift | None
    adjusted: Lift | None
    companions: tuple[Companion, ...]
    words: str


class CausalSlot(Record):
    """`lift`: over the mean of the randomised slots."""

    slot: str
    lift: Lift
    posts: int


class Causal(Record):
    """From posts whose slot was drawn by lot. `p_value`: of "the slot makes no difference", by drawing the lots again."""

    experiment_id: str
    adjusted: bool
    p_value: float
    posts: int
    slots: tuple[CausalSlot, ...]
    words: str


class TimedSuggestion(Suggestion):
    """`lift` is the posterior's, over the draft's own time, at `lift_age`; its interval is widened for the number of slots looked
    at. `lift_24h` and `lift_30d`: None where no counts at that age are known. `forecast`: what the forecast says of the
    same change, shown beside. `causal`: the lift comes from a randomised test of this channel."""

    local: str
    lift_age: Age
    lift_24h: Lift | None
    lift_30d: Lift | None
    forecast: Lift | None
    causal: bool = False


class Timing(Advice):
    """`suggestions`: best first; where nothing is detectable they are open slots, and say so. `ages`: what is known a day, a
    week and a month after publishing."""

    timezone: str
    planned_at: datetime
    verdict: Verdict
    ages: tuple[TimingAtAge, ...]
    confounding: Confounding | None
    causal: Causal | None
    suggestions: tuple[TimedSuggestion, ...]


class Blackout(Record):
    """Local hours in which nothing is to be published: from `start_hour` up to, not including, `end_hour` (22 to 6 goes over
    midnight), on `weekdays` (0 Monday; none: every day)."""

    start_hour: Annotated[int, Field(ge=0, le=23)]
    end_hour: Annotated[int, Field(ge=0, le=24)]
    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = ()


class ScheduleRequest(Record):
    """Kept drafts to be given times. `timezones`: channel → IANA name, where it is not the channel's own."""

    content_ids: tuple[Key, ...] = Field(min_length=1, max_length=100)
    start: AwareTime | None = None
    days: Annotated[int, Field(ge=1, le=60)] = 14
    spacing_h: Annotated[float, Field(ge=0, le=24 * 30)] = 24.0
    apart_h: Annotated[float, Field(ge=0, le=24)] = 0.0
    blackout: tuple[Blackout, ...] = Field(default=(), max_length=20)
    prefer: Literal["effect", "early"] = "effect"
    timezones: dict[Words, Words] = Field(default_factory=dict)


class ScheduledPost(Record):
    """`local`: the time on the channel's clock. `lift`: over the channel's mean post; None where no effect is known."""

    content_id: str
    channel_id: str
    title: str
    planned_at: datetime
    timezone: str
    local: str
    lift: Lift | None


class Schedule(Record):
    """In order of time. `spacing_h`: least hours between two posts of one channel, kept to posts that are planned already."""

    as_of: datetime
    spacing_h: float
    posts: tuple[ScheduledPost, ...]
    words: str
