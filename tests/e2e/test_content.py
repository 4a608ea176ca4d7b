"""The content page as a creator meets it: a real browser, the real service, a real clip with known answers."""

from __future__ import annotations

import re


def hand_in(page, *files, title: str = "") -> None:
    page.locator("input[type=file]").set_input_files(list(files))
    if title:
        box = page.get_by_label("Title", exact=True)
        box.fill(title)
        box.press("Tab")
    page.get_by_role("button", name="Analyse").click()


def test_a_clip_is_read_and_shown_beside_its_player(visit, shared_media, shared_weights):
    page = visit("/content?channel=youtube:")
    hand_in(
        page,
        shared_media / "composed" / "known_answers.mp4",
        title="Why ask what your country can do? 3 answers",
    )
    page.get_by_role("heading", name="Safe to publish?").wait_for(timeout=240_000)
    page.locator(".st-key-cl-media video").wait_for()
    timeline = page.locator('[aria-label^="Timeline."]').first.get_attribute("aria-label")
    assert "Cut at 0:02.2; Cut at 0:04.4; Cut at 0:06.6; Cut at 0:08.8" in timeline
    assert page.locator(".cl-strip .cl-face").count() >= 1, "the astronaut's face"
    assert page.locator(".cl-strip .cl-thing").count() >= 1, "a cup, horses, a bird"
    assert page.locator('[aria-label^="Waveform."]').count() == 1
    assert page.locator(".cl-said mark").count() >= 2
    assert page.get_by_text("Traceback").count() == 0
    # a frame leads the player to its moment
    shot = page.locator(".cl-strip [data-seek]").last
    shot.click()
    there = float(shot.get_attribute("data-seek"))
    page.wait_for_function(f"document.querySelector('.st-key-cl-media video').currentTime >= {there} - 0.1")
    # the address leads back to it, without the file
    again = visit(re.sub(r"^https?://[^/]+", "", page.url))
    again.get_by_role("heading", name="From start to end").wait_for()
    again.get_by_text("Hand it in again").wait_for()


def test_a_picture_on_a_phone_in_the_dark_has_its_boxes_and_fits(visit, shared_media, shared_weights):
    page = visit("/content?channel=youtube:", phone=True, dark=True)
    hand_in(page, shared_media / "photos" / "astronaut.png")
    page.locator(".cl-whole .cl-face").wait_for(timeout=120_000)
    page.get_by_role("heading", name="As a phone lists it").wait_for()
    page.get_by_role("button", name="Where the eye goes").click()
    page.locator(".cl-heat").wait_for()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_what_is_no_media_is_refused_with_a_reason(visit):
    page = visit("/content?channel=youtube:")
    program = {"name": "setup.exe", "mimeType": "application/octet-stream", "buffer": b"MZ" + bytes(2000)}
    page.locator("input[type=file]").set_input_files([program])
    page.get_by_role("button", name="Analyse").click()
    page.get_by_text(re.compile("setup.exe.* was not read")).wait_for()
    assert page.get_by_label("Title", exact=True).is_visible()
