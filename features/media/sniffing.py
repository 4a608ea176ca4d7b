"""Whether a file may be read at all, and what it is: by its content, never by its name.

Nothing is decoded here; this is safe in the process that serves.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from creatorlens.reading.files import FileFacts, Kind, Refusal
from features.media import formats
from features.media.containers import has_video
from features.media.formats import HEAD_BYTES, Format, recognise, text_format
from features.media.limits import USUAL, Limits
from features.media.polyglot import MARKUP, second_nature
from features.media.refusing import Refused, refusal

READ = "JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF; MP4, MOV, WebM, MKV, AVI; MP3, WAV, FLAC, AAC, Ogg; text"
SHEBANG = b"#!"


@dataclass(frozen=True)
class Sniffed:
    kind: Kind
    mime: str


def sniff(path: Path) -> Sniffed:
    """What the file is. Raises Refused: empty, not_media, unsupported_format, polyglot, unsafe_content."""
    with path.open("rb") as source:
        head = source.read(HEAD_BYTES)
        behind_tag = _behind_id3(source, head)
    if not head:
        raise Refused("empty", "the file is empty.", hint="Export or upload it again.")
    found = recognise(head)
    if found is formats.MP3 and behind_tag:
        tagged = recognise(behind_tag)
        found = tagged if tagged is not None and tagged.kind == "audio" else found
    if found is None:
        found = _text(path, head)
    if found is None:
        if not any(head):
            raise Refused("empty", "the file holds nothing but zeros.", hint="Export or upload it again.")
        raise Refused("not_media", "this is no media that is known here.", hint=f"Give {READ}.")
    if found.kind is None:
        if found.media:
            raise Refused(
                "unsupported_format",
                f"{found.what}: this format is not read here.",
                hint=f"Save it as {READ}.",
            )
        raise Refused("not_media", f"{found.what}: this is not media.", hint=f"Give {READ}.")
    sniffed = Sniffed(*_tracks(path, found))
    if sniffed.kind in ("image", "audio", "video"):
        also = second_nature(path, sniffed.mime, sniffed.kind)
        if also is not None:
            raise Refused(
                "polyglot", f"this {found.what} is at the same time {also}.",
                hint="Open it in an editor and export it anew; that leaves only the picture or sound.",
            )  # fmt: skip
    return sniffed


def examine(path: Path, name: str | None = None, limits: Limits = USUAL) -> FileFacts | Refusal:
    """The facts of a file that may be read, or why it may not. `name` as its sender called it."""
    called = clean_name(path.name if name is None else name)
    try:
        size = path.stat().st_size
        _check_size(size, limits.file_bytes)
        sniffed = sniff(path)
        if sniffed.kind == "image":
            _check_size(size, limits.image_bytes, "a picture")
        elif sniffed.kind == "text":
            _check_size(size, limits.text_bytes, "a text")
    except Refused as error:
        return refusal(error, called)
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    return FileFacts(name=called, bytes=size, sha256=digest, kind=sniffed.kind, mime=sniffed.mime)


def clean_name(name: str, longest: int = 200) -> str:
    """A name to show and to store beside the file: no folders, no control or direction-changing characters."""
    base = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(
        char for char in unicodedata.normalize("NFC", base) if unicodedata.category(char)[0] != "C"
    )
    kept = kept.strip().strip(".").strip()
    return kept[:longest] or "unnamed"


def _check_size(size: int, most: int, what: str = "a file") -> None:
    if size > most:
        raise Refused(
            "too_large",
            f"{size:,} bytes; {what} may have {most:,}.",
            hint="Give a smaller export, or raise the limit.",
        )


def _behind_id3(source: BinaryIO, head: bytes) -> bytes:
    """What stands behind an ID3v2 tag: some programs put one before FLAC, AAC or WAV too."""
    if not head.startswith(b"ID3") or len(head) < 10:
        return b""
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]  # 28 bits, seven in each byte
    source.seek(10 + size)
    return source.read(HEAD_BYTES)


def _tracks(path: Path, found: Format) -> tuple[Kind, str]:
    """Some containers hold sound alone or video: their tracks decide."""
    assert found.kind is not None
    if found in (formats.MP4, formats.MOV, formats.WEBM, formats.MKV) and has_video(path) is False:
        return "audio", found.mime.replace("video/", "audio/")
    return found.kind, found.mime


def _text(path: Path, head: bytes) -> Format | None:
    found = text_format(head)
    if found is None:
        return None
    if head.startswith(SHEBANG) or MARKUP.search(head) or head.lstrip().startswith(b"<?xml"):
        raise Refused(
            "unsafe_content", "this is a script or a page, not plain text.",
            hint="Give the words alone, as plain text.",
        )  # fmt: skip
    # the head may be innocent and the rest binary
    with path.open("rb") as source:
        while chunk := source.read(1 << 20):
            if b"\x00" in chunk and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
                return None
    return found
