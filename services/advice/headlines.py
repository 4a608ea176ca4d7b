"""What a change of the headline is expected to do to clicks, by the model that learned it from randomised tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from creatorlens.settings import Settings
from recommend.scoring import LiftLn
from services.advice.champions import champion_of, load, loaded
from services.advice.desk import Desk

NAME = "creatorlens-headlines"


class ComparesHeadlines(Protocol):
    """What a registered model of headlines can do (see `training.registered_headlines`)."""

    summary: Mapping[str, Any]

    def score(self, headlines: Sequence[str]) -> Any:
        """n: expected ln of clicks per impression, up to a constant of the test."""

    def lifts(self, current: str, candidates: Sequence[str], lede: str = "") -> Any:
        """n x 3: expected ln of clicks against `current`, and the ends of its 80 % interval."""


@dataclass(frozen=True)
class HeadlineModel:
    """`summary`: what it was trained on and how it did on later weeks."""

    model: ComparesHeadlines = field(repr=False)
    version: str
    summary: Mapping[str, Any]

    def scores(self, headlines: Sequence[str]) -> list[float]:
        """Higher gets more clicks; only differences between headlines of one test mean something."""
        return [float(value) for value in self.model.score(list(headlines))]

    def lift(self, current: str, candidates: Sequence[str], lede: str = "") -> list[LiftLn]:
        """Expected ln of clicks per impression of each candidate over `current`, with its 80 % interval; in order."""
        if not candidates:
            return []
        return [
            LiftLn(float(ln), float(low), float(high))
            for ln, low, high in self.model.lifts(current, list(candidates), lede)
        ]


def find_headlines(desk: Desk) -> HeadlineModel | None:
    """The champion, loaded once; None where none was registered, or it cannot be loaded."""
    version = champion_of(desk.settings, NAME)
    model = None if version is None else loaded(desk.kept, NAME, version)
    return None if model is None or version is None else HeadlineModel(model, version, model.summary)


def champion_headlines(settings: Settings) -> HeadlineModel | None:
    """The same without a desk, for a command that asks once. Raises what loading raises."""
    version = champion_of(settings, NAME)
    if version is None:
        return None
    model = load(NAME, version)
    return HeadlineModel(model, version, model.summary)
