"""What travels over HTTP when a published post has been seen: observations in, revised predictions out."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from creatorlens.api import GradedPrediction, Record, Seen, no_nul
from creatorlens.platforms import Platform

MAX_OBSERVATIONS = 1_000
MAX_SEEN = 64

# Judged row by row on import, where a bad one is put into quarantine and the others are taken.
Told = Annotated[str, Field(max_length=200), AfterValidator(no_nul)] | float | int | None


class ObservationIn(Record):
    """Counts of one post as seen at one moment. At least one of them; a count not known is left out."""

    post_id: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(no_nul)] | int
    observed_at: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(no_nul)] = Field(
        description="ISO 8601 with an offset: when the counts were seen."
    )
    views: Told = None
    likes: Told = None
    comments: Told = None
    shares: Told = None
    saves: Told = None


class ObservationsRequest(Record):
    observations: tuple[ObservationIn, ...] = Field(min_length=1, max_length=MAX_OBSERVATIONS)


class RefusedObservation(Record):
    """`index`: its place in the request, from 0. `rule`: the expectation it failed, as `creatorlens quarantine` has it.
    `field` is null where the row as a whole is at fault."""

    index: int
    field: str | None
    rule: str
    reason: str
    given: dict[str, Any]


class ObservationsAnswer(Record):
    """received = stored + unchanged + refused. `predictions`: the revised forecasts of the posts observed, made now or
    by an earlier call with the same observations; `remark`: why there are none, where something is missing."""

    platform: Platform
    received: int
    stored: int
    unchanged: int
    refused: tuple[RefusedObservation, ...]
    predictions: tuple[GradedPrediction, ...]
    remark: str | None = None


class ReviseRequest(Record):
    """`record: false` asks what if: nothing is written."""

    seen: tuple[Seen, ...] = Field(min_length=1, max_length=MAX_SEEN)
    record: bool = False

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        ages = [one.age_h for one in self.seen]
        if any(b <= a for a, b in pairwise(ages)):
            raise PydanticCustomError("not_ascending", "ages must ascend, each once", {"field": "seen"})
        return self
