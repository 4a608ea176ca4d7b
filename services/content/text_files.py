"""What a text file needs to be read as a table: its encoding, its separator, its header."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path

from creatorlens.errors import InputError

SEPARATORS = (",", ";", "\t", "|")
# Enough to tell encodings apart by their letters.
SAMPLE_BYTES = 512 * 1024
# A header line longer than this is not one.
HEADER_BYTES = 64 * 1024

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_WESTERN = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœßúùûüÿÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ–—‘’“”„…€«»¡¿·•™®©°")


@dataclass(frozen=True)
class Dialect:
    encoding: str
    separator: str
    header: tuple[str, ...]


def inspect_text(path: Path) -> Dialect:
    """Raises InputError where the file is not text, or its header is not one."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        line = file.readline(HEADER_BYTES)
        while line and not line.strip():
            line = file.readline(HEADER_BYTES)
    if not line.strip():
        raise InputError(f"{path.name}: is empty.", hint="Export it again.")
    if len(line) >= HEADER_BYTES:
        raise InputError(f"{path.name}: its first line is no header.", hint="Name the columns in line 1.")
    separator = max(SEPARATORS, key=lambda mark: (len(_split(line, mark)), -SEPARATORS.index(mark)))
    header = tuple(name.strip() for name in _split(line, separator))
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise InputError(f"{path.name}: column {min(twice)!r} appears twice.", hint="Name each column once.")
    return Dialect(encoding, separator, header)


def _split(line: str, separator: str) -> list[str]:
    return next(csv.reader([line.strip("\r\n")], delimiter=separator), [])


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    if _is_utf8(path):
        if b"\x00" in head:
            raise _not_text(path)
        return "utf-8"
    from charset_normalizer import from_bytes

    guess = from_bytes(head).best()
    if guess is None or (b"\x00" in head and not guess.encoding.startswith("utf")):
        raise _not_text(path)
    # Short samples of Western text fit many code pages: the one that Windows and Excel write comes first.
    if not guess.encoding.startswith("utf") and _western(head):
        return "cp1252"
    return guess.encoding


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(4 * 1024 * 1024):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _western(head: bytes) -> bool:
    """True where cp1252 gives Western text: accented letters and signs, seldom three of them in a row."""
    try:
        text = head.decode("cp1252")
    except UnicodeDecodeError:
        return False
    beyond = sum(ord(letter) > 127 for letter in text)
    usual = sum(letter in _WESTERN for letter in text)
    in_rows = sum(len(row) for row in re.findall(r"[^\x00-\x7f]{3,}", text))
    return usual > 0.9 * beyond and in_rows < 0.2 * beyond


def _not_text(path: Path) -> InputError:
    return InputError(
        f"{path.name}: is neither Parquet nor text.", hint="Import takes Parquet and CSV tables."
    )
