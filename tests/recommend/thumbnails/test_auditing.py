"""What is wrong with a picture, in measured words; checks that refuse; which pictures are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from creatorlens.advice.thumbnails import Checks, Made, Marks, Picture
from creatorlens.reading.image import ImageReading
from features.vision.picture import open_picture, picture_of
from recommend.thumbnails.auditing import Beside, fixes, marked
from recommend.thumbnails.checking import Rendered, checked, failed
from recommend.thumbnails.choosing import chosen
from recommend.thumbnails.making import encoded
from recommend.thumbnails.reframing import Framed, reframed
from recommend.thumbnails.shapes import SQUARE, WIDE
from tests.recommend.thumbnails.conftest import drawn, face, line, reading_of


def said(reading: ImageReading, beside: Beside = Beside()) -> dict[str, str]:
    return {fix.what: fix.words for fix in fixes(reading, beside)}


def test_each_flaw_is_named_with_its_measure() -> None:
    tiny = line("small print", 0.1, 0.1, 0.3, 0.1, phone_px=6.0, legibility=0.0)
    faint = line("faint", 0.1, 0.5, 0.3, 0.1, contrast=2.0, legibility=0.3)
    found = said(
        reading_of(picture_of(drawn(640, 640) // 8), [face(0.4, 0.4, 0.05, 0.05)], [tiny, faint]),
        Beside(WIDE),
    )
    assert found["text size"] == "text covers 3 % and cannot be read at 168 px: its lines are 6 px high there"
    assert found["text contrast"] == "low contrast between text and ground 2.0:1 (“faint”)"
    assert found["face size"] == "the largest face is 5 % of the height"
    assert found["dark"].startswith("dark: mean luma ")
    assert found["shape"] == "aspect 1:1, platform shows 16:9: 44 % will be cut or left empty"


def test_a_picture_without_detectors_is_judged_by_the_rest() -> None:
    reading = reading_of(picture_of(drawn(640, 360))).model_copy(update={"faces": None, "words": None})
    marks = marked(reading)
    assert marks is not None
    assert (marks.face, marks.legible) == (None, None)
    assert 0 <= marks.score <= 1
    assert "face size" not in said(reading)


def test_what_cannot_be_seen_is_not_saved_by_what_else_it_has() -> None:
    plain = marked(reading_of(picture_of(drawn(640, 360)), [face(0.3, 0.2, 0.3, 0.5)]))
    black = marked(reading_of(picture_of(drawn(640, 360) // 40), [face(0.3, 0.2, 0.3, 0.5)]))
    assert plain is not None
    assert black is not None
    assert black.score < plain.score


@pytest.fixture
def cut(make_seen: Callable[..., Any]) -> Callable[..., tuple[Any, Checks]]:
    """A picture cut to a square and looked at again, where `found` is what the detectors then see."""

    def check(found: Callable[[Framed], ImageReading], **told: Any) -> tuple[Any, Checks]:
        seen = make_seen(640, 480, **told)
        framed = reframed(seen, SQUARE)
        assert isinstance(framed, Framed)
        picture = open_picture(encoded(framed.rgb), _limits())
        rendered = Rendered(picture, found(framed), framed)
        return seen, checked(seen, rendered, SQUARE, lambda _: None)

    return check


def _limits() -> Any:
    from features.media.limits import USUAL

    return USUAL


def test_a_face_that_is_not_found_again_refuses_the_picture(cut: Callable[..., Any]) -> None:
    one = face(0.4, 0.3, 0.2, 0.3)
    _, checks = cut(lambda _: reading_of(picture_of(drawn(640, 640))), faces=[one])
    assert checks.valid
    assert checks.aspect
    assert checks.faces_whole is False
    assert failed(checks) == "a face was not found whole again after rendering"


def test_a_line_must_be_read_again_where_it_should_be(cut: Callable[..., Any]) -> None:
    def again(text: str) -> Callable[[Framed], ImageReading]:
        # 640 x 480 cut to its middle square
        return lambda _: reading_of(picture_of(drawn(640, 640)), lines=[line(text, 0.2, 0.4, 0.6, 0.2)])

    told = {"lines": [line("garden", 0.3, 0.4, 0.4, 0.2)]}
    assert cut(again("garden"), **told)[1].text_whole is True
    assert cut(again("something else"), **told)[1].text_whole is False


def test_without_a_detector_it_says_what_was_not_checked(cut: Callable[..., Any]) -> None:
    why = {"faces": "no weights"}
    bare = reading_of(picture_of(drawn(640, 640))).model_copy(update={"faces": None, "absent": why})
    _, checks = cut(lambda _: bare)
    assert checks.faces_whole is None
    assert checks.unchecked == {"faces_whole": "no weights"}
    assert failed(checks) is None


def made(recipe: str, score: float, aspect: str = "16:9", *, steps: str = "cut to 16:9") -> Made:
    plain = dict.fromkeys(("sharp", "lit", "contrast", "lively", "placed", "stands_out"), 0.5)
    nothing = dict.fromkeys(("face", "legible", "quality", "aesthetic", "channel"))
    return Made.model_validate(
        {
            "source": "a" * 64, "at_s": None, "recipe": recipe, "steps": [steps], "text": None, "width": 1280,
            "height": 720, "aspect": aspect, "fixes": [], "seconds": 0.1, "checking_seconds": 0.1,
            "marks": {"score": score, **plain, **nothing},
            "checks": {
                "valid": True, "aspect": True, "faces_whole": True, "text_whole": True, "own_text_read": None,
            },
        }
    )  # fmt: skip


def test_few_and_different_pictures_are_shown_and_none_that_is_there_already() -> None:
    marks: Marks = made("crop", 0.7).marks
    current = Picture(source="a" * 64, at_s=None, width=1280, height=720, marks=marks, fixes=())
    all_made = [
        made("crop", 0.7, steps="kept whole in 16:9"), made("tone", 0.8), made("tone", 0.79), made("text", 0.7),
        made("emphasis", 0.5), made("crop", 0.6, "1:1", steps="cut to 1:1"),
    ]  # fmt: skip
    left_out: Counter[str] = Counter()
    found = chosen(all_made, current, (WIDE, SQUARE), 3, left_out)
    assert [(one.recipe, one.aspect) for one in found] == [
        ("tone", "16:9"),
        ("crop", "1:1"),
        ("text", "16:9"),
    ]
    assert left_out == {
        "it is what is shown already": 1,
        "measured to be worse than what is shown": 1,
        "others measure better": 1,
    }
