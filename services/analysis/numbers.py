"""The numbers that models read of files."""

from __future__ import annotations

from collections.abc import Sequence

from creatorlens.reading.analysis import FileReading
from features.media_features import NUMBERS, audio_numbers, image_numbers, video_numbers


def numbers_of(reading: FileReading) -> dict[str, float]:
    """Of one file, by name, without those that are missing."""
    found: dict[str, float] = {}
    if reading.image is not None:
        found |= image_numbers(reading.image)
    if reading.video is not None:
        found |= video_numbers(reading.video)
    if reading.audio is not None:
        found |= audio_numbers(reading.audio)
    return found


def numbers_of_draft(files: Sequence[FileReading]) -> dict[str, float | None]:
    """All names; of two files that tell the same number the first is believed, pictures before videos."""
    found: dict[str, float | None] = {number.name: None for number in NUMBERS}
    for reading in sorted(files, key=lambda one: one.image is None):
        for name, value in numbers_of(reading).items():
            if found.get(name) is None:
                found[name] = value
    return found
