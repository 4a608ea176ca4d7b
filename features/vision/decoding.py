"""Untrusted bytes -> Picture. What the file claims is checked against the limits before any pixel is decoded.

Only formats a creator uploads, decoded by libraries linked into Pillow: none that starts a program (EPS).
"""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np

from creatorlens.errors import InputError
from creatorlens.reading.image import ImageFacts
from features.media.limits import MIB, Limits
from features.media.refusing import Refused
from features.vision.picture import LONGEST, Picture, shrunk

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP", "DIB", "TIFF", "JPEG2000", "ICO", "PPM")
EXPECTED = "Expected a picture: JPEG, PNG, WebP, GIF, AVIF, BMP, TIFF, JPEG 2000, ICO or PPM."
ORIENTATION = 0x0112


def decode(data: bytes, limits: Limits) -> Picture:
    """Raises InputError; nothing else but KeyboardInterrupt and the like leaves."""
    if len(data) > limits.image_bytes:
        raise Refused(
            "too_large",
            f"the picture has {len(data)} bytes, more than the limit of {limits.image_bytes}.",
            hint="Save it smaller or as JPEG.",
        )
    try:
        return _decoded(data, limits)
    except InputError:
        raise
    except MemoryError:
        raise Refused(
            "over_memory", "the picture needs more memory than there is.", hint="Save it smaller."
        ) from None
    except Exception as error:
        # Pillow's plug-ins raise whatever a broken file makes them stumble over: struct.error, TypeError, ...
        raise InputError(f"the picture cannot be decoded ({_short(error)}).", hint=EXPECTED) from error


def _decoded(data: bytes, limits: Limits) -> Picture:
    from PIL import Image

    with warnings.catch_warnings():
        # Broken metadata and "possible bomb" are warnings; our own limit below decides.
        warnings.simplefilter("ignore")
        with _opened(data) as image:
            width, height = image.size
            if width < 1 or height < 1 or width * height > limits.pixels:
                raise Refused(
                    "too_many_pixels",
                    f"the picture has {width} x {height} pixels, more than the limit of {limits.pixels}.",
                    hint="Save it smaller.",
                )
            facts = {"format": image.format, "mode": image.mode, "frames": _frames(image), "bytes": len(data)}
            orientation = _orientation(image)
            profile = image.info.get("icc_profile")
            # Sizes in the header were checked; a JPEG is decoded at a fraction of its size where that is enough.
            reduced = _bounded(_simple(image))
            rgb, transparent = _on_white(reduced)
            rgb, name = _to_srgb(rgb, profile)
            turned = _TURNS.get(orientation)
            if turned is not None:
                rgb = rgb.transpose(getattr(Image.Transpose, turned))
    if orientation >= 5:
        width, height = height, width
    pixels = np.array(shrunk(np.asarray(rgb), LONGEST))
    pixels.flags.writeable = False
    return Picture(
        pixels,
        ImageFacts(
            width=width, height=height, orientation=orientation, transparent_share=transparent,
            colour_profile=name, **facts,
        ),
    )  # fmt: skip


def _opened(data: bytes) -> Any:
    from PIL import Image, UnidentifiedImageError

    if not data:
        raise Refused("empty", "the file is empty.", hint=EXPECTED)
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise InputError("this is not a picture that can be read.", hint=EXPECTED) from None
    except Image.DecompressionBombError as error:
        raise Refused(
            "too_many_pixels", f"the picture is too large ({_short(error)}).", hint="Save it smaller."
        ) from None


def _frames(image: Any) -> int:
    try:
        frames = int(getattr(image, "n_frames", 1))
        image.seek(0)
    except (EOFError, OSError, ValueError, SyntaxError):
        return 1  # broken beyond the first frame, which is the one that is read
    return max(frames, 1)


# EXIF orientation -> what makes the picture upright.
_TURNS = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE",
    8: "ROTATE_90",
}  # fmt: skip


def _orientation(image: Any) -> int:
    # TIFF: Pillow turns the pixels itself while decoding.
    if image.format == "TIFF":
        return 1
    try:
        value = int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # EXIF is a format of its own, broken in ways of its own; the pixels are worth reading
        return 1
    return value if 1 <= value <= 8 else 1


def _simple(image: Any) -> Any:
    """In a mode that can be averaged: L, LA, RGB, RGBA, CMYK (a JPEG may still be undecoded)."""
    from PIL import Image

    mode = image.mode
    if mode == "P" or mode == "PA":
        return image.convert("RGBA" if mode == "PA" or "transparency" in image.info else "RGB")
    if mode == "1":
        return image.convert("L")
    if mode.startswith(("I", "F")):
        return Image.fromarray(_eight_bits(np.asarray(image)), "L")
    if mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        if mode in ("L", "RGB") and "transparency" in image.info:
            return image.convert("LA" if mode == "L" else "RGBA")
        return image
    return image.convert("RGBA" if mode in ("RGBa", "La") else "RGB")


def _eight_bits(values: Any) -> Any:
    """16 bits keep their upper eight; wider integers and floats are stretched from their least to their largest."""
    if values.dtype.kind in "ui" and int(values.max(initial=0)) <= 0xFFFF and int(values.min(initial=0)) >= 0:
        return (values >> 8).astype(np.uint8)
    values = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    return np.round((values - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)


def _bounded(image: Any) -> Any:
    """At most about twice the size that is kept: the last step is OpenCV's, which is faster."""
    if image.format == "JPEG":
        # Decoded at a half, a quarter or an eighth, which costs less than all of it.
        scale = LONGEST / max(image.size)
        image.draft(None, (round(image.width * scale), round(image.height * scale)))
    image.load()
    factor = max(image.size) // LONGEST
    return image.reduce(factor) if factor > 1 else image


def _on_white(image: Any) -> tuple[Any, float]:
    """Without alpha, drawn on white, and the mean transparency."""
    from PIL import Image

    if image.mode not in ("LA", "RGBA"):
        return image, 0.0
    alpha = image.getchannel("A")
    transparent = 1.0 - float(np.asarray(alpha).mean()) / 255.0
    if transparent == 0.0:
        return image.convert("L" if image.mode == "LA" else "RGB"), 0.0
    opaque = image.convert("RGBA")
    ground = Image.new("RGBA", opaque.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, opaque).convert("RGB"), transparent


def _to_srgb(image: Any, profile: bytes | None) -> tuple[Any, str | None]:
    """RGB in sRGB, and the name of the profile it came with; a broken profile is passed over."""
    if not profile or len(profile) > 4 * MIB:
        return _rgb(image), None
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = (ImageCms.getProfileDescription(source) or "").strip()[:100] or "unnamed"
        if "sRGB" in name and image.mode in ("L", "RGB"):
            return _rgb(image), name
        turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return _rgb(image), None
    return turned, name


def _rgb(image: Any) -> Any:
    # Pillow copies a picture that is converted to what it is.
    return image if image.mode == "RGB" else image.convert("RGB")


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:160]}"
