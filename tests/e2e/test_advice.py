"""A creator's way from draft to graded receipt: real browser, real API, a model trained by the real pipeline."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.e2e.conftest import settled

TITLE = f"Why does nobody talk about bread at {datetime.now(UTC):%H:%M}? Five honest answers"
"""Its own in every run: a draft that is kept already is not offered to be kept again."""


def kept(site) -> list[dict]:
    return httpx.get(f"{site.api}/v1/content", timeout=60).json()["contents"]


@pytest.fixture(scope="module")
def warm(site) -> None:
    """The first forecast after a start loads the model, which on a busy machine outlasts a page's patience."""
    channel = httpx.get(f"{site.api}/v1/channels?platform=youtube", timeout=60).json()["channels"][0]
    at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    draft = {"channel": channel["channel_id"], "title": TITLE, "planned_at": at}
    asked = {"drafts": [draft], "record": False}
    for _ in range(120):
        if httpx.post(f"{site.api}/v1/predict", json=asked, timeout=300).status_code == 200:
            return
        time.sleep(2)
    raise AssertionError("no forecast within four minutes")


def test_a_draft_is_kept_a_title_applied_and_taken_back(visit, site, warm):
    page = visit()
    settled(page)
    box = page.get_by_label("Title", exact=True)
    box.fill(TITLE)
    box.press("Control+Enter")
    page.get_by_role("link", name="What could be better?").click()
    page.get_by_role("button", name="see suggestions").click()
    use = page.get_by_role("button", name="Use this title").first
    use.wait_for(timeout=240_000)
    settled(page)
    use.click()
    page.get_by_text(re.compile("Title changed")).first.wait_for(timeout=120_000)
    page.get_by_text(re.compile("against version 1")).first.wait_for()
    draft = kept(site)[0]
    assert [one["version"] for one in draft["versions"]] == [1, 2]
    assert draft["versions"][1]["receipt_id"]
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Versions (3)").wait_for()
    settled(page)
    draft = kept(site)[0]
    assert draft["versions"][2]["title"] == draft["versions"][0]["title"] == TITLE
    assert page.get_by_text("Traceback").count() == 0


def test_its_receipt_stands_among_the_receipts(visit, site):
    page = visit("/receipts")
    page.get_by_text(re.compile("none graded yet|are graded")).first.wait_for()
    page.get_by_role("region", name="Change").first.wait_for()
    page.get_by_role("link", name="Forecast with it").first.wait_for()


def test_several_drafts_get_times_and_a_calendar(visit, site):
    page = visit("/schedule")
    page.get_by_label("Drafts").click()
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    link = page.get_by_role("button", name="Calendar file (.ics)")
    link.wait_for(timeout=240_000)
    with page.expect_download() as download:
        link.click()
    text = download.value.path().read_text()
    assert text.startswith("BEGIN:VCALENDAR")


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/suggestions", "What could be better"), ("/strategy", "Your outliers"), ("/receipts", "What came of"), ("/schedule", "When does")],
)  # fmt: skip
def test_each_page_of_advice_fits_a_phone_in_the_dark(visit, path, expected):
    page = visit(path, phone=True, dark=True)
    page.get_by_role("heading", name=re.compile(expected)).first.wait_for(timeout=240_000)
    settled(page)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert page.get_by_text("Traceback").count() == 0
