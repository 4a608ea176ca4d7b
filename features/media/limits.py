"""How much one file of unknown origin may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024**2


@dataclass(frozen=True)
class Limits:
    """Bytes of the file, pixels of one picture, frames of an animation that are looked at, length in seconds; and
    for a whole analysis its wall-clock seconds and the memory of the worker that does it."""

    file_bytes: int = 2 * 1024 * MIB
    image_bytes: int = 64 * MIB
    pixels: int = 80_000_000
    frames: int = 64
    duration_s: float = 4 * 3600.0
    seconds: float = 20.0
    memory_bytes: int = 1_500 * MIB


USUAL = Limits()
