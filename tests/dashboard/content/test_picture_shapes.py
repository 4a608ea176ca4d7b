"""What a picture's reading becomes on the page: boxes, sentences, scales."""

from __future__ import annotations

import pytest

from creatorlens.reading.image import Aesthetic, ImageReading, TechnicalQuality
from dashboard import picture_shapes as shapes
from dashboard import scales


def test_boxes_are_drawn_for_faces_text_and_objects_that_the_detector_is_sure_of(make):
    marks = shapes.marks(make.picture(), ("face", "thing", "lettering"))
    assert [(mark.kind, mark.label) for mark in marks] == [
        ("thing", "person"),
        ("face", "happy face"),
        ("lettering", ""),
    ]
    assert "NEVER RISES" in marks[2].title
    assert not any("cup" in mark.title for mark in marks), "less likely than not"


def test_only_layers_that_show_something_are_offered(make):
    assert shapes.layers(make.picture(words=make.words())) == ("face", "thing")
    assert shapes.layers(ImageReading()) == ()


def test_an_expression_that_is_a_guess_is_not_named(make):
    unsure = make.face()
    unsure = unsure.model_copy(
        update={"expression": (unsure.expression[0].model_copy(update={"score": 0.3}),)}
    )
    faces = make.picture().faces.model_copy(update={"faces": (unsure,)})
    assert shapes.marks(make.picture(faces=faces), ("face",))[0].label == "face"


def test_what_it_shows_is_a_sentence(make):
    said = shapes.what_it_shows(make.picture())
    assert said.startswith("One happy face (11\u00a0% of the picture) and one person.")
    assert "As a whole it looks like: bakery (80\u00a0%)." in said
    assert "One line of text on 10\u00a0% of it." in said


def test_nothing_is_said_of_what_nobody_looked_for():
    assert shapes.what_it_shows(ImageReading()) == ""
    assert shapes.findings(ImageReading()) == ()
    assert shapes.look_scales(ImageReading()) == ()
    assert shapes.where_the_eye_goes(ImageReading()) == ""


def test_text_too_small_for_a_phone_is_named_with_its_size_and_what_would_do(make):
    small = make.region("read the small print", px=6.0, contrast=2.0, legibility=0.0)
    found = shapes.findings(make.picture(words=make.words(small)))
    assert found[0].tone == "look"
    assert "“read the small print” is 6 pixels high" in found[0].because
    assert "2.0:1" in found[0].because


def test_readable_text_is_in_order(make):
    found = shapes.findings(make.picture())
    assert found[0].tone == "good"
    assert "14 pixels" in found[0].because


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"blur": 0.7, "sharpness": 40.0}, "The picture is soft"),
        ({"brightness": 0.1}, "The picture is dark"),
        ({"dark_share": 0.6}, "Much of it is black"),
        ({"bright_share": 0.5}, "Much of it is white"),
        ({"contrast": 0.05}, "Little contrast"),
        ({"noise": 18.0}, "The picture is grainy"),
    ],
)
def test_a_fault_of_light_is_named(make, changed, says):
    found = [one for one in shapes.findings(make.picture(look=make.look(**changed))) if one.tone == "look"]
    assert [one.says for one in found] == [says]


def test_technical_quality_speaks_at_the_ends_of_its_scale(make):
    def said(brisque: float) -> list[str]:
        quality = TechnicalQuality(brisque=brisque, model="brisque@1")
        return [
            f.tone for f in shapes.findings(make.picture(technical_quality=quality)) if "Technical" in f.says
        ]

    assert (said(10), said(40), said(80)) == (["good"], [], ["look"])


def test_scales_stay_between_their_ends(make):
    wild = make.look(colourfulness=300.0, warmth=-1.0, noise=90.0)
    frame = scales.frame(shapes.look_scales(make.picture(look=wild)))
    assert frame["position"].between(0, 1).all()
    assert dict(zip(frame["name"], frame["words"], strict=True))["Colour"] == "extremely colourful"


def test_colourfulness_uses_the_words_of_its_study():
    assert [shapes.colourful(m) for m in (0, 20, 40, 70, 100)] == [
        "no colour", "slightly colourful", "moderately colourful", "quite colourful", "highly colourful",
    ]  # fmt: skip


def test_the_eye_is_placed(make):
    assert shapes.where_the_eye_goes(make.picture()).startswith(
        "The eye gathers around the middle: four fifths"
    )


def test_ratings_are_a_panel_of_ten_or_nothing(make):
    assert shapes.ratings_frame(make.picture()).empty
    rated = Aesthetic(
        mean=6.0, deviation=1.0, ratings=(0.0, 0, 0, 0.1, 0.2, 0.4, 0.2, 0.1, 0, 0), model="nima@1"
    )
    assert list(shapes.ratings_frame(make.picture(aesthetic=rated))["rating"]) == [
        str(i) for i in range(1, 11)
    ]


def test_lines_of_text_keep_their_order_and_the_smallest_are_left_out(make):
    lines = [make.region(f"line {i}") for i in range(7)]
    tiny = lines[3].model_copy(update={"box": lines[3].box.model_copy(update={"width": 0.01})})
    read = make.words(*lines[:3], tiny, *lines[4:])
    kept = list(shapes.lines_frame(read, shown=6)["line"])
    assert kept == [f"“line {i}”" for i in (0, 1, 2, 4, 5, 6)]
