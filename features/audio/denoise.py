"""Noise reduction, as an option that writes a cleaned file."""

from __future__ import annotations

from pathlib import Path

from features.media.limits import USUAL, Limits


def denoise(source: Path, target: Path, limits: Limits = USUAL, *, reduction_db: float = 18.0) -> None:
    """Write `target` (WAV or FLAC by its name) with steady noise lowered by up to `reduction_db`; same length."""
    raise NotImplementedError
