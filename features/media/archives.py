"""The members of an archive, one by one, each a file of its own to be looked at like any other.

Names inside an archive are shown and never used as paths. Sizes it claims are not believed: bytes are counted as
they come out, and the limits are those of the whole archive.
"""

from __future__ import annotations

import gzip
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from creatorlens.reading.files import Refusal
from features.media.formats import HEAD_BYTES, recognise
from features.media.limits import MIB, USUAL, Limits
from features.media.refusing import Refused, refusal
from features.media.sniffing import clean_name

CHUNK = 1 << 18
LOOKED_AT_FROM = MIB  # a small text may shrink a thousandfold and harm nobody
LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, OSError, NotImplementedError,
    RuntimeError, ValueError, UnicodeError,
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """A member's name, and the file it was unpacked to, which lives until the next one is asked for; or why not."""

    name: str
    path: Path | Refusal


@dataclass(frozen=True)
class _Entry:
    """`size` where the archive tells it in a way that must be true of a whole one."""

    name: str
    data: IO[bytes]
    size: int | None = None


def members(path: Path, mime: str, limits: Limits = USUAL, folder: Path | None = None) -> Iterator[Member]:
    """Unpack `path` member by member into `folder` (default: the system's temporary one).

    Raises Refused for the archive as a whole: archive_expansion, unsafe_content, broken. A member that is an archive
    itself is yielded as a Refusal (archive_nested), and the rest goes on."""
    budget = _Budget(limits, path.stat().st_size)
    try:
        with tempfile.TemporaryDirectory(prefix="member-", dir=folder) as home:
            for number, entry in enumerate(_entries(path, mime)):
                if number >= limits.members:
                    raise Refused(
                        "archive_expansion",
                        f"more than {limits.members:,} files are in it.",
                        hint="Split it.",
                    )
                target = Path(home) / f"{number}"
                with closing(entry.data):
                    budget.unpack(entry.data, target)
                if entry.size is not None and target.stat().st_size != entry.size:
                    raise Refused(
                        "broken", f"{clean_name(entry.name)!r} in it is cut off.", hint="Pack it again."
                    )
                yield _member(entry.name, target)
                target.unlink(missing_ok=True)
    except Refused:
        raise
    except DAMAGED as error:
        raise Refused(
            "broken", f"the archive cannot be unpacked ({str(error)[:200] or type(error).__name__}).",
            hint="Pack it again, without a password.",
        ) from error  # fmt: skip


class _Budget:
    """Counts what came out of an archive against what it may."""

    def __init__(self, limits: Limits, packed: int) -> None:
        self._limits = limits
        self._packed = max(1, packed)
        self._out = 0

    def unpack(self, data: IO[bytes], target: Path) -> None:
        with target.open("xb") as out:
            while chunk := data.read(CHUNK):
                self._out += len(chunk)
                ratio = self._out / self._packed
                if self._out > self._limits.expanded_bytes:
                    raise Refused(
                        "archive_expansion", f"unpacked it has more than {self._limits.expanded_bytes:,} bytes.",
                        hint="Split it.",
                    )  # fmt: skip
                if self._out > LOOKED_AT_FROM and ratio > self._limits.expansion:
                    raise Refused(
                        "archive_expansion", f"it grows more than {self._limits.expansion:g} times when unpacked.",
                        hint="Give the files themselves.",
                    )  # fmt: skip
                out.write(chunk)


def _member(name: str, path: Path) -> Member:
    shown = clean_name(name)
    with path.open("rb") as source:
        found = recognise(source.read(HEAD_BYTES))
    if found is not None and (found.kind == "archive" or "archive" in found.what):
        nested = Refused(
            "archive_nested",
            "an archive inside an archive is not unpacked.",
            hint="Give the inner one by itself.",
        )
        return Member(shown, refusal(nested, shown))
    return Member(shown, path)


def _entries(path: Path, mime: str) -> Iterator[_Entry]:
    if mime == "application/zip":
        yield from _zip(path)
    elif mime == "application/x-tar":
        yield from _tar(path)
    elif mime == "application/gzip":
        yield from _gzip(path)
    else:
        raise ValueError(f"not an archive that is read here: {mime}")


def _zip(path: Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir() or _litter(info.filename):
                continue
            _check_name(info.filename)
            mode = info.external_attr >> 16
            if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise _no_plain_file(info.filename)
            yield _Entry(info.filename, archive.open(info))


def _tar(path: Path, source: IO[bytes] | None = None) -> Iterator[_Entry]:
    # as a stream: never seeks, so that a gzipped one is unpacked once
    with tarfile.open(path, "r|", fileobj=source) as archive:
        for info in archive:
            if info.isdir() or _litter(info.name):
                continue
            _check_name(info.name)
            data = archive.extractfile(info) if info.isreg() else None
            if data is None:
                raise _no_plain_file(info.name)
            yield _Entry(info.name, data, info.size)


def _gzip(path: Path) -> Iterator[_Entry]:
    with gzip.open(path) as peek:
        inside = recognise(peek.read(HEAD_BYTES))
    if inside is not None and inside.mime == "application/x-tar":
        # not tarfile's own way with gzip, which takes a cut-off stream for a whole one
        with gzip.open(path) as source:
            yield from _tar(path, cast("IO[bytes]", source))
        return
    with gzip.open(path) as data:
        yield _Entry(path.name.removesuffix(".gz"), cast("IO[bytes]", data))


def _litter(name: str) -> bool:
    return any(part in name for part in LITTER)


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":") or "\x00" in name:
        raise Refused(
            "unsafe_content", f"a name in it leads outside of it: {clean_name(name)!r}.",
            hint="It was made to overwrite files elsewhere; get it from another source.",
        )  # fmt: skip


def _no_plain_file(name: str) -> Refused:
    return Refused(
        "unsafe_content", f"{clean_name(name)!r} in it is a link or a device, not a file.", hint="Give the files themselves."
    )  # fmt: skip
