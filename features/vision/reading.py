"""Everything read from pictures, one or many."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from creatorlens.reading.base import Part
from creatorlens.reading.image import ImageReading
from features.extractor import Extractor
from features.vision.picture import Picture
from features.weights.models import Models

EXTRACTORS: tuple[Extractor[Picture], ...] = ()
CLASSICAL: frozenset[str] = frozenset({"facts", "look", "saliency", "composition"})
"""Parts that need no learned model."""


def read_image(picture: Picture, models: Models, known: Mapping[str, Part] | None = None) -> ImageReading:
    """Every part; those in `known` are taken as they are."""
    raise NotImplementedError


def read_pictures(
    pictures: Sequence[Picture], models: Models, only: Collection[str] | None = None
) -> list[ImageReading]:
    """The parts named in `only` (all of them without it) of each picture; learned models see them in batches."""
    raise NotImplementedError
