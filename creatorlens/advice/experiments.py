"""Tests of titles, thumbnails and times: what is planned, what was seen, what it says."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from creatorlens.advice.common import Sha256
from creatorlens.api import AwareTime, Key, Record, Words

TestKind = Literal["title", "thumbnail", "time"]
Allocation = Literal["equal", "thompson"]
Rotation = Literal["side-by-side", "by-day"]
State = Literal["running", "decided", "stopped"]
Finding = Literal["won", "no-difference", "undecided"]
VariantId = Annotated[Words, Field(min_length=1, max_length=64)]

MOST_VARIANTS = 10
MOST_OBSERVATIONS = 1000


class Plan(Record):
    """What is to be found, how surely, and with what. `smallest`: the smallest change worth finding, .1 is 10 % more.
    `level`: how often a difference may be claimed that is none, however often one looks. What is not told
    (`baseline` clicks per impression, `impressions_per_day`; of a time test `posts_per_week` and `spread_ln`) is taken
    from the channel's history. `rotation`: whether variants run at the same time, or one day each. `day_spread_ln`: by
    how much a day's rate differs from the next for reasons of its own."""

    smallest: Annotated[float, Field(gt=0.0, le=5.0)] = 0.1
    level: Annotated[float, Field(ge=0.001, le=0.2)] = 0.05
    power: Annotated[float, Field(ge=0.5, le=0.99)] = 0.8
    max_days: Annotated[int, Field(ge=1, le=730)] = 30
    allocation: Allocation = "equal"
    rotation: Rotation = "side-by-side"
    baseline: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    impressions_per_day: Annotated[float, Field(gt=0.0, le=1e10)] | None = None
    posts_per_week: Annotated[float, Field(gt=0.0, le=1000.0)] | None = None
    spread_ln: Annotated[float, Field(gt=0.0, le=5.0)] | None = None
    day_spread_ln: Annotated[float, Field(ge=0.0, le=3.0)] = 0.15

    @model_validator(mode="after")
    def _thompson_side_by_side(self) -> Self:
        if self.allocation == "thompson" and self.rotation == "by-day":
            raise PydanticCustomError(
                "allocation", "thompson needs variants that run side by side", {"field": "allocation"}
            )
        return self


class PowerRequest(Plan):
    kind: TestKind = "title"
    channel: Key | None = None
    variants: Annotated[int, Field(ge=2, le=MOST_VARIANTS)] = 2


class PowerPoint(Record):
    """After `days`: how likely a change of the smallest size worth finding has been found."""

    days: float
    power: float


class PowerCheck(Record):
    """How long a test takes. `days`: to the planned power, None where not within two years. `days_if_smallest`: on
    average, should the change be just that; `days_if_double` twice that. `days_if_none`: until "no difference that
    large" can be said in four of five cases. `fixed_per_variant`: impressions (posts) per variant of a test that looks
    once, at the end. `smallest_in_time`: the smallest change that can be found within `max_days`."""

    kind: TestKind
    variants: int
    decidable: bool
    days: float | None
    days_if_smallest: float | None
    days_if_double: float | None
    days_if_none: float | None
    per_variant: int | None
    fixed_per_variant: int
    smallest_in_time: float | None
    baseline: float | None
    per_day: float
    max_days: int
    curve: tuple[PowerPoint, ...]
    words: str
    options: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


class VariantIn(Record):
    """What is shown: a title, a stored thumbnail, or for a time test a slot in words (`weekday evenings`). The first
    variant is what the others are compared with."""

    variant_id: VariantId
    title: Annotated[Words, Field(min_length=1, max_length=10_000)] | None = None
    thumbnail: Sha256 | None = None
    slot: Annotated[Words, Field(min_length=1, max_length=200)] | None = None


class ExperimentRequest(Record):
    """`force`: start it though the power check says that it cannot be decided. `headline`: of a thumbnail test, the
    title shown with each picture, where no content is named."""

    kind: TestKind
    channel: Key
    content_id: Annotated[Words, Field(max_length=36)] | None = None
    headline: Annotated[Words, Field(min_length=1, max_length=10_000)] | None = None
    variants: Annotated[tuple[VariantIn, ...], Field(min_length=2, max_length=MOST_VARIANTS)]
    plan: Plan = Plan()
    force: bool = False

    @model_validator(mode="after")
    def _each_its_own(self) -> Self:
        part = "slot" if self.kind == "time" else self.kind
        seen_ids: set[str] = set()
        seen: set[str] = set()
        for i, variant in enumerate(self.variants):
            shown = getattr(variant, part)
            given = [name for name in ("title", "thumbnail", "slot") if getattr(variant, name) is not None]
            if shown is None:
                raise _at(f"variants.{i}.{part}", f"a {self.kind} test needs each variant's {part}")
            if given != [part]:
                raise _at(f"variants.{i}", f"a {self.kind} test changes the {part} alone")
            if variant.variant_id in seen_ids:
                raise _at(f"variants.{i}.variant_id", "is used twice")
            if shown in seen:
                raise _at(f"variants.{i}.{part}", "is the same as another variant's")
            seen_ids.add(variant.variant_id)
            seen.add(shown)
        return self


