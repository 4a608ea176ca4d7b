"""A picture in another shape: exact, and with every face and word in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creatorlens.platforms import MediaType, Platform
from recommend.thumbnails.reframing import MOST_ENLARGED, Framed, closer, cut_share, reframed
from recommend.thumbnails.seen import SEGMENTATION
from recommend.thumbnails.shapes import NAMES, PORTRAIT, SQUARE, TALL, WIDE, shapes_of
from tests.recommend.thumbnails.conftest import face, line

SHAPES = (WIDE, TALL, PORTRAIT, SQUARE)
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def places(draw: Any) -> tuple[float, float, float, float]:
    width, height = draw(st.floats(0.05, 0.5)), draw(st.floats(0.05, 0.5))
    return draw(st.floats(0, 1 - width)), draw(st.floats(0, 1 - height)), width, height


@FEW
@given(
    size=st.tuples(st.integers(240, 700), st.integers(240, 700)),
    faces=st.lists(places(), max_size=3),
    texts=st.lists(places(), max_size=2),
    shape=st.sampled_from(SHAPES),
)
def test_every_face_and_line_is_whole_in_every_shape(
    make_seen: Callable[..., Any], size: Any, faces: Any, texts: Any, shape: Any
) -> None:
    seen = make_seen(*size, faces=[face(*one) for one in faces], lines=[line("words", *one) for one in texts])
    framed = reframed(seen, shape)
    assert isinstance(framed, Framed)
    tall, wide = framed.rgb.shape[:2]
    assert wide * shape.down == tall * shape.across
    assert framed.scale <= MOST_ENLARGED + 0.01
    for left, top, right, bottom in map(framed.place, [*seen.faces, *(edges for _, edges in seen.lines)]):
        assert left >= -1
        assert top >= -1
        assert right <= wide + 1
        assert bottom <= tall + 1


@FEW
@given(one=places(), shape=st.sampled_from(SHAPES))
def test_coming_closer_enlarges_the_face_and_keeps_it_whole(
    make_seen: Callable[..., Any], one: Any, shape: Any
) -> None:
    seen = make_seen(900, 640, faces=[face(*one)])
    near = closer(seen, shape)
    if isinstance(near, str):
        return
    whole = reframed(seen, shape)
    assert isinstance(whole, Framed)
    (left, top, right, bottom), before = near.place(seen.faces[0]), whole.place(seen.faces[0])
    assert (bottom - top) / near.rgb.shape[0] > (before[3] - before[1]) / whole.rgb.shape[0]
    assert min(left, top) >= -1
    assert right <= near.rgb.shape[1] + 1
    assert bottom <= near.rgb.shape[0] + 1


def test_what_no_cut_keeps_is_shown_whole_before_a_blurred_ground(make_seen: Callable[..., Any]) -> None:
    seen = make_seen(900, 400, faces=[face(0.02, 0.3, 0.1, 0.3), face(0.88, 0.3, 0.1, 0.3)])
    framed = reframed(seen, TALL)
    assert isinstance(framed, Framed)
    assert framed.cut == 0
    assert "blurred ground" in framed.words
    # the picture itself stands in the middle, unchanged but for its size
    assert framed.across == 0
    assert framed.down > 0


def test_a_cut_goes_where_the_subject_is(make_seen: Callable[..., Any]) -> None:
    mask = np.zeros((360, 900), np.float32)
    mask[60:340, 700:860] = 1
    seen = make_seen(900, 360, mask=mask, mask_by=SEGMENTATION)
    framed = reframed(seen, SQUARE)
    assert isinstance(framed, Framed)
    left, _, right, _ = framed.place(seen.subject)
    assert left >= 0
    assert right <= framed.rgb.shape[1]
    assert framed.carry(mask).mean() > mask.mean()


def test_a_picture_that_is_too_small_is_refused_with_a_reason(make_seen: Callable[..., Any]) -> None:
    assert reframed(make_seen(60, 60), WIDE) == "the picture is too small for this shape"


@pytest.mark.parametrize(
    ("platform", "media", "duration", "aspect", "names"),
    [
        (Platform.YOUTUBE, MediaType.VIDEO, 600, 16 / 9, ["16:9"]),
        (Platform.YOUTUBE, MediaType.VIDEO, 45, 9 / 16, ["9:16"]),
        (Platform.YOUTUBE, MediaType.VIDEO, 45, 16 / 9, ["16:9"]),
        (Platform.TIKTOK, MediaType.VIDEO, 20, None, ["9:16"]),
        (Platform.INSTAGRAM, MediaType.IMAGE, None, None, ["4:5", "1:1"]),
        (Platform.INSTAGRAM, MediaType.VIDEO, 30, 9 / 16, ["9:16", "4:5"]),
        (Platform.X, MediaType.IMAGE, None, None, ["16:9", "1:1"]),
    ],
)
def test_each_platform_has_its_shapes(
    platform: Platform, media: MediaType, duration: float | None, aspect: float | None, names: list[str]
) -> None:
    found = [shape.name for shape in shapes_of(platform, media, duration, aspect)]
    assert found == names
    assert set(found) <= set(NAMES)


def test_the_share_that_a_shape_cuts() -> None:
    assert cut_share(1.0, 16 / 9) == pytest.approx(0.4375)
    assert cut_share(16 / 9, 16 / 9) == 0
