"""Captions that stand alone, and descriptions beside a title."""

from __future__ import annotations

from creatorlens.platforms import Platform
from recommend.titles.brief import TitleBrief
from recommend.titles.filtering import Filter
from recommend.titles.offline import EditOperators


def edits(text: str, title: str = "") -> dict[str, str]:
    platform = Platform.YOUTUBE if title else Platform.INSTAGRAM
    brief = TitleBrief(platform=platform, title=title, text=text, language="en")
    found = Filter(brief).passing(EditOperators().propose(brief, 80))[0]
    return {one.operator: one.words for one in found if one.field == "text"}


def test_the_first_line_is_edited_as_titles_are_and_the_rest_stays() -> None:
    made = edits("How to plan a garden without an app\n\nSwipe for the plan.\n#garden #plan")
    asked = made["first line: asked as a question"]
    assert asked == "How do you plan a garden without an app?\n\nSwipe for the plan.\n#garden #plan"


def test_a_long_paragraph_gets_its_first_sentence_on_a_line() -> None:
    made = edits(
        "My earliest memory is about a small garden. It had two pear trees, and a bench that nobody used."
    )
    assert (
        made["first sentence on a line of its own"].splitlines()[0]
        == "My earliest memory is about a small garden."
    )


def test_what_people_look_for_comes_first_and_calls_last() -> None:
    text = "We were in Sevilla.\nWhich of the two bridges would you cross?\nThe light was good."
    first = edits(text)["the strongest sentence first"]
    assert first.splitlines()[0] == "Which of the two bridges would you cross?"
    assert sorted(first.split()) == sorted(text.split())
    moved = edits("We were in Sevilla.\nFollow me for more.\nThe light was good.")[
        "the call moved to the end"
    ]
    assert moved.splitlines()[-1] == "Follow me for more."


def test_mentions_and_disclosures_are_never_dropped() -> None:
    for words in edits(
        "Day 1 in Sevilla with @ann at the river 💖 #ad\n\nPhoto: @bob\nThe light was good."
    ).values():
        assert "@ann" in words
        assert "@bob" in words
        assert "#ad" in words


def test_a_description_begins_with_what_it_is_about() -> None:
    made = edits("Thanks for being here. More on Sunday.", title="Growing garlic in a frost")
    assert made["the description begins with what it is about"].startswith(
        "Growing garlic in a frost.\nThanks"
    )
    assert "the description begins with what it is about" not in edits(
        "Garlic likes a frost.", title="Growing garlic"
    )
