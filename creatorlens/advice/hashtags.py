"""Advice on hashtags: which, how many, and what each is expected to do."""

from __future__ import annotations

from creatorlens.advice.common import Advice, Lift, Suggestion
from creatorlens.api import Record


class Hashtag(Record):
    """One hashtag for the draft, without '#', in lower case.

    `relevance`: how likely a creator was to choose it on a draft like this one, 0..1. `lift`: of the primary metric, what posts
    with it had over the level of their channels, beside posts alike without it; `level`: whose posts the estimate rests
    on (channel, channels alike, platform, or none). `posts_28d`, `channels_28d`: volume. `rise`: recent use over its own
    past, .5 is half as much again; None where it is too rare to tell. `because`: where it comes from.
    """

    tag: str
    relevance: float
    lift: Lift
    level: str
    in_draft: bool
    own_posts: int
    posts: int
    posts_28d: int
    channels_28d: int
    rise: float | None
    because: tuple[str, ...]


class NumberOfTags(Record):
    """How many to use here: `low` to `high`, and why. `usual`: the channel's own median over its last posts. `lift`: of the
    recommended number over the usual one; None where they are the same. `limit`: what the platform takes, None where it says nothing."""

    low: int
    high: int
    usual: int | None
    lift: Lift | None
    limit: int | None
    words: str


class Hashtags(Advice):
    """`tags`: best first, those of the draft included. `best`: the set as one suggestion, None where the draft has it already;
    `add` and `drop`: single steps, in the order in which they are worth looking at."""

    tags: tuple[Hashtag, ...]
    number: NumberOfTags
    best: Suggestion | None
    add: tuple[Suggestion, ...] = ()
    drop: tuple[Suggestion, ...] = ()
