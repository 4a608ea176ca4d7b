"""What the records of every modality are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]


class Part(BaseModel):
    """A frozen record; refuses unknown fields, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=(), allow_inf_nan=False)


class Box(Part):
    """A rectangle in shares of the picture: left and top corner, width and height."""

    x: Share
    y: Share
    width: Share
    height: Share


class Span(Part):
    """A stretch of time and what is in it."""

    start_s: Seconds
    end_s: Seconds
    label: str


class Curve(Part):
    """Values at evenly spaced moments: the i-th holds from `i * step_s` on."""

    step_s: Annotated[float, Field(gt=0)]
    values: tuple[float, ...]


class Labelled(Part):
    """A class a model gave, with its score (0-1)."""

    label: str
    score: Share
