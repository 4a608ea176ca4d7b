"""Comparing, what-if, trends, saved forecasts and the engineers' sections: real browser, real API, trained model."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.e2e.conftest import settled

TITLE = "Why does nobody talk about this? Five honest answers"


def fill(page, label: str, words: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(words)
    box.press("Control+Enter")


def forecasts_kept(site) -> int:
    return httpx.get(f"{site.api}/v1/track-record", timeout=60).json()["predictions"]


def test_drafts_are_compared_side_by_side_with_what_differs(visit, site):
    before = forecasts_kept(site)
    page = visit("/compare")
    fill(page, "Title A", "A quiet evening")
    fill(page, "Title B", TITLE)
    page.get_by_role("heading", name="Side by side").wait_for()
    chart = page.locator('[aria-label^="A · A quiet evening: middle"]').first
    chart.wait_for()
    figures = page.get_by_role("region", name="Figures of the drafts")
    assert figures.get_by_role("rowheader", name="Chance to beat the last five").count() == 1
    different = page.get_by_role("region", name="What differs between the drafts")
    assert different.get_by_role("rowheader").all_inner_texts() == ["Words"]
    assert forecasts_kept(site) == before


def test_what_if_moves_with_its_controls_by_keyboard_and_leaves_no_trace(visit, site):
    before = forecasts_kept(site)
    page = visit("/what-if")
    fill(page, "Title", TITLE)
    page.get_by_text("Nothing changed yet").wait_for()
    hour = page.get_by_role("slider", name="Time of day")
    hour.focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    page.get_by_role("heading", name="What each change does").wait_for()
    page.get_by_role("heading", name="Another hour, another day").wait_for()
    settled(page)
    assert page.get_by_text("Traceback").count() == 0
    assert forecasts_kept(site) == before


def test_a_saved_forecast_can_be_followed_and_tells_where_it_comes_from(visit, site):
    page = visit()
    fill(page, "Title", "A forecast to follow")
    page.get_by_role("button", name="Save this forecast to the track record").click()
    page.get_by_role("link", name="See how it does once it is out").wait_for()
    settled(page)  # what is still being drawn above moves the link between press and release
    page.get_by_role("link", name="See how it does once it is out").click()
    page.get_by_role("heading", name="A saved forecast").wait_for()
    page.get_by_role("heading", name="How it ended").wait_for()
    page.get_by_text("It is out already").click()
    seen = page.get_by_label("Views by then")
    seen.fill("123456")
    seen.press("Enter")
    page.get_by_text("Seen so far: after 24 hours 123k views").wait_for()
    page.get_by_role("link", name="What it learned from").click()
    page.get_by_role("heading", name="Model versions").wait_for()
    assert page.get_by_text("youtube.posts.parquet").count() >= 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/track-record", "Inside the band"),
        ("/trends?channel=youtube:", "What the time is worth"),
        ("/engineers?section=Promotions", "Promotion log"),
        ("/engineers?section=Drift", "Models and tools"),
        ("/engineers?section=Model+card", "Intended use"),
    ],
)
def test_each_page_fits_a_phone_in_the_dark(visit, path, expected):
    page = visit(path, phone=True, dark=True)
    page.get_by_role("heading", name=re.compile(expected)).first.wait_for()
    settled(page)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert page.get_by_text("Traceback").count() == 0
