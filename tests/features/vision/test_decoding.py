"""Untrusted bytes become an upright sRGB picture of bounded size, or an InputError that says what was expected."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from creatorlens.errors import InputError
from features.media.limits import USUAL, Limits
from features.vision.picture import LONGEST, open_picture, picture_of


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def corner() -> Image.Image:
    """48 x 32, grey, with a red block at the top left and a blue one at the top right."""
    pixels = np.full((32, 48, 3), 128, np.uint8)
    pixels[:16, :16] = (255, 0, 0)
    pixels[:16, 32:] = (0, 0, 255)
    return Image.fromarray(pixels)


# What was done to an upright picture so that this orientation mends it.
UNDONE = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", UNDONE)
def test_every_orientation_is_applied(corner: Image.Image, kind: str, orientation: int) -> None:
    turn = UNDONE[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = corner if turn is None else corner.transpose(turn)
    picture = open_picture(saved(stored, kind, exif=exif), USUAL)
    assert (picture.facts.width, picture.facts.height) == (48, 32)
    assert picture.rgb.shape == (32, 48, 3)
    assert np.abs(picture.rgb[4:12, 4:12].astype(int) - (255, 0, 0)).max() < 40
    assert np.abs(picture.rgb[4:12, 36:44].astype(int) - (0, 0, 255)).max() < 40


def test_a_photograph_on_its_side_is_put_upright(shared_media: Path) -> None:
    odd = shared_media / "odd-images"
    upright = open_picture((odd / "pillow_hopper.jpg").read_bytes(), USUAL)
    for name in ("pillow_hopper_orientation_6.jpg", "pillow_hopper_orientation_8.webp"):
        turned = open_picture((odd / name).read_bytes(), USUAL)
        likeness = np.corrcoef(upright.grey.ravel(), turned.grey.ravel())[0, 1]
        assert likeness > 0.95, name


def test_alpha_is_drawn_on_white_and_counted() -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[:, 10:, 3] = 255
    pixels[:5, :10, 3] = 128
    for kind in ("PNG", "WEBP", "TIFF"):
        picture = open_picture(saved(Image.fromarray(pixels), kind, lossless=True), USUAL)
        assert picture.rgb[15, 5].tolist() == [255, 255, 255]
        assert picture.rgb[2, 5].tolist() == pytest.approx([127, 127, 127], abs=1)
        assert picture.rgb[15, 15].tolist() == [0, 0, 0]
        assert picture.facts.transparent_share == pytest.approx(0.5 - 0.125 * 128 / 255, abs=1e-6)


def test_transparent_palette_and_grey_are_drawn_on_white() -> None:
    few = Image.new("P", (4, 4), 1)
    few.putpalette([255, 0, 0, 0, 0, 255])
    few.putpixel((0, 0), 0)
    picture = open_picture(saved(few, "PNG", transparency=0), USUAL)
    assert picture.rgb[0, 0].tolist() == [255, 255, 255]
    assert picture.rgb[1, 1].tolist() == [0, 0, 255]
    grey = open_picture(saved(Image.new("LA", (4, 4), (10, 0)), "PNG"), USUAL)
    assert grey.rgb.min() == 255
    assert grey.facts.transparent_share == 1


def test_ink_becomes_light() -> None:
    for ink, colour in (
        ((0, 0, 0, 0), (255, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
        ((0, 255, 255, 0), (255, 0, 0)),
    ):
        picture = open_picture(saved(Image.new("CMYK", (16, 16), ink), "TIFF"), USUAL)
        assert np.abs(picture.rgb.astype(int) - colour).max() < 60
        assert picture.facts.mode == "CMYK"


def test_sixteen_bits_keep_their_upper_eight() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    for kind in ("PNG", "TIFF"):
        picture = open_picture(saved(Image.fromarray(ramp), kind), USUAL)
        assert picture.facts.mode.startswith("I;16")
        assert np.abs(picture.rgb[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_floats_of_a_scan_are_stretched() -> None:
    picture = open_picture(
        saved(Image.fromarray(np.linspace(-5, 100, 64, dtype=np.float32)[None]), "TIFF"), USUAL
    )
    assert (picture.rgb.min(), picture.rgb.max()) == (0, 255)


def test_a_colour_profile_is_turned_to_srgb(shared_media: Path) -> None:
    flat = Image.new("RGB", (8, 8), (100, 100, 100))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = open_picture(saved(flat, "PNG", icc_profile=srgb), USUAL)
    assert same.rgb[0, 0].tolist() == [100, 100, 100]
    assert "sRGB" in str(same.facts.colour_profile)
    with Image.open(shared_media / "odd-images" / "pillow_truncated_exif_dpi.jpg") as image:
        generic = image.info["icc_profile"]
    picture = open_picture(saved(flat, "PNG", icc_profile=generic), USUAL)
    assert picture.facts.colour_profile == "Generic RGB Profile"
    # That profile has gamma 1.8: (100 / 255) ** 1.8 of full light is 119 in sRGB.
    assert picture.rgb[0, 0].tolist() == pytest.approx([119] * 3, abs=2)


def test_a_broken_profile_is_passed_over() -> None:
    picture = open_picture(saved(Image.new("RGB", (8, 8), "red"), "PNG", icc_profile=b"nonsense" * 20), USUAL)
    assert picture.facts.colour_profile is None
    assert picture.rgb[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_read(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, lossless=True)
    picture = open_picture(data, USUAL)
    assert picture.facts.frames == 3
    assert picture.rgb[8, 8].tolist() == [255, 0, 0]


def test_large_pictures_are_kept_small_and_their_size_told() -> None:
    ramp = np.linspace(0, 255, 5000).astype(np.uint8)
    image = Image.fromarray(np.stack([ramp] * 3, axis=1)[None].repeat(3000, axis=0))
    for kind in ("JPEG", "PNG"):
        picture = open_picture(saved(image, kind), USUAL)
        assert (picture.facts.width, picture.facts.height) == (5000, 3000)
        assert picture.rgb.shape == (768, LONGEST, 3)
        assert np.abs(picture.rgb[300, :, 0] - np.linspace(0, 255, LONGEST)).max() < 4


def test_one_line_of_pixels_is_a_picture() -> None:
    for size in ((5000, 1), (1, 5000), (1, 1)):
        picture = open_picture(saved(Image.new("RGB", size, "white"), "PNG"), USUAL)
        assert min(picture.rgb.shape[:2]) == 1
        assert min(picture.small.shape[:2]) == 1


def test_pixels_cannot_be_changed() -> None:
    picture = open_picture(saved(Image.new("RGB", (8, 8)), "PNG"), USUAL)
    with pytest.raises(ValueError, match="read-only"):
        picture.rgb[0, 0] = 1
    frame = np.zeros((8, 8, 3), np.uint8)
    assert picture_of(frame).rgb.flags.writeable is False
    frame[0, 0] = 1  # the caller's own array stays its own


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def test_pixels_are_counted_before_any_is_decoded() -> None:
    with pytest.raises(InputError, match="10000 x 9000 pixels"):
        open_picture(png_claiming(10_000, 9_000), USUAL)
    with pytest.raises(InputError, match="too large"):
        open_picture(png_claiming(100_000, 100_000), USUAL)
    small = saved(Image.new("RGB", (30, 30)), "PNG")
    with pytest.raises(InputError, match="limit of 899"):
        open_picture(small, Limits(pixels=899))
    assert open_picture(small, Limits(pixels=900)).facts.width == 30


def test_bytes_are_counted_before_anything() -> None:
    with pytest.raises(InputError, match="bytes"):
        open_picture(b"x" * 101, Limits(image_bytes=100))


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"]
)
def test_what_is_no_picture_is_refused_with_what_was_expected(data: bytes) -> None:
    with pytest.raises(InputError, match="Expected a picture: JPEG, PNG"):
        open_picture(data, USUAL)


def test_every_odd_file_gives_a_picture_or_a_clear_error(shared_media: Path) -> None:
    pictures, refused = set(), dict[str, str]()
    for path in sorted(
        path for folder in ("odd-images", "odd-other") for path in (shared_media / folder).iterdir()
    ):
        try:
            picture = open_picture(path.read_bytes(), USUAL)
        except InputError as error:
            refused[path.name] = str(error)
            continue
        pictures.add(path.name)
        assert picture.rgb.dtype == np.uint8
        assert picture.rgb.ndim == 3
    assert {
        "pillow_hopper.jpg",
        "pillow_pil_sample_cmyk.jpg",
        "small_tiff.tif",
        "pillow_avif_hopper.avif",
    } <= pictures
    assert {"pillow_broken.png", "pillow_decompression_bomb.gif", "small_pdf.pdf", "small_svg.svg"} <= set(
        refused
    )
    assert all("Expected" in why or "Save it" in why for why in refused.values())
    assert len(pictures) >= 40


@pytest.fixture(scope="module")
def seeds() -> list[bytes]:
    """Small valid files of each kind, with metadata, to be broken."""
    image = Image.effect_noise((24, 18), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = {"save_all": True, "append_images": [image.rotate(180)]}
    return [
        saved(image, "JPEG", exif=exif, icc_profile=profile), saved(image, "PNG", exif=exif, icc_profile=profile),
        saved(image, "GIF", **more), saved(image, "WEBP", **more), saved(image, "TIFF"), saved(image, "BMP"),
        saved(image, "JPEG2000"), saved(image, "ICO"), saved(image, "AVIF"),
    ]  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.integers(0, 8),
    hits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.floats(0.2, 1),
)
def test_mutated_files_never_raise_anything_else(
    seeds: list[bytes], which: int, hits: list[tuple[float, int]], cut: float
) -> None:
    data = bytearray(seeds[which])
    for place, value in hits:
        data[int(place * len(data))] = value
    try:
        picture = open_picture(bytes(data[: int(cut * len(data))]), Limits(pixels=1_000_000))
    except InputError:
        return
    assert picture.rgb.shape[2] == 3
