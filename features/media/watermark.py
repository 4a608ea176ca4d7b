"""A visible mark on a picture: words or a logo in a corner, into a new file. The original is never touched."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from creatorlens.errors import InputError
from features.media.limits import USUAL, Limits
from features.media.refusing import Refused

Corner = Literal["top left", "top right", "bottom left", "bottom right", "centre"]
LONGEST_WORDS = 200
QUALITY = 92
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}


@dataclass(frozen=True)
class Mark:
    """Words, or a `logo` file with or without transparency. `size`: its height as a share of the picture's;
    `opacity` 0-1."""

    words: str = ""
    logo: Path | None = None
    corner: Corner = "bottom right"
    size: float = 0.06
    opacity: float = 0.6

    def __post_init__(self) -> None:
        if bool(self.words.strip()) == (self.logo is not None):
            raise InputError("give words or a logo, one of the two.", field="mark")
        if len(self.words) > LONGEST_WORDS:
            raise InputError(f"more than {LONGEST_WORDS} characters.", field="mark.words")
        if not 0 < self.size <= 1 or not 0 < self.opacity <= 1:
            raise InputError("size and opacity are above 0 and at most 1.", field="mark")


def watermark(picture: Path, out: Path, mark: Mark, limits: Limits = USUAL) -> Path:
    """Writes `out` (.jpg, .png or .webp; never `picture` itself) with `mark` on the first frame of `picture`, upright,
    without its metadata except the colour profile. Whole or not at all."""
    from PIL import Image, ImageOps

    kind = FORMATS.get(out.suffix.lower())
    if kind is None:
        raise InputError("the result is a .jpg, .png or .webp.", field=str(out))
    if out.exists() and out.samefile(picture):
        raise InputError("the original is not written over.", field=str(out), hint="Name another file.")
    with _opened(picture, limits) as opened:
        profile = opened.info.get("icc_profile")
        base = ImageOps.exif_transpose(opened).convert("RGBA")
    layer = _drawn(mark, base.size, limits)
    where = _place(mark.corner, base.size, layer.size)
    base.alpha_composite(layer, where)
    final = base if kind != "JPEG" else Image.alpha_composite(Image.new("RGBA", base.size, "white"), base)
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if kind != "PNG":
        options["quality"] = QUALITY
    handle, temporary = tempfile.mkstemp(dir=out.parent, suffix=out.suffix)
    try:
        with os.fdopen(handle, "wb") as target:
            (final.convert("RGB") if kind == "JPEG" else final).save(target, kind, **options)
        Path(temporary).replace(out)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return out


def _opened(path: Path, limits: Limits) -> Any:
    from PIL import Image

    try:
        opened = Image.open(path, formats=["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
        if opened.width * opened.height > limits.pixels:
            raise Refused("too_many_pixels", f"{opened.width} x {opened.height} pixels.", field=path.name)
        opened.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused(
            "broken", f"it is not a picture that can be read ({error}).", field=path.name
        ) from error
    return opened


def _drawn(mark: Mark, picture: tuple[int, int], limits: Limits) -> Any:
    """The mark alone, with its opacity, not wider than nine tenths of the picture."""
    from PIL import Image

    height = max(8, round(picture[1] * mark.size))
    layer = _words(mark.words.strip(), height) if mark.logo is None else _logo(mark.logo, height, limits)
    widest = max(1, int(picture[0] * 0.9))
    tallest = max(1, int(picture[1] * 0.9))
    if layer.width > widest or layer.height > tallest:
        scale = min(widest / layer.width, tallest / layer.height)
        size = (max(1, round(layer.width * scale)), max(1, round(layer.height * scale)))
        layer = layer.resize(size, Image.Resampling.LANCZOS)
    layer.putalpha(layer.getchannel("A").point(lambda alpha: round(alpha * mark.opacity)))
    return layer


def _words(words: str, height: int) -> Any:
    """White with a dark edge, readable on light and dark alike."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=height * 0.8)
    edge = max(1, height // 16)
    box = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox(
        (0, 0), words, font=font, stroke_width=edge
    )
    layer = Image.new("RGBA", (round(box[2] - box[0]) + 2, round(box[3] - box[1]) + 2), (0, 0, 0, 0))
    ImageDraw.Draw(layer).multiline_text(
        (1 - box[0], 1 - box[1]),
        words,
        font=font,
        fill="white",
        stroke_width=edge,
        stroke_fill=(0, 0, 0, 255),
    )
    return layer


def _logo(path: Path, height: int, limits: Limits) -> Any:
    from PIL import Image

    logo = _opened(path, limits).convert("RGBA")
    return logo.resize((max(1, round(logo.width * height / logo.height)), height), Image.Resampling.LANCZOS)


def _place(corner: Corner, picture: tuple[int, int], mark: tuple[int, int]) -> tuple[int, int]:
    margin = round(min(picture) * 0.02)
    free = (picture[0] - mark[0], picture[1] - mark[1])
    if corner == "centre":
        return free[0] // 2, free[1] // 2
    x = margin if corner.endswith("left") else free[0] - margin
    y = margin if corner.startswith("top") else free[1] - margin
    return max(0, min(x, free[0])), max(0, min(y, free[1]))
