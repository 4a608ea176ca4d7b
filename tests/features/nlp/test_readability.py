"""Readability against values worked out by hand from the published formulas."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from features.absent import Absent
from features.nlp.readability import read_readability, readability
from features.nlp.segmentation import sentences, syllables, unspaced_share, words
from features.nlp.source import Source


def test_the_cat_sat_on_the_mat() -> None:
    found = readability("The cat sat on the mat.", in_english=True)
    assert found is not None
    # 6 words, 1 sentence, 6 syllables.
    assert found.flesch_ease == pytest.approx(206.835 - 1.015 * 6 - 84.6 * 1)
    assert found.flesch_grade == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)
    assert found.lix == 6
    assert found.letters_per_word == pytest.approx(17 / 6)
    assert found.distinct_word_share == pytest.approx(5 / 6)
    assert found.reading_s == pytest.approx(6 / 238 * 60)


def test_two_sentences_with_long_words() -> None:
    found = readability("Australian platypuses are extraordinary. They swim.", in_english=True)
    assert found is not None
    # 6 words, 2 sentences, 4 + 4 + 1 + 6 + 1 + 1 syllables (extraordinary as ex-tra-or-di-nar-y), 3 long words.
    assert found.words_per_sentence == 3
    assert found.long_word_share == 0.5
    assert found.lix == 53
    assert found.flesch_ease == pytest.approx(206.835 - 1.015 * 3 - 84.6 * 17 / 6, abs=84.6 / 6 + 0.01)


def test_flesch_is_for_english_only(of: Callable[..., Source]) -> None:
    found = read_readability(of("Wie man zu Hause Brot backt und warum das gut ist"), None)
    assert not isinstance(found, Absent)
    assert found.flesch_ease is None
    assert found.flesch_grade is None
    assert found.lix > 0


def test_what_is_said_counts_only_where_nothing_is_written(of: Callable[..., Source]) -> None:
    spoken = "Unfortunately, considerable complications accumulated everywhere."
    both = read_readability(of("A cat", transcript=spoken), None)
    alone = read_readability(of(transcript=spoken), None)
    assert not isinstance(both, Absent)
    assert not isinstance(alone, Absent)
    assert both.long_word_share == 0
    assert alone.long_word_share == 1
    assert isinstance(read_readability(of("🎉"), None), Absent)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1), ("make", 1), ("makes", 1), ("baked", 1), ("wanted", 2), ("boxes", 2), ("little", 2), ("idea", 3),
        ("science", 2), ("video", 3), ("beautiful", 3), ("table", 2), ("readability", 5), ("nation", 2), ("going", 2),
        ("rhythm", 1), ("kitchen", 2), ("houses", 2), ("played", 1), ("created", 3), ("delicious", 3), ("strengths", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_sentences() -> None:
    assert sentences("Mr. Smith paid 3.50 dollars. Did he?! Yes\nOf course") == [
        "Mr. Smith paid 3.50 dollars.", "Did he?!", "Yes", "Of course",
    ]  # fmt: skip
    assert sentences("家で作る。パン！") == ["家で作る。", "パン！"]
    assert sentences("... !!! 🎉") == []


def test_words() -> None:
    assert words("Don't panic: état-major") == ["Don't", "panic", "état-major"]
    assert words("हिन्दी में") == ["हिन्दी", "में"]
    assert words("パンyes") == ["パ", "ン", "yes"]
    assert unspaced_share("パン yes") == pytest.approx(2 / 5)
