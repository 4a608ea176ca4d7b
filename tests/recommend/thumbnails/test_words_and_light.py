"""Words set where nothing important is; light mended within limits; a subject lifted from its ground."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommend.thumbnails.emphasis import emphasised
from recommend.thumbnails.fonts import Typeface, typeface
from recommend.thumbnails.lettering import Set, lettered
from recommend.thumbnails.reframing import Framed, reframed
from recommend.thumbnails.seen import SEGMENTATION, overlap
from recommend.thumbnails.shapes import TALL, WIDE
from recommend.thumbnails.toning import needs, toned
from recommend.thumbnails.wording import FEW_LETTERS, MOST_LETTERS, words_for_picture
from tests.recommend.thumbnails.conftest import drawn, face, line, reading_of

FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(
    x=st.floats(0, 0.7), y=st.floats(0, 0.6), size=st.floats(0.1, 0.3), shape=st.sampled_from((WIDE, TALL))
)
def test_words_touch_no_face_and_nothing_that_the_platform_lays_over(
    make_seen: Callable[..., Any], x: float, y: float, size: float, shape: Any
) -> None:
    seen = make_seen(800, 600, faces=[face(x, y, size, size)])
    framed = reframed(seen, shape)
    assert isinstance(framed, Framed)
    found = lettered(seen, framed, framed.rgb, "tiny rocket", shape)
    if isinstance(found, str):
        assert found.startswith("there is no room")
        return
    tall, wide = framed.rgb.shape[:2]
    assert overlap(found.edges, framed.place(seen.faces[0])) == 0
    for left, top, right, bottom in shape.badge:
        assert overlap(found.edges, (left * wide, top * tall, right * wide, bottom * tall)) == 0
    changed = np.flatnonzero((found.rgb != framed.rgb).any(axis=(1, 2)))
    assert found.edges[1] - 2 <= changed[0]
    assert changed[-1] <= found.edges[3] + 2


def test_words_grow_as_far_as_there_is_room(make_seen: Callable[..., Any]) -> None:
    seen = make_seen(1280, 720)
    framed = reframed(seen, WIDE)
    assert isinstance(framed, Framed)
    short, long = (lettered(seen, framed, framed.rgb, words, WIDE) for words in ("go", "a rather long line"))
    assert isinstance(short, Set)
    assert isinstance(long, Set)
    assert short.phone_px >= long.phone_px


def test_a_letter_that_no_typeface_has_is_a_reason_and_no_box(make_seen: Callable[..., Any]) -> None:
    assert isinstance(typeface("Garden"), Typeface)
    seen = make_seen(640, 360)
    framed = reframed(seen, WIDE)
    assert isinstance(framed, Framed)
    why = lettered(seen, framed, framed.rgb, "\U00013000\U00013001", WIDE)  # hieroglyphs
    assert isinstance(why, str)
    assert "no free typeface" in why


@given(st.text(max_size=80))
def test_words_are_the_creators_own_in_their_order_and_few(title: str) -> None:
    for words, most in zip(words_for_picture(title), (MOST_LETTERS, FEW_LETTERS), strict=False):
        assert 0 < len(words) <= most
        each = title.split()
        for word in words.split():
            assert any(word in one for one in each)


def test_the_part_that_says_most_is_taken() -> None:
    assert words_for_picture("How I built a tiny rocket in my garden")[0] == "tiny rocket in my garden"
    assert words_for_picture("Gear talk | Why 90% of cameras fail")[0] == "Why 90% of cameras fail"
    assert words_for_picture("of the and") == ()
    assert words_for_picture("!!!") == ()


@FEW
@given(low=st.integers(0, 60), span=st.integers(40, 190), seed=st.integers(0, 5))
def test_light_is_mended_towards_the_middle_and_never_turned_round(low: int, span: int, seed: int) -> None:
    rgb = (low + drawn(160, 90, seed).astype(float) / 255 * span).clip(0, 255).astype(np.uint8)
    from features.vision.picture import picture_of

    look = reading_of(picture_of(rgb)).look
    assert look is not None
    steps = needs(look)
    mended = toned(rgb, steps)
    if not steps:
        assert mended is rgb
        return
    again = reading_of(picture_of(mended)).look
    assert again is not None
    assert abs(again.brightness - 0.5) <= abs(look.brightness - 0.5) + 0.02
    luma = rgb.astype(float) @ [0.299, 0.587, 0.114]
    assert np.corrcoef(luma.ravel(), (mended.astype(float) @ [0.299, 0.587, 0.114]).ravel())[0, 1] > 0.9


def test_the_subject_stays_as_it_is_and_its_ground_gets_darker(make_seen: Callable[..., Any]) -> None:
    mask = np.zeros((360, 640), np.float32)
    mask[80:340, 240:400] = 1
    seen = make_seen(640, 360, mask=mask, mask_by=SEGMENTATION, lines=[line("sign", 0.02, 0.05, 0.2, 0.1)])
    framed = reframed(seen, WIDE)
    assert isinstance(framed, Framed)
    lifted = emphasised(seen, framed, framed.rgb)
    assert not isinstance(lifted, str)
    inside, sign = framed.carry(mask) > 0.99, [round(v) for v in framed.place(seen.lines[0][1])]
    assert np.abs(lifted[inside].astype(int) - framed.rgb[inside]).max() <= 1
    left, top, right, bottom = sign
    there = np.s_[top:bottom, left:right]
    assert np.abs(lifted[there].astype(int) - framed.rgb[there]).max() <= 1
    corner = np.s_[-60:, :60]
    assert lifted[corner].mean() < 0.8 * framed.rgb[corner].mean()


@pytest.mark.parametrize("share", [0.01, 0.95])
def test_a_subject_that_fills_nothing_or_everything_is_not_lifted(
    make_seen: Callable[..., Any], share: float
) -> None:
    mask = np.zeros((360, 640), np.float32)
    mask[: round(360 * share)] = 1
    seen = make_seen(640, 360, mask=mask)
    framed = reframed(seen, WIDE)
    assert isinstance(framed, Framed)
    assert isinstance(emphasised(seen, framed, framed.rgb), str)
