"""Markup of pictures and lists: positions, moments to play from, and nothing that a file's text could smuggle in."""

from __future__ import annotations

import base64
from io import BytesIO

from PIL import Image

from creatorlens.reading.base import Box
from dashboard import content_html, content_style, hook_shapes, picture_html, previews, video_shapes
from dashboard import picture_shapes as shapes
from dashboard.findings import Finding
from dashboard.palette import DARK, LIGHT

EVIL = '"><script>alert(1)</script>'


def opened(address: str) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(address.partition(",")[2])))


def test_boxes_lie_at_their_share_of_the_picture(make):
    marks = shapes.marks(make.picture(), ("face",))
    html = picture_html.picture("data:x", "a picture", picture_html.Overlay(marks))
    assert "left:35.00%;top:15.00%;width:25.00%;height:45.00%" in html
    assert "<b>happy face</b>" in html


def test_no_text_of_a_file_becomes_markup(make):
    mark = shapes.Mark("lettering", Box(x=0, y=0, width=1, height=1), EVIL, EVIL)
    shot = picture_html.Shot("data:x", 1.0, EVIL, (mark,), (EVIL,), EVIL)
    line = make.recording().transcript.segments[0].model_copy(update={"text": EVIL})
    row = hook_shapes.Row(EVIL, ((EVIL, True),))
    for html in (
        picture_html.picture("data:x", EVIL, picture_html.Overlay((mark,))),
        picture_html.cards([shot], EVIL),
        picture_html.strip([shot], EVIL),
        picture_html.findings([Finding("look", EVIL, EVIL)]),
        picture_html.chips([(EVIL, EVIL)], EVIL),
        picture_html.in_a_list("data:x", EVIL, EVIL, vertical=False),
        content_html.transcript([line]),
        content_html.hook_table([EVIL], [row]),
        content_html.legend([("#fff", EVIL)]),
    ):
        assert "<script" not in html


def test_frames_and_lines_lead_to_their_moment(make):
    strip = picture_html.strip(video_shapes.shots(make.clip()), "frames")
    assert strip.count("data-seek") == 5
    assert 'data-seek="2.300"' in strip
    lines = content_html.transcript(make.recording().transcript.segments)
    assert 'data-seek="0.300" data-until="5.000"' in lines
    assert "&lt;your&gt;" in lines
    assert lines.count("not sure") == 1


def test_a_picture_is_shown_upright_on_white_and_small(make):
    big = Image.new("RGBA", (3000, 1500), (255, 0, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = BytesIO()
    big.save(out, "PNG", exif=exif)
    shown = opened(previews.of_picture(out.getvalue()))
    assert shown.size == (640, 1280)
    assert min(shown.getpixel((300, 300))) > 250


def test_what_cannot_be_decoded_has_no_preview():
    assert previews.of_picture(b"not a picture") is None


def test_heat_is_clear_where_nothing_draws_the_eye():
    heat = opened(previews.heat([[0.0, 1.0], [0.5, 0.0]]))
    assert heat.size == (2, 2)
    assert [heat.getpixel((x, y))[3] for y in (0, 1) for x in (0, 1)] == [0, 225, 121, 0]


def test_the_style_takes_the_colours_of_the_theme():
    assert f"--cl-ink:{DARK.ink}" in content_style.style(DARK)
    assert content_style.style(DARK) != content_style.style(LIGHT)
