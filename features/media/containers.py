"""Whether a container holds video, from its index alone; nothing is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LOOK = 1 << 20
MOST_BOXES = 10_000
INSIDE = {b"moov", b"trak", b"mdia"}


def has_video(path: Path) -> bool | None:
    """True or False where the index tells; None where it does not (damaged, or written at the end)."""
    with path.open("rb") as source:
        head = source.read(LOOK)
        if head.startswith(b"\x1a\x45\xdf\xa3"):
            return _matroska(head)
        handlers = list(_handlers(source, path.stat().st_size))
    if not handlers:
        return None
    return b"vide" in handlers


def _matroska(head: bytes) -> bool | None:
    """By codec identifiers of its tracks, which stand before the first cluster."""
    index = head.partition(b"\x1f\x43\xb6\x75")[0]
    if b"\x86" not in index:
        return None
    if any(codec in index for codec in (b"V_VP", b"V_AV1", b"V_MPEG", b"V_MS", b"V_THEORA", b"V_FFV", b"V_QUICKTIME", b"V_PRORES", b"V_UNCOMP", b"V_MJPEG")):  # fmt: skip
        return True
    return False if b"A_" in index else None


def _handlers(source: BinaryIO, size: int) -> Iterator[bytes]:
    """The handler types of every track (ISO 14496-12: moov/trak/mdia/hdlr)."""
    stack = [(0, size)]
    seen = 0
    while stack:
        at, end = stack.pop()
        while at + 8 <= end and seen < MOST_BOXES:
            seen += 1
            source.seek(at)
            header = source.read(16)
            length, kind, start = int.from_bytes(header[:4], "big"), header[4:8], at + 8
            if length == 1:
                length, start = int.from_bytes(header[8:16], "big"), at + 16
            elif length == 0:
                length = end - at
            if length < start - at:
                break
            if kind in INSIDE:
                stack.append((start, min(at + length, end)))
            elif kind == b"hdlr":
                source.seek(start + 8)
                yield source.read(4)
            at += length
