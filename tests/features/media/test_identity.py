"""The same picture at another size, quality or with a mark is found again; another picture is not."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from creatorlens.reading.files import FrameHash
from features.media.identity import (
    NEAR_PICTURE,
    SAME_PICTURE,
    Pictures,
    Videos,
    distance,
    hex_of,
    image_hash,
    picture_hash,
)

Change = Callable[[Image.Image], Image.Image]


@pytest.fixture(scope="session")
def photos(shared_media: Path) -> dict[str, Image.Image]:
    return {
        path.name: Image.open(path).convert("RGB") for path in sorted((shared_media / "photos").iterdir())
    }


@pytest.fixture(scope="session")
def hashes(photos: dict[str, Image.Image]) -> dict[str, str]:
    return {name: of(photo) for name, photo in photos.items()}


def of(photo: Image.Image) -> str:
    found = image_hash(np.asarray(photo))
    assert found is not None
    return found


def jpeg(quality: int) -> Change:
    def change(photo: Image.Image) -> Image.Image:
        out = io.BytesIO()
        photo.save(out, "JPEG", quality=quality)
        return Image.open(out).convert("RGB")

    return change


def cropped(share: float) -> Change:
    def change(photo: Image.Image) -> Image.Image:
        x, y = round(photo.width * share / 2), round(photo.height * share / 2)
        return photo.crop((x, y, photo.width - x, photo.height - y))

    return change


def marked(photo: Image.Image) -> Image.Image:
    photo = photo.copy()
    font = ImageFont.load_default(size=photo.height * 0.05)
    ImageDraw.Draw(photo).text((photo.width * 0.05, photo.height * 0.85), "@my channel", "white", font, stroke_width=2, stroke_fill="black")  # fmt: skip
    return photo


def scaled(by: float) -> Change:
    return lambda photo: photo.resize(
        (round(photo.width * by), round(photo.height * by)), Image.Resampling.BICUBIC
    )


SAME: dict[str, Change] = {
    "half size": scaled(0.5), "1.7 times": scaled(1.7), "JPEG 90": jpeg(90), "JPEG 30": jpeg(30), "JPEG 10": jpeg(10),
    "darker": lambda p: ImageEnhance.Brightness(p).enhance(0.6),
    "contrast": lambda p: ImageEnhance.Contrast(p).enhance(1.4), "grey": lambda p: p.convert("L").convert("RGB"),
}  # fmt: skip
NEAR: dict[str, Change] = {"2 % cropped": cropped(0.02), "4 % cropped": cropped(0.04), "words on it": marked, "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.3)}  # fmt: skip


@pytest.mark.parametrize("what", SAME)
def test_the_same_picture_changed_is_the_same(
    what: str, photos: dict[str, Image.Image], hashes: dict[str, str]
) -> None:
    for name, photo in photos.items():
        assert distance(hashes[name], of(SAME[what](photo))) <= SAME_PICTURE, name


@pytest.mark.parametrize("what", NEAR)
def test_nearly_all_of_the_more_changed_are_found(
    what: str, photos: dict[str, Image.Image], hashes: dict[str, str]
) -> None:
    found = [distance(hashes[name], of(NEAR[what](photo))) <= NEAR_PICTURE for name, photo in photos.items()]
    assert np.mean(found) >= 0.95


def test_different_photos_are_never_near(hashes: dict[str, str]) -> None:
    for one, other in itertools.combinations(hashes, 2):
        assert distance(hashes[one], hashes[other]) > NEAR_PICTURE + 4, (one, other)


def test_the_same_room_blurred_and_blocky_is_the_same(shared_media: Path) -> None:
    folder = shared_media / "nima-reference"
    clean, blurred, blocky = (of(Image.open(folder / name).convert("RGB")) for name in ("technical1.jpg", "techncial2.jpg", "techncial3.jpg"))  # fmt: skip
    assert distance(clean, blurred) <= SAME_PICTURE
    assert distance(clean, blocky) <= SAME_PICTURE


def test_it_agrees_with_imagehash(photos: dict[str, Image.Image]) -> None:
    """Both average and transform; how they average differs by a bit or two."""
    for name, photo in photos.items():
        theirs = int(str(imagehash.phash(photo)), 16)
        ours = picture_hash(np.asarray(photo))
        assert ours is not None
        assert (ours ^ theirs).bit_count() <= 4, name


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_plain_colour_has_no_hash(level: int) -> None:
    assert picture_hash(np.full((200, 300, 3), level, np.uint8)) is None
    assert picture_hash(np.full((1, 1, 3), level, np.uint8)) is None


def test_the_near_ones_come_in_order(hashes: dict[str, str]) -> None:
    base = int(hashes["coffee.png"], 16)
    known = [
        ("far", hex_of(base ^ 0xFFFF)),
        ("near", hex_of(base ^ 0x3FF)),
        ("same", hex_of(base)),
        ("close", hex_of(base ^ 0b111)),
    ]
    found = Pictures.of(known).near(hex_of(base))
    assert [(one.id, one.same) for one in found] == [("same", True), ("close", True), ("near", False)]
    assert [one.similarity for one in found] == [1.0, 1 - 3 / 64, 1 - 10 / 64]
    assert Pictures.of([]).near(hex_of(base)) == ()


def test_among_a_hundred_thousand_only_its_own_is_found(hashes: dict[str, str]) -> None:
    numbers = np.random.default_rng(0).integers(0, 2**64, 100_000, dtype=np.uint64)
    known = Pictures.of(
        [(str(at), hex_of(int(number))) for at, number in enumerate(numbers)] + list(hashes.items())
    )
    for name, hash_ in hashes.items():
        assert [one.id for one in known.near(hash_)] == [name]


# --- videos: the frames they show ---


def frames_of(path: Path, every_s: float, change: Change | None = None) -> tuple[FrameHash, ...]:
    import av

    out = []
    with av.open(str(path)) as container:
        due = 0.0
        for frame in container.decode(video=0):
            if frame.time < due:
                continue
            due += every_s
            picture = frame.to_image()
            found = image_hash(np.asarray(picture if change is None else change(picture)))
            if found is not None:
                out.append(FrameHash(at_s=frame.time, hash=found))
    return tuple(out)


@pytest.fixture(scope="session")
def clips(shared_media: Path) -> dict[str, tuple[FrameHash, ...]]:
    names = ("composed/known_answers.mp4", "video/chaplin.mp4", "video/big_buck_bunny_432_433.webm", "video/fire2.mp4", "video/moviepy_example.mp4")  # fmt: skip
    return {name: frames_of(shared_media / name, 0.5) for name in names}


def test_the_same_video_in_another_container_and_sampling_is_the_same(
    clips: dict[str, tuple[FrameHash, ...]], shared_media: Path
) -> None:
    known = Videos.of(list(clips.items()))
    other = frames_of(shared_media / "composed" / "known_answers.webm", 0.7, scaled(0.5))
    found = known.near(other)
    assert [(one.id, one.same, one.what) for one in found] == [("composed/known_answers.mp4", True, "video")]
    assert found[0].similarity > 0.95


def test_a_part_of_a_video_is_near(clips: dict[str, tuple[FrameHash, ...]]) -> None:
    whole = clips["composed/known_answers.mp4"]
    part = tuple(frame for frame in whole if frame.at_s < 4)
    found = Videos.of(list(clips.items())).near(part)
    assert [(one.id, one.same) for one in found] == [("composed/known_answers.mp4", False)]


def test_each_video_is_near_itself_alone(clips: dict[str, tuple[FrameHash, ...]]) -> None:
    known = Videos.of(list(clips.items()))
    for name, frames in clips.items():
        if len(frames) >= 3:
            assert [one.id for one in known.near(frames)] == [name]
    assert known.near(()) == ()
    assert Videos.of([]).near(clips["video/chaplin.mp4"]) == ()
