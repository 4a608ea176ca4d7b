"""Everything read from one file's sound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from creatorlens.reading.audio import AudioReading
from creatorlens.reading.base import Part
from features.absent import Absent
from features.audio.sound import Sound
from features.extractor import Extractor
from features.media.limits import Limits
from features.weights.models import Models

EXTRACTORS: tuple[Extractor[Sound], ...] = ()


def read_audio(
    path: Path,
    models: Models,
    limits: Limits,
    known: Mapping[str, Part] | None = None,
    *,
    learned: bool = True,
    transcribe: bool = True,
) -> AudioReading | Absent:
    """Every part; those in `known` are taken as they are. `learned=False` leaves learned models out,
    `transcribe=False` the transcript alone. Absent where the file has no sound; InputError where it is broken."""
    raise NotImplementedError
