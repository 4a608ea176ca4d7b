"""What a channel's own history, channels alike and the platform's trends say about what to make next."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from creatorlens.advice.common import EvidencePost, Lift
from creatorlens.api import Record
from creatorlens.platforms import Platform

TraitKind = Literal["topic", "words", "hashtag", "format", "title", "time", "weekday", "category"]
InterestKind = Literal["hashtag", "topic", "sound"]


class Outlier(Record):
    """A post far above its channel's usual, at equal age. `times_usual`: its result over what was expected of the channel
    then; `spreads`: how many of the channel's usual spreads (standard deviations in ln) above that."""

    post: EvidencePost
    times_usual: float
    spreads: float


class Finding(Record):
    """Posts that have something in common, against the channel's others. `lift`: what they did more, with an interval that
    holds for all traits looked at together (95 %), shrunk to what traits do on this platform. `share`: of the channel's posts;
    `share_of_outliers`: of those that stood out. `also`: what the same posts have in common besides."""

    trait: TraitKind
    name: str
    words: str
    lift: Lift
    posts: int
    channels: int
    share: float
    share_of_outliers: float | None = None
    also: tuple[str, ...] = ()
    evidence: tuple[EvidencePost, ...] = ()


class AlikeChannel(Record):
    """`similarity`: cosine of what both post about; `size`: its usual outcome over this channel's."""

    channel_id: str
    similarity: float
    size: float | None
    posts: int


class Interest(Record):
    """How much a term is used on the platform lately. `rise`: recent use over what its own past lets expect, 2.0 = twice;
    `lift`: how posts with it did; `fit`: cosine of what is posted with it and what the channel posts; `fits`: whether that is as
    near as the channels alike are."""

    kind: InterestKind
    name: str
    words: str
    posts: int
    channels: int
    own_posts: int
    rise: float
    lift: Lift | None
    fit: float | None
    fits: bool
    evidence: tuple[EvidencePost, ...] = ()


class Strategy(Record):
    """`results`: outcomes of the channel that were compared; `spread`: its usual spread, 1.5 = results usually lie between
    1/1.5 and 1.5 times the usual. `looked_at`: traits compared. Empty lists are an answer: nothing beyond chance."""

    channel_id: str
    platform: Platform
    metric: str
    as_of: datetime
    words: str
    results: int
    spread: float | None
    looked_at: int
    outliers: tuple[Outlier, ...]
    sets_apart: tuple[Finding, ...]
    underused: tuple[Finding, ...]
    overused: tuple[Finding, ...]
    alike: tuple[AlikeChannel, ...]
    gaps: tuple[Finding, ...]
    competitors: tuple[Outlier, ...]
    keywords: tuple[Interest, ...]
    trends: tuple[Interest, ...]
    notes: tuple[str, ...] = ()
