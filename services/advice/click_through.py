"""What another picture is expected to do to clicks, by the model that learned it from tests of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from recommend.scoring import LiftLn
from services.advice.champions import champion_of, loaded
from services.advice.desk import Desk

NAME = "creatorlens-click-through"
PictureFeatures = Mapping[str, Any]
"""What was read of a picture, as `features.media_features` names it; missing or None: not known."""


class ComparesPictures(Protocol):
    """What a registered click-through model can do (see `training.registered_click_through`)."""

    summary: Mapping[str, Any]

    def lifts(self, current: PictureFeatures, candidates: Sequence[PictureFeatures]) -> Any:
        """n x 3: expected ln of clicks against `current`, and the ends of its 80 % interval."""


@dataclass(frozen=True)
class ClickThrough:
    model: ComparesPictures = field(repr=False)
    version: str
    summary: Mapping[str, Any]

    def lift(self, current: PictureFeatures, candidates: Sequence[PictureFeatures]) -> list[LiftLn]:
        """Expected ln of clicks per impression of each candidate over `current`, with its 80 % interval; in order."""
        if not candidates:
            return []
        return [
            LiftLn(float(ln), float(low), float(high))
            for ln, low, high in self.model.lifts(current, list(candidates))
        ]


def find_click_through(desk: Desk) -> ClickThrough | None:
    """The champion, loaded once; None where none was registered, or it cannot be loaded."""
    version = champion_of(desk.settings, NAME)
    model = None if version is None else loaded(desk.kept, NAME, version)
    return None if model is None or version is None else ClickThrough(model, version, model.summary)
