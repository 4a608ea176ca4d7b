"""An extractor reads one part of a piece of content; it has a version of its own.

What an extractor gave is kept under the bytes it read, its name, its version and its weights: a changed
extractor computes only its own part anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from creatorlens.reading.base import Part
from features.absent import Absent
from features.weights.models import Models

Source = TypeVar("Source")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Extractor(Generic[Source]):
    """`name` is modality.part, as `image.faces`: the part is the field of the modality's record.

    `weights` names what it loads: without any one of them it is not called, and its part is absent.
    """

    name: str
    version: int
    part: type[Part]
    read: Callable[[Source, Models], Part | Absent]
    weights: tuple[str, ...] = ()

    def key(self, models: Models) -> str:
        """Changes with the version and the weights: a part kept under another key is read anew."""
        return ":".join([self.name, str(self.version), *(models.fingerprint(name) for name in self.weights)])

    @property
    def field(self) -> str:
        return self.name.partition(".")[2]


@dataclass(frozen=True)
class Extracted:
    """By field of the modality's record: what was read, why it was not, and what it took."""

    parts: dict[str, Part] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def extract(
    extractors: Iterable[Extractor[Source]],
    source: Source,
    models: Models,
    known: Mapping[str, Part] | None = None,
) -> Extracted:
    """Run each extractor whose field is not in `known`. One that fails costs its own part alone."""
    out = Extracted(parts=dict(known or {}))
    for extractor in extractors:
        if extractor.field in out.parts:
            continue
        started = time.perf_counter()
        found = _read(extractor, source, models)
        out.seconds[extractor.field] = time.perf_counter() - started
        if isinstance(found, Absent):
            out.absent[extractor.field] = found.reason
        else:
            out.parts[extractor.field] = found
    return out


def _read(extractor: Extractor[Source], source: Source, models: Models) -> Part | Absent:
    for name in extractor.weights:
        folder = models.folder(name)
        if isinstance(folder, Absent):
            return folder
    try:
        return extractor.read(source, models)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        log.exception("extractor failed", extractor=extractor.name)
        return Absent(f"could not be read ({type(error).__name__}: {str(error)[:200]})")
