"""Advice on the picture that stands for a post: what is measured to be wrong with it, and pictures made of the creator's own material."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from creatorlens.advice.common import Advice, Lift, Sha256, Suggestion
from creatorlens.api import Record
from creatorlens.reading.base import Share

Recipe = Literal["crop", "closer", "tone", "text", "emphasis", "text and emphasis"]
"""What was done: only cut to shape; cut close to the face; light and colour; words set; subject lifted from its ground."""
What = Literal[
    "text size", "text contrast", "text amount", "face size", "dark", "pale", "flat", "blurred", "noise", "quality",
    "nothing stands out", "shape", "size", "channel's look",
]  # fmt: skip


class Fix(Record):
    """One thing to mend. `words` name the measured reason; `measured` and `wanted` are in `unit`."""

    what: What
    words: str
    measured: float
    wanted: float
    unit: str


class Checks(Record):
    """Looked at again with the detectors after rendering; None where a detector's weights are absent (then `unchecked` says
    why). Only pictures without a False are ever handed out."""

    valid: bool
    aspect: bool
    faces_whole: bool | None
    text_whole: bool | None
    own_text_read: bool | None = Field(
        description="The words that were set are read at phone size; None without."
    )
    unchecked: dict[str, str] = Field(default_factory=dict)


class Marks(Record):
    """0 worst, 1 best; None where it could not be read. `score`: their weighted mean, less where nothing can be seen."""

    score: Share
    sharp: Share
    lit: Share
    contrast: Share
    lively: Share
    placed: Share
    stands_out: Share
    face: Share | None
    legible: Share | None
    quality: Share | None = Field(description="BRISQUE turned round.")
    aesthetic: Share | None = Field(description="NIMA-like mean rating.")
    channel: Share | None = Field(description="Likeness to the channel's earlier pictures.")


class Picture(Record):
    """A picture or a frame (`at_s`) of the creator's own file `source`, as it is."""

    source: Sha256
    at_s: float | None
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    marks: Marks
    fixes: tuple[Fix, ...]
    absent: dict[str, str] = Field(default_factory=dict, description="Part that was not read -> why.")


class Made(Record):
    """A rendered picture: from which material, by which steps, and what is still measured to be wrong with it."""

    source: Sha256
    at_s: float | None
    recipe: Recipe
    steps: tuple[str, ...]
    text: str | None
    width: int
    height: int
    aspect: str = Field(description="As '16:9'.")
    checks: Checks
    marks: Marks
    fixes: tuple[Fix, ...]
    seconds: float = Field(description="Processor time of rendering, with encoding.")
    checking_seconds: float = Field(description="Processor time of looking at it again with the detectors.")


class ThumbnailSuggestion(Suggestion):
    """`change.thumbnail` is the sha256 of the picture; its bytes are at /v1/assets/{sha256}. `click_through`: what the
    model of tested headlines and pictures expects, where there is one."""

    made: Made
    click_through: Lift | None = None


class ThumbnailAdvice(Advice):
    """`current`: what the draft shows now, None where that is not known. `candidates`: frames or pictures, best first.
    `suggestions`: rendered pictures, best first. `left_out` counts those that were dropped, by reason."""

    placement: str = Field(description="Shapes that were made, as '16:9'.")
    current: Picture | None
    candidates: tuple[Picture, ...]
    suggestions: tuple[ThumbnailSuggestion, ...]
    absent: dict[str, str] = Field(default_factory=dict)
    seconds: float
