"""What each edit makes of a title it knows, and that it leaves alone what it does not."""

from __future__ import annotations

import pytest

from creatorlens.platforms import Platform
from recommend.titles.brief import TitleBrief
from recommend.titles.filtering import Filter
from recommend.titles.offline import EditOperators

SAID = "It took me 20 minutes to save the seeds from six tomatoes. Garlic grows best after a frost. This one is about it."


def edits(title: str, language: str | None = "en", **more: object) -> dict[str, str]:
    """Other title → what was done."""
    told = {"platform": Platform.YOUTUBE, "title": title, "language": language, "transcript": SAID, **more}
    brief = TitleBrief(**told)  # type: ignore[arg-type]
    found = Filter(brief).passing(EditOperators().propose(brief, 80))[0]
    return {one.words: one.operator for one in found if one.field == "title"}


@pytest.mark.parametrize(
    ("title", "other", "operator"),
    [
        ("How to plan a garden without an app", "How do you plan a garden without an app?", "asked as a question"),
        ("How to plan a garden without an app", "Without an app: how to plan a garden", "the end put first"),
        ("How to plan a garden without an app", "How to plan a garden (without an app)", "the end put in brackets"),
        ("What nobody told me about growing garlic", "Growing garlic: what nobody told me", "the subject named first"),
        ("10 ways to store potatoes", "How to store potatoes: 10 ways", "the subject named first"),
        ("I tried cold showers for 30 days", "30 days of cold showers", "the subject named first"),
        ("A beginner's guide to raised beds", "Raised beds: a beginner's guide", "the subject named first"),
        ("Raised beds vs open ground", "Raised beds or open ground?", "asked as a question"),
        ("Why do my films get cancelled?", "Why my films get cancelled", "said as a statement"),
        ("How I save seeds from tomatoes", "How to save seeds from tomatoes", "said as a statement"),
        ("How I save seeds from tomatoes", "How I save seeds from tomatoes (20 minutes)", "with a number your content tells"),
        ("I planted two rows of beans", "I planted 2 rows of beans", "the number in digits"),
        ("I really love this cellar of mine", "I love this cellar of mine", "without filler"),
        ("So, I planted beans in the frost", "I planted beans in the frost", "without its opening phrase"),
        ("Is it worth it to save seeds", "Save seeds: is it worth it?", "the subject named first"),
        ("The price of seeds | garlic in the first frost of autumn", "The price of seeds: garlic in the first frost of autumn", "its parts joined by a colon"),
        ("The price of seeds | garlic in a frost", "Garlic in a frost: the price of seeds", "its parts turned round"),
        ("Growing garlic", "Garlic grows best after a frost", "a sentence of your own"),
    ],
)  # fmt: skip
def test_what_is_made(title: str, other: str, operator: str) -> None:
    assert edits(title).get(other) == operator, edits(title)


@pytest.mark.parametrize(
    "title",
    [
        "Carmelo Anthony had a torn labrum in the left shoulder",  # in the shoulder is needed
        "How I feel about seeds of doubt",  # a state is no deed
        "Not exactly garlic, but here is what I grow",
        "When it rains, and nobody is there",
        "Seven Samurai",  # a name
        '"I really mean it"',  # what was said stays so
        "Garlic. Frost. Very cold.",
        "Where is the garlic (in the frost)",
    ],
)
def test_what_would_be_bad_english_is_not_made(title: str) -> None:
    made = edits(title)
    bad = (
        "cut short",
        "said as a statement",
        "the number in digits",
        "without filler",
        "its parts turned round",
    )
    assert not [said for said in made.values() if said in bad], made


def test_capitals_go_where_the_channel_shows_how_the_words_are_written() -> None:
    earlier = ("The new phone is here", "Why SONY makes it", "All about SONY", "A phone that got leaked")
    assert "New phone leaked by SONY" in edits("NEW PHONE LEAKED by SONY", earlier=earlier)
    # nothing shows whether Xgimi is written so
    assert not [words for words in edits("A NEW XGIMI PHONE!", earlier=earlier) if "xgimi" in words.lower()]


def test_french_is_set_as_french() -> None:
    made = edits("Test de la machine | le verdict de la semaine !", "fr", transcript="Un test de la machine")
    assert "Le verdict de la semaine : test de la machine !" in made, made
    assert not [words for words in made if words.startswith("Ne ")]


def test_a_tag_that_ends_the_sentence_stays() -> None:
    assert all("au #CES2026" in words for words in edits("Deux solutions là au #CES2026 🔥", "fr"))


def test_two_sentences_are_not_read_as_one() -> None:
    made = edits("Why does nobody talk about this? Five honest answers about bread")
    assert not [words for words in made if words.startswith("This")], made


def test_nothing_is_made_of_a_name() -> None:
    assert edits("Heavy Petting") == {}