def _at(field: str, message: str) -> PydanticCustomError:
    return PydanticCustomError("variants", "{message}", {"message": message, "field": field})


class ObservationOfVariant(Record):
    """Counts of one variant in one period; the same variant and start again replaces what was told before. Of a time
    test: the post that went out in this slot; its outcome in ln over the channel's usual level is looked up
    where `outcome_ln` is not told."""

    variant_id: VariantId
    period_start: AwareTime
    period_end: AwareTime
    impressions: Annotated[int, Field(ge=0, le=10**12)] = 0
    clicks: Annotated[int, Field(ge=0, le=10**12)] = 0
    post_id: Annotated[Words, Field(min_length=1, max_length=200)] | None = None
    outcome_ln: Annotated[float, Field(ge=-30.0, le=30.0)] | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.period_end <= self.period_start:
            raise PydanticCustomError("period", "is not after period_start", {"field": "period_end"})
        if self.clicks > self.impressions:
            raise PydanticCustomError("clicks", "more clicks than impressions", {"field": "clicks"})
        return self


class TrialObservationsRequest(Record):
    observations: Annotated[
        tuple[ObservationOfVariant, ...], Field(min_length=1, max_length=MOST_OBSERVATIONS)
    ]


class Effect(Record):
    """A variant against the first one: .06 is 6 % more, with an interval that holds at every moment at once, however
    often one looks. `noise`: the interval holds zero. None where nothing can be said yet."""

    variant_id: str
    effect: float | None
    low: float | None
    high: float | None
    noise: bool
    words: str


class VariantCounts(Record):
    """`rate`: clicks per impression (mean ln of a time test). `best`: how likely it is the best one, before any
    rule; `next_share`: of the impressions of the next period."""

    variant_id: str
    title: str | None = None
    thumbnail: str | None = None
    slot: str | None = None
    impressions: int
    clicks: int
    posts: int
    rate: float | None
    best: float
    next_share: float


class IntervalAt(Record):
    """The interval of a variant against the first one as it stood at `at`."""

    at: datetime
    variant_id: str
    effect: float
    low: float
    high: float


class Verdict(Record):
    """`finding`: won (one beats all others), no-difference (none beats another by the smallest change worth finding),
    or undecided. `analysis`: side-by-side, by-day or posts. `left_out`: what the analysis could not use."""

    finding: Finding
    winner: str | None
    effects: tuple[Effect, ...]
    variants: tuple[VariantCounts, ...]
    analysis: Literal["side-by-side", "by-day", "posts"]
    level: float
    days: float
    words: str
    remarks: tuple[str, ...] = ()
    path: tuple[IntervalAt, ...] = ()


class Experiment(Record):
    """`order`: where variants do not run at the same time, drawn by lot: which one each day shows (in which slot each post
    goes out), from the first on."""

    experiment_id: str
    kind: TestKind
    channel_id: str
    content_id: str | None
    headline: str | None
    created_at: datetime
    status: State
    plan: Plan
    power: PowerCheck
    variants: tuple[VariantIn, ...]
    order: tuple[str, ...] = ()
    decided_at: datetime | None = None
    verdict: Verdict | None = None


class Experiments(Record):
    """Newest first."""

    experiments: tuple[Experiment, ...]


class ObservedAnswer(Record):
    """`stored`: new or other than before; `unchanged`: told before."""

    stored: int
    unchanged: int
    status: State
    verdict: Verdict


class PooledChange(Record):
    """What a kind of change is worth over many tests: `effect` on average with an interval (95 % for all kinds told at
    once), `next_low` and
    `next_high` where the next test's true effect lies four times in five. `spread_ln`: between tests."""

    change: str
    words: str
    tests: int
    effect: float
    low: float
    high: float
    prob_better: float
    next_low: float
    next_high: float
    spread_ln: float
    noise: bool


class PooledChanges(Record):
    tests: int
    changes: tuple[PooledChange, ...]
    words: str
