"""Everything read from one video."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from creatorlens.reading.base import Part
from creatorlens.reading.video import VideoReading
from features.media.limits import Limits
from features.weights.models import Models

if TYPE_CHECKING:
    from creatorlens.reading.audio import AudioReading


def read_video(
    path: Path,
    models: Models,
    limits: Limits,
    known: Mapping[str, Part] | None = None,
    *,
    learned: bool = True,
    audio: AudioReading | None = None,
) -> VideoReading:
    """Every part; those in `known` are taken as they are. Raises InputError where there is no picture to read."""
    raise NotImplementedError
