"""Title and caption advice as it travels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from creatorlens.advice.common import Advice, Lift, Suggestion
from creatorlens.api import Record

TextField = Literal["title", "text"]
Share = Annotated[float, Field(ge=0, le=1)]


class Voice(Record):
    """How much words sound like the channel's own: `score` is the share of its own held-out titles that sound no more like
    it, so that half of them are above .5. `differs`: what sets it apart, in words."""

    score: Share
    differs: tuple[str, ...] = ()


class PatternRecord(Record):
    """Own posts that share a pattern with the suggestion (a question, a number) against those that do not: `lift` is
    shrunk towards none."""

    pattern: str
    n: Annotated[int, Field(ge=1)]
    lift: Lift
    words: str


class TitleSuggestion(Suggestion):
    """Other words for one `field`, before and after. `operator`: what was done; `made_by`: which generator did it. `lift`
    combines `forecast_lift` (the primary metric) and `headline_lift` (clicks in randomised tests), each None where it
    has no say."""

    field: TextField
    before: str
    after: str
    operator: str
    made_by: str
    voice: Voice | None = None
    forecast_lift: Lift | None = None
    headline_lift: Lift | None = None
    patterns: tuple[PatternRecord, ...] = ()


class GeneratorUse(Record):
    """`proposed`: candidates before any was refused. `words`: why it was not used."""

    name: str
    used: bool
    proposed: Annotated[int, Field(ge=0)] = 0
    words: str = ""


class TitleAdvice(Advice):
    """Best first. `current_voice` is None where the channel has too few titles; `voice_words` says so. `headlines`: the
    version of the headline model, or None with the reason in `headlines_words`. `supported_by`: what candidates were
    checked against."""

    current: str
    language: str | None
    current_voice: Voice | None
    voice_words: str
    headlines: str | None
    headlines_words: str
    supported_by: tuple[str, ...]
    generators: tuple[GeneratorUse, ...]
    suggestions: tuple[TitleSuggestion, ...]
