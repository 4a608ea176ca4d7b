"""The learned parts find on known photographs what the weights' own records of behaviour say."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from creatorlens.reading.image import ImageReading
from features.vision.brisque import read_technical_quality
from features.vision.faces import read_faces
from features.vision.picture import Picture, picture_of
from features.vision.subject import read_subjects
from features.vision.whole import read_safety
from features.weights.models import Models

Photo = Callable[[str], Picture]
Reading = Callable[[str], ImageReading]


@pytest.mark.parametrize(
    ("name", "scores", "expressions"),
    [
        ("astronaut", [0.94], ["happy"]),
        ("coral_grace_hopper", [0.94], ["neutral"]),
        ("coral_face", [0.94, 0.93, 0.93, 0.92], ["neutral"] * 4),
        ("camera", [0.89], None),
    ],
)
def test_known_faces_are_found(
    name: str, scores: list[float], expressions: list[str] | None, photo: Photo, models: Models
) -> None:
    (found,) = read_faces([photo(name)], models)
    assert found.count == len(scores)
    assert sorted((face.score for face in found.faces), reverse=True) == pytest.approx(scores, abs=0.03)
    if expressions is not None:
        assert [face.expression[0].label for face in found.faces] == expressions
        assert all(
            sum(part.score for part in face.expression) == pytest.approx(1, abs=1e-3) for face in found.faces
        )
    assert [face.size for face in found.faces] == sorted((face.size for face in found.faces), reverse=True)


def test_a_face_is_where_it_is(photo: Photo, models: Models) -> None:
    (found,) = read_faces([photo("astronaut")], models)
    box = found.faces[0].box
    assert box.x < 0.44 < box.x + box.width
    assert box.y < 0.22 < box.y + box.height
    assert 0.02 < found.area_share < 0.08
    # Moved to the right half of a wider picture, the face moves along.
    wide = np.full((512, 1024, 3), 90, np.uint8)
    wide[:, 512:] = photo("astronaut").rgb
    (moved,) = read_faces([picture_of(wide)], models)
    assert moved.faces[0].box.x == pytest.approx(0.5 + box.x / 2, abs=0.01)
    assert moved.faces[0].box.y == pytest.approx(box.y, abs=0.02)


def test_no_face_where_there_is_none(photo: Photo, models: Models) -> None:
    names = ["darknet_person", "coffee", "rocket", "coral_cat_720p"]
    found = read_faces([photo(name) for name in names], models)
    assert [faces.count for faces in found] == [0] * 4
    assert found[0].largest is None
    assert found[0].expression is None


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("darknet_dog", {"dog": [0.86], "bicycle": [0.80], "car": [0.80]}),
        ("darknet_person", {"person": [0.88], "dog": [0.87], "horse": [0.87]}),
        ("coffee", {"cup": [0.90], "dining table": [0.74]}),
        ("coral_cat_720p", {"cat": [0.79]}),
        ("astronaut", {"person": [0.93]}),
        ("moon", {}),
        ("page", {}),
    ],
)
def test_known_objects_are_found(name: str, wanted: dict[str, list[float]], reading: Reading) -> None:
    objects = reading(name).objects
    assert objects is not None
    found: dict[str, list[float]] = {}
    for thing in objects.things:
        found.setdefault(thing.label, []).append(thing.score)
    assert set(found) == set(wanted)
    for label, scores in wanted.items():
        assert found[label] == pytest.approx(scores, abs=0.04)
    assert objects.counts == {label: len(scores) for label, scores in wanted.items()}


def test_the_dog_is_left_below_the_middle(reading: Reading) -> None:
    objects = reading("darknet_dog").objects
    assert objects is not None
    dog = next(thing.box for thing in objects.things if thing.label == "dog")
    assert dog.x == pytest.approx(0.17, abs=0.04)
    assert dog.y == pytest.approx(0.38, abs=0.05)
    assert dog.width == pytest.approx(0.24, abs=0.05)


@pytest.mark.parametrize(
    ("name", "label", "score"),
    [
        ("camera", "tripod", 0.993), ("coffee", "espresso", 0.972), ("coral_parrot", "macaw", 0.997),
        ("coral_cat_720p", "Egyptian cat", 0.947),
    ],
)  # fmt: skip
def test_scenes_are_those_of_the_original_network(
    name: str, label: str, score: float, reading: Reading
) -> None:
    scene = reading(name).scene
    assert scene is not None
    assert scene.classes[0].label == label
    assert scene.classes[0].score == pytest.approx(score, abs=0.02)
    assert len(scene.classes) == 5


def middle_square(picture: Picture) -> Picture:
    side = min(picture.height, picture.width)
    top, left = (picture.height - side) // 2, (picture.width - side) // 2
    return picture_of(picture.rgb[top : top + side, left : left + side])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("coral_cat_720p", {"cat": 0.583}), ("astronaut", {"person": 0.408, "bottle": 0.008}),
        ("darknet_dog", {"bicycle": 0.132, "dog": 0.100, "car": 0.038}), ("coffee", {"diningtable": 0.948}),
    ],
)  # fmt: skip
def test_the_subject_fills_its_share(
    name: str, wanted: dict[str, float], photo: Photo, models: Models
) -> None:
    (subject,) = read_subjects([middle_square(photo(name))], models)
    found = {part.label: part.score for part in subject.classes}
    assert found == pytest.approx(wanted, abs=0.01)
    assert subject.share == pytest.approx(sum(wanted.values()), abs=0.02)
    assert subject.box is not None


def test_the_subject_of_a_wide_picture_is_that_of_the_whole(photo: Photo, models: Models) -> None:
    square, wide = photo("astronaut").rgb, np.full((512, 1024, 3), 120, np.uint8)
    wide[:, 512:] = square
    (whole,) = read_subjects([picture_of(wide)], models)
    (person,) = (part.score for part in whole.classes if part.label == "person")
    assert person == pytest.approx(0.408 / 2, abs=0.05)
    assert whole.box is not None
    assert whole.box.x > 0.4
    (nothing,) = read_subjects([photo("moon")], models)
    assert nothing.classes == ()


PHOTOS = [
    "astronaut", "camera", "chelsea", "coffee", "coral_bird", "coral_face", "coral_parrot", "darknet_dog", "moon",
    "page", "retina", "coral_pets",
]  # fmt: skip


def test_ordinary_photographs_are_harmless(photo: Photo, models: Models, shared_media: Path) -> None:
    found = dict(zip(PHOTOS, read_safety([photo(name) for name in PHOTOS], models), strict=True))
    assert all(safety.classes[0].label == "neutral" for safety in found.values())
    assert found["coral_pets"].suggestive == pytest.approx(0.20, abs=0.03)
    assert all(safety.explicit < 0.1 for safety in found.values())
    assert sum(safety.classes[0].score >= 0.9 for safety in found.values()) == len(PHOTOS) - 1
    # The published figure is of the numbers as stored, without the colour profile that the file carries.
    with Image.open(shared_media / "photos" / "rocket.jpg") as image:
        (rocket,) = read_safety([picture_of(np.asarray(image.convert("RGB")))], models)
    assert {part.label: part.score for part in rocket.classes[:2]} == pytest.approx(
        {"neutral": 0.57, "drawing": 0.43}, abs=0.01
    )


@pytest.mark.parametrize(
    ("name", "original", "noisy", "blurred", "blocky", "dark"),
    [
        ("astronaut", 5.3, 50.1, 70.4, 53.0, 40.1),
        ("darknet_horses", -7.5, 55.1, 68.3, 83.4, 28.2),
        ("chelsea", 4.8, 53.2, 70.9, 74.7, 38.0),
        ("coffee", 4.8, 43.1, 69.4, 79.2, 43.8),
    ],
)
def test_technical_quality_is_that_of_the_published_model(
    name: str,
    original: float,
    noisy: float,
    blurred: float,
    blocky: float,
    dark: float,
    photo: Photo,
    models: Models,
) -> None:
    rgb = photo(name).rgb
    grain = np.random.default_rng(0).normal(0, 25, rgb.shape)
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=8)
    packed = np.asarray(Image.open(file))
    spoilt = [
        (rgb, original, 0.15), (np.clip(rgb + grain, 0, 255).astype(np.uint8), noisy, 2),
        (cv2.GaussianBlur(rgb, (0, 0), 3), blurred, 1), (packed, blocky, 9), ((rgb * 0.15).astype(np.uint8), dark, 2),
    ]  # fmt: skip
    for picture, wanted, tolerance in spoilt:
        assert read_technical_quality(picture_of(picture), models).brisque == pytest.approx(
            wanted, abs=tolerance
        )


def apart(low: float, high: float, gap: float) -> st.SearchStrategy[tuple[float, float]]:
    return st.floats(low, high - gap).flatmap(lambda one: st.tuples(st.just(one), st.floats(one + gap, high)))


def blurred(rgb: np.ndarray, sd: float) -> np.ndarray:
    return cv2.GaussianBlur(rgb, (0, 0), sd)


def darkened(rgb: np.ndarray, amount: float) -> np.ndarray:
    return (rgb * (1 - amount)).astype(np.uint8)


def grained(rgb: np.ndarray, sd: float) -> np.ndarray:
    grain = np.random.default_rng(0).normal(size=rgb.shape)
    return np.clip(rgb + sd * grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "darknet_dog"])
@pytest.mark.parametrize(
    ("spoil", "range_"), [(blurred, (0.4, 3, 0.4)), (darkened, (0.3, 0.95, 0.08)), (grained, (8, 45, 3))]
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_more_a_picture_is_spoilt_the_worse_its_quality(
    name: str, spoil: Callable[..., np.ndarray], range_: tuple[float, float, float], photo: Photo, models: Models,
    data: st.DataObject,
) -> None:  # fmt: skip
    strengths = data.draw(apart(*range_))
    less, more = (
        read_technical_quality(picture_of(spoil(photo(name).rgb, strength)), models).brisque
        for strength in strengths
    )
    assert less < more
    assert read_technical_quality(photo(name), models).brisque < less


def test_statistics_need_some_pixels_and_some_texture(models: Models) -> None:
    tiny = read_technical_quality(picture_of(np.zeros((8, 200, 3), np.uint8)), models)
    assert "too small" in tiny.reason
    flat = read_technical_quality(picture_of(np.full((64, 64, 3), 9, np.uint8)), models)
    assert "no texture" in flat.reason


def test_embeddings_of_like_pictures_are_alike(photo: Photo, reading: Reading, models: Models) -> None:
    from features.vision.whole import read_embeddings

    cat = reading("coral_cat_720p").embedding
    assert cat is not None
    assert np.linalg.norm(cat.vector) == pytest.approx(1, abs=1e-5)
    mirrored, kitten, coffee = read_embeddings(
        [picture_of(photo("coral_cat_720p").rgb[:, ::-1]), photo("chelsea"), photo("coffee")], models
    )
    near, akin, far = (float(np.dot(cat.vector, other.vector)) for other in (mirrored, kitten, coffee))
    assert near > 0.9
    assert near > akin > far
    assert cat.model.startswith("mobilenet_v2_1.0_224@")


def test_a_picture_may_be_of_any_shape(models: Models) -> None:
    from features.vision.reading import read_image

    for size in ((1, 1), (1280, 3), (5, 900)):
        found = read_image(picture_of(np.asarray(Image.new("RGB", size, "teal"))), models)
        assert set(found.absent) <= {"aesthetic", "technical_quality"}, found.absent
