"""Files that are media and something else at once.

The rule: a picture, sound or video is refused where another program would open it as an archive, a document, a
program or a script. That is:

- a ZIP end record in the last 64 KiB whose central directory is where it says (also JAR, APK, Office);
- `%PDF-` in the first 1024 bytes, where PDF readers look for it;
- a tar header with a right checksum at 0, or an ISO 9660 descriptor;
- behind the end of a picture (PNG IEND, GIF trailer, JPEG EOI, RIFF or BMP length): the signature of an archive, a
  program, a document or markup. Other trailing bytes are common (motion photos, previews, padding) and are allowed;
- `<?php`, `<script`, `<html`, `<svg` or `<!doctype html` anywhere in a picture, or in the first or last 64 KiB of
  sound and video;
- a header that is at the same time the start of a JavaScript comment which is closed later.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from creatorlens.reading.files import Kind
from features.media.formats import is_tar_header

EDGE = 64 * 1024
END_RECORD = 22
MARKUP = re.compile(rb"<\?php|<script[\s>/]|<!doctype\s+html|<html[\s>]|<svg[\s>]", re.IGNORECASE)
TRAILERS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive"), (b"Rar!\x1a\x07", "a RAR archive"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"%PDF-", "a PDF document"), (b"\x7fELF\x01", "a program"), (b"\x7fELF\x02", "a program"),
    (b"This program cannot be run in DOS mode", "a program"), (b"#!/", "a script"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
)  # fmt: skip
CHUNK = 1 << 20


def second_nature(path: Path, mime: str, kind: Kind) -> str | None:
    """What else the media file at `path` is, in words; None where nothing was found. O(file) for pictures,
    O(1) for sound and video."""
    size = path.stat().st_size
    with path.open("rb") as source:
        head = source.read(EDGE)
        source.seek(max(0, size - EDGE))
        tail = source.read(EDGE)
        if _zip_ends_here(source, tail, size):
            return "a ZIP archive"
        if b"%PDF-" in head[:1024]:
            return "a PDF document"
        if is_tar_header(head[:512]):
            return "a tar archive"
        source.seek(0x8001)
        if source.read(5) == b"CD001":
            return "a disk image"
        if kind != "image":
            return "a page or script" if MARKUP.search(head) or MARKUP.search(tail) else None
        whole = _read(source)
    return _in_picture(whole, mime)


def _read(source: BinaryIO) -> bytes:
    source.seek(0)
    return source.read()


def _in_picture(data: bytes, mime: str) -> str | None:
    if MARKUP.search(data):
        return "a page or script"
    if _opens_comment(data, mime):
        return "a script"
    find_end = ENDS.get(mime)
    end = None if find_end is None else find_end(data)
    if end is None or end >= len(data):
        return None
    behind = data[end:]
    for signature, what in TRAILERS:
        if signature in behind:
            return what
    return None


def _opens_comment(data: bytes, mime: str) -> bool:
    """`GIF89a/*`, `BM/*`, or a JPEG whose first segment has the length `/*`, closed later by `*/`."""
    opens = {"image/gif": data[6:8], "image/bmp": data[2:4], "image/jpeg": data[4:6]}.get(mime) == b"/*"
    return opens and re.search(rb"\*/\s*[=;(\w]", data) is not None


def _zip_ends_here(source: BinaryIO, tail: bytes, size: int) -> bool:
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        record = tail[at : at + END_RECORD]
        if len(record) == END_RECORD:
            entries, length, offset, comment = struct.unpack("<10xHIIH", record)
            start = size - len(tail) + at
            fits = at + END_RECORD + comment <= len(tail) and length <= start
            if fits and entries and length >= 46 * entries:
                source.seek(
                    start - length
                )  # as readers do: archives with something in front have false offsets
                if source.read(4) == b"PK\x01\x02":
                    return True
            elif fits and not entries and not length and not offset and not comment:
                return True  # an empty archive
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False


def _png_end(data: bytes) -> int | None:
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, at = data[at + 4 : at + 8], at + 12 + length
        if kind == b"IEND":
            return at
    return None


def _jpeg_end(data: bytes) -> int | None:
    """Behind the first EOI that ends a scan: segments are skipped by their length, coded data by its markers."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0xD9:
            return at + 2
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if marker == 0xDA:
                found = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(data, at)
                if found is None:
                    return None
                at = found.start()
    return at + 2 if data[at : at + 2] == b"\xff\xd9" else None


def _gif_end(data: bytes) -> int | None:
    if len(data) < 13:
        return None
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    while at < len(data):
        block = data[at]
        if block == 0x3B:
            return at + 1
        if block == 0x21:
            at += 2
        elif block == 0x2C and at + 10 <= len(data):
            packed = data[at + 9]
            at += 11 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
        else:
            return None
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return None


def _riff_end(data: bytes) -> int | None:
    return 8 + int.from_bytes(data[4:8], "little")


def _bmp_end(data: bytes) -> int | None:
    told = int.from_bytes(data[2:6], "little")
    return told if told > 26 else None


ENDS: dict[str, Callable[[bytes], int | None]] = {
    "image/png": _png_end,
    "image/jpeg": _jpeg_end,
    "image/gif": _gif_end,
    "image/webp": _riff_end,
    "image/bmp": _bmp_end,
}
