"""A free typeface that has every letter of the words, or the reason why there is none."""

from __future__ import annotations

import importlib.util
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

SYSTEM = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/System/Library/Fonts"))
FREE = ("DejaVuSans-Bold.ttf", "NotoSans*-Bold.*", "NotoSans*-Bold*.ttc", "LiberationSans-Bold.ttf")
"""DejaVu (Bitstream Vera licence), Noto and Liberation (SIL Open Font Licence)."""
SHAPED = (
    "ARABIC",
    "HEBREW",
    "DEVANAGARI",
    "BENGALI",
    "TAMIL",
    "TELUGU",
    "THAI",
    "SYRIAC",
    "GUJARATI",
    "MALAYALAM",
)
"""Scripts whose letters join, stack or run from the right: set only where Pillow has Raqm."""


@lru_cache(maxsize=1)
def _files() -> tuple[Path, ...]:
    """DejaVu as matplotlib brings it first: the same letters on every machine that has it."""
    found: list[Path] = []
    spec = importlib.util.find_spec("matplotlib")
    if spec is not None and spec.origin is not None:
        packaged = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / FREE[0]
        found += [packaged] if packaged.is_file() else []
    for pattern in FREE:
        for folder in SYSTEM:
            found += sorted(folder.rglob(pattern)) if folder.is_dir() else []
    return tuple(found)


@dataclass(frozen=True)
class Typeface:
    """`path` None: the letters that Pillow itself brings."""

    path: Path | None = None

    def sized(self, size: int) -> Any:
        return _sized(self.path, size)

    def missing(self, words: str) -> set[str]:
        """Letters that look like the sign for a letter that is not there."""
        font = self.sized(32)
        none = bytes(font.getmask("\U0010fffd"))
        visible = {c for c in words if not c.isspace() and unicodedata.category(c) not in ("Mn", "Cf")}
        return {c for c in visible if bytes(font.getmask(c)) == none}


def typeface(words: str) -> Typeface | str:
    """The first that has every letter, or why the words cannot be set."""
    from PIL import features

    shaped = {unicodedata.name(c, "").partition(" ")[0] for c in words} & set(SHAPED)
    if shaped and not features.check("raqm"):
        return f"the {min(shaped).title()} script cannot be set here: Pillow lacks Raqm"
    known = [*map(Typeface, _files()), Typeface()]
    for face in known:
        if not face.missing(words):
            return face
    lacking = "".join(sorted(known[0].missing(words)))[:20]
    return f"no free typeface here has the letters {lacking}: install Noto Sans Bold for the script"


@lru_cache(maxsize=64)
def _sized(path: Path | None, size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size) if path is None else ImageFont.truetype(str(path), size)
