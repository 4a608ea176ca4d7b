"""A mark is put on a copy; the original stays as it is, and the picture is still recognised as the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from creatorlens.errors import InputError
from features.media.identity import NEAR_PICTURE, distance, image_hash
from features.media.watermark import Corner, Mark, watermark


def changed(before: Path, after: Path) -> np.ndarray:
    """Which pixels differ clearly."""
    one, other = (np.asarray(Image.open(path).convert("RGB")).astype(int) for path in (before, after))
    return np.abs(one - other).max(axis=2) > 40


@pytest.mark.parametrize("corner", ["top left", "top right", "bottom left", "bottom right"])
def test_words_stand_in_their_corner(corner: Corner, shared_media: Path, tmp_path: Path) -> None:
    photo = shared_media / "photos" / "astronaut.png"
    before = photo.read_bytes()
    out = watermark(photo, tmp_path / "out.png", Mark(words="@me", corner=corner))
    where = np.argwhere(changed(photo, out)) / np.array(Image.open(photo).size[::-1])
    assert len(where) > 100
    assert (where[:, 0].mean() < 0.5) == corner.startswith("top")
    assert (where[:, 1].mean() < 0.5) == corner.endswith("left")
    assert photo.read_bytes() == before


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_it_is_still_the_same_picture(suffix: str, shared_media: Path, tmp_path: Path) -> None:
    photo = shared_media / "photos" / "coffee.png"
    out = watermark(photo, tmp_path / f"out.{suffix}", Mark(words="@my channel"))
    with Image.open(out) as made:
        assert made.size == Image.open(photo).size
        after = image_hash(np.asarray(made.convert("RGB")))
    before = image_hash(np.asarray(Image.open(photo).convert("RGB")))
    assert before is not None
    assert after is not None
    assert distance(before, after) <= NEAR_PICTURE


def test_a_logo_keeps_its_transparency(shared_media: Path, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.fromarray(
        np.dstack([np.full((40, 40, 3), (255, 0, 0), np.uint8), np.tri(40, dtype=np.uint8) * 255])
    ).save(logo)
    photo = shared_media / "photos" / "camera.png"
    out = watermark(photo, tmp_path / "out.png", Mark(logo=logo, size=0.2, opacity=1.0, corner="centre"))
    pixels = np.asarray(Image.open(out).convert("RGB")).astype(int)
    red = (pixels[:, :, 0] > 200) & (pixels[:, :, 1] < 60)
    assert 0.005 < red.mean() < 0.03  # half of a square of a fifth of the height


def test_a_turned_photo_is_marked_upright(shared_media: Path, tmp_path: Path) -> None:
    photo = shared_media / "odd-images" / "pillow_hopper_orientation_6.jpg"
    out = watermark(photo, tmp_path / "out.jpg", Mark(words="@me"))
    assert Image.open(out).size == Image.open(photo).size[::-1]


def test_bad_wishes_are_told(shared_media: Path, tmp_path: Path) -> None:
    photo = shared_media / "photos" / "coffee.png"
    for wrong in ({}, {"words": "x", "logo": photo}, {"words": "x", "size": 0.0}, {"words": "x" * 300}):
        with pytest.raises(InputError):
            Mark(**wrong)
    copy = tmp_path / "copy.png"
    copy.write_bytes(photo.read_bytes())
    with pytest.raises(InputError, match="not written over"):
        watermark(copy, copy, Mark(words="x"))
    with pytest.raises(InputError, match=r"\.jpg, \.png or \.webp"):
        watermark(photo, tmp_path / "out.gif", Mark(words="x"))
    with pytest.raises(InputError, match="not a picture"):
        watermark(shared_media / "speech" / "jfk.flac", tmp_path / "out.png", Mark(words="x"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.png"]
