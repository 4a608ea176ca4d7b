"""Small pictures for the page, as data addresses: the draft itself once the service has accepted it, and heat."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import BytesIO
from typing import Any

LARGEST_PX = 1280
QUALITY = 82
HEAT = (224, 62, 18)


def of_picture(data: bytes) -> str | None:
    """The upright picture at most 1280 pixels wide or high, as JPEG; None where it cannot be decoded here."""
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(data)) as opened:
            opened.draft("RGB", (LARGEST_PX, LARGEST_PX))
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LARGEST_PX, LARGEST_PX))
            flat = _on_white(upright)
    except Exception:  # what Pillow raises for odd files is open-ended, and this is only a preview
        return None
    out = BytesIO()
    flat.save(out, "JPEG", quality=QUALITY)
    return _address(out.getvalue(), "image/jpeg")


def _on_white(picture: Any) -> Any:
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        return picture.convert("I").point(lambda v: v / 257).convert("L").convert("RGB")
    rgba = picture.convert("RGBA")
    ground = Image.new("RGBA", rgba.size, "white")
    ground.alpha_composite(rgba)
    return ground.convert("RGB")


def of_frame(preview: str) -> str:
    """A preview of the service (base64 JPEG)."""
    return f"data:image/jpeg;base64,{preview}"


def heat(grid: Sequence[Sequence[float]]) -> str:
    """A grid of 0-1 as a picture of one pixel a cell, clear where it is 0; the browser smooths it."""
    from PIL import Image

    rows, columns = len(grid), len(grid[0]) if grid else 0
    picture = Image.new("RGBA", (columns, rows))
    picture.putdata([(*HEAT, round(225 * value**0.9)) for row in grid for value in row])
    out = BytesIO()
    picture.save(out, "PNG")
    return _address(out.getvalue(), "image/png")


def _address(data: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"


def blank(width: int, height: int) -> str:
    """An empty ground of that shape, for a picture that is not at hand."""
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        '<rect width="100%" height="100%" fill="#8a93a6" fill-opacity=".25"/></svg>'
    )
    return _address(drawn.encode(), "image/svg+xml")
