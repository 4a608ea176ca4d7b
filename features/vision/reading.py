"""Everything read from pictures, one or many."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import structlog

from creatorlens.reading.base import Part
from creatorlens.reading.image import (
    Aesthetic,
    Composition,
    Embedding,
    Faces,
    ImageFacts,
    ImageReading,
    Look,
    Objects,
    Safety,
    Saliency,
    Scene,
    Subject,
    TechnicalQuality,
    Words,
)
from features.absent import Absent
from features.extractor import Extracted, Extractor, extract
from features.vision.brisque import BRISQUE, read_technical_quality
from features.vision.classifier import DEFAULT
from features.vision.composition import read_composition
from features.vision.faces import EXPRESSION, YUNET, read_faces
from features.vision.look import read_look
from features.vision.objects import read_objects
from features.vision.part import PictureExtractor, learned
from features.vision.picture import Picture
from features.vision.saliency import read_saliency
from features.vision.subject import DEEPLAB, read_subjects
from features.vision.whole import NSFW, read_aesthetics, read_embeddings, read_safety, read_scenes
from features.vision.words import PPOCR, read_words
from features.weights.models import Models

log = structlog.get_logger(__name__)


def _facts(picture: Picture, models: Models) -> ImageFacts:  # noqa: ARG001 - an extractor's signature
    return picture.facts


EXTRACTORS: tuple[Extractor[Picture], ...] = (
    Extractor("image.facts", 1, ImageFacts, _facts),
    Extractor("image.look", 1, Look, read_look),
    Extractor("image.saliency", 1, Saliency, read_saliency),
    Extractor("image.composition", 1, Composition, read_composition),
    learned("image.faces", 1, Faces, read_faces, weights=(YUNET,), also=(EXPRESSION,)),
    learned("image.objects", 1, Objects, read_objects, setting="detector"),
    learned("image.scene", 1, Scene, read_scenes, also=(DEFAULT,), setting="vision_encoder"),
    learned("image.subject", 1, Subject, read_subjects, weights=(DEEPLAB,)),
    learned("image.words", 1, Words, read_words, weights=(PPOCR,)),
    Extractor("image.technical_quality", 1, TechnicalQuality, read_technical_quality, (BRISQUE,)),
    learned("image.aesthetic", 1, Aesthetic, read_aesthetics, setting="aesthetic_model"),
    learned("image.safety", 1, Safety, read_safety, weights=(NSFW,)),
    learned("image.embedding", 1, Embedding, read_embeddings, setting="vision_encoder"),
)
CLASSICAL: frozenset[str] = frozenset({"facts", "look", "saliency", "composition"})
"""Parts that need no learned model."""


def read_image(picture: Picture, models: Models, known: Mapping[str, Part] | None = None) -> ImageReading:
    """Every part; those in `known` (by field) are taken as they are."""
    return as_reading(extract(EXTRACTORS, picture, models, known))


def as_reading(extracted: Extracted) -> ImageReading:
    return ImageReading(**extracted.parts, absent=extracted.absent)  # type: ignore[arg-type]


def read_pictures(
    pictures: Sequence[Picture], models: Models, only: Collection[str] | None = None
) -> list[ImageReading]:
    """The parts named in `only` (all of them without it) of each picture; learned models see them in batches."""
    wanted = [extractor for extractor in EXTRACTORS if only is None or extractor.field in only]
    out = [Extracted() for _ in pictures]
    for extractor in wanted:
        for extracted, found in zip(out, _read(extractor, pictures, models), strict=True):
            if isinstance(found, Absent):
                extracted.absent[extractor.field] = found.reason
            else:
                extracted.parts[extractor.field] = found
    return [as_reading(extracted) for extracted in out]


def _read(
    extractor: Extractor[Picture], pictures: Sequence[Picture], models: Models
) -> Sequence[Part | Absent]:
    """A batch that fails is read one by one, so that a picture costs no other its part."""
    if isinstance(extractor, PictureExtractor) and extractor.many is not None and len(pictures) > 1:
        lacking = [folder for folder in map(models.folder, extractor.weights) if isinstance(folder, Absent)]
        if lacking:
            return [lacking[0]] * len(pictures)
        try:
            return extractor.many(pictures, models)
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception:
            log.exception("batch failed", extractor=extractor.name, pictures=len(pictures))
    return [_alone(extractor, picture, models) for picture in pictures]


def _alone(extractor: Extractor[Picture], picture: Picture, models: Models) -> Part | Absent:
    extracted = extract([extractor], picture, models)
    reason = extracted.absent.get(extractor.field)
    return Absent(reason) if reason is not None else extracted.parts[extractor.field]
