"""How much one file of unknown origin may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024**2


@dataclass(frozen=True)
class Limits:
    """Bytes of the file, pixels of one picture, frames of an animation that are looked at, length in seconds; and
    for a whole analysis its wall-clock seconds and the memory of the worker that does it. Of an archive: how many members,
    how many bytes they may have together, and how many times the packed size (looked at from 1 MiB on)."""

    file_bytes: int = 2 * 1024 * MIB
    image_bytes: int = 64 * MIB
    text_bytes: int = 16 * MIB
    pixels: int = 80_000_000
    frames: int = 64
    duration_s: float = 4 * 3600.0
    seconds: float = 20.0
    memory_bytes: int = 1_500 * MIB
    members: int = 1_000
    expanded_bytes: int = 4 * 1024 * MIB
    expansion: float = 200.0


USUAL = Limits()
