"""The words that every kind of advice shares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import Field

from creatorlens.api import AwareTime, Record, Words
from creatorlens.platforms import Platform

Kind = Literal["titles", "hashtags", "thumbnails", "timing", "strategy"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Lift(Record):
    """An expected multiplicative change with its 80 % interval: .06 is 6 % more. low and high are None where how sure it
    is is not known. `noise`: no detectable difference; `words` says it as people do."""

    effect: float
    low: float | None
    high: float | None
    noise: bool
    words: str


class EvidencePost(Record):
    """A post that speaks for (or against) something. `outcome`: its primary metric as last known; `over_usual`: outcome
    over the level expected of the channel then, 1.0 = as usual; `similarity`: cosine with the draft, where words were
    compared."""

    post_id: str
    channel_id: str
    published_at: datetime
    title: str
    outcome: float | None
    over_usual: float | None
    similarity: float | None = None


class Change(Record):
    """What a suggestion puts in place of what the draft has; fields left None stay. `thumbnail`: a stored picture;
    `analysis_id`: what was read of the draft with it."""

    title: Annotated[Words, Field(max_length=10_000)] | None = None
    text: Annotated[Words, Field(max_length=100_000)] | None = None
    hashtags: tuple[Words, ...] | None = None
    planned_at: AwareTime | None = None
    thumbnail: Sha256 | None = None
    analysis_id: Annotated[Words, Field(min_length=1, max_length=64)] | None = None


class Suggestion(Record):
    """One change, why, and what it is expected to do. `suggestion_id` is the hash of content, version, kind and change: the
    same advice has the same id. `lift` speaks of the primary metric after a week; None where the forecast has no say
    (the channel's forecast is the floor's), with the reason in `because`."""

    suggestion_id: str
    kind: Kind
    change: Change
    words: str
    because: tuple[str, ...] = ()
    lift: Lift | None = None
    prob_beats_floor: float | None = None
    evidence: tuple[EvidencePost, ...] = ()


class Advice(Record):
    """What every answer of /v1/recommendations says of itself. `left_out`: reason in words → how many candidates."""

    content_id: str
    version: int
    channel_id: str
    platform: Platform
    metric: str
    as_of: datetime
    model_version: str | None
    words: str
    left_out: dict[str, int] = Field(default_factory=dict)
