"""What travels over HTTP when a published post has been seen: observations in, revised predictions out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from creatorlens.api import GradedPrediction, Record, Seen, no_nul
from creatorlens.platforms import Platform

MAX_OBSERVATIONS = 1_000
MAX_SEEN = 64


def _as_told(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


# Text or numbers: they are judged row by row on import, where a bad one goes to quarantine and the others are taken.
if TYPE_CHECKING:
    Told = str | float
else:
    Told = Annotated[
        str, BeforeValidator(_as_told), Field(min_length=1, max_length=200), AfterValidator(no_nul)
    ]


class ObservationIn(Record):
    """Counts of one post as seen at one moment. At least one of them; a count not known is left out."""

    post_id: Told
    observed_at: Told = Field(description="ISO 8601 with an offset: when the counts were seen.")
    views: Told | None = None
    likes: Told | None = None
    comments: Told | None = None
    shares: Told | None = None
    saves: Told | None = None


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
