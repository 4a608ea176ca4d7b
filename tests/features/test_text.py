"""What is counted in titles and texts, also in those nobody should write."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from features.catalogue import names
from features.text import headlines, text_features


def features_of(title: str | None, text: str | None = "", tags: object = ()) -> pd.Series:
    frame = text_features(
        pd.Series([title], dtype=object), pd.Series([text], dtype=object), pd.Series([tags], dtype=object)
    )
    return frame.iloc[0]


@pytest.mark.parametrize(
    ("title", "feature", "value"),
    [
        ("Is this the END?", "headline_question", 1),
        ("これは何？", "headline_question", 1),
        ("Is this the END?", "headline_capital_words", 1),
        ("10 things I love", "headline_starts_with_number", 1),
        ("10 things I love", "headline_first_person", 1),
        ("In: the end", "headline_first_person", 0),
        ("10 things, 3 of 1,000", "headline_numbers", 3),
        ("Wow!!! 🎉🎉", "headline_exclamations", 3),
        ("Wow!!! 🎉🎉", "headline_emoji", 2),
        ("iPhone vs Pixel", "headline_versus", 1),
        ("Best of 2024 [4K]", "headline_year", 1),
        ("Best of 2024 [4K]", "headline_bracket", 1),
        ("one two  three", "headline_words", 3),
        ("Việt Nam ơi", "headline_words", 3),
        ("ABcd", "headline_upper_share", 0.5),
        ("A wonderful, lovely day for everyone", "english", 1),
        ("Das ist ein schöner Tag für alle Menschen", "english", 0),
    ],
)
def test_headline(title: str, feature: str, value: float) -> None:
    assert features_of(title)[feature] == value


def test_text_around_the_title() -> None:
    found = features_of(
        "Title", "see https://x.example and @user\n#one #two\nfollow for more", ["one", "two", "three"]
    )
    assert found["url_count"] == 1
    assert found["mention_count"] == 1
    assert found["hashtag_count"] == 3
    assert found["text_call_to_action"] == 1
    assert found["text_lines"] == 3


def test_without_a_title_the_first_line_of_the_text_is_the_headline() -> None:
    assert features_of("", "Why not?\nA long story.")["headline_question"] == 1
    assert features_of("", "A story.\nWhy not?")["headline_question"] == 0
    assert features_of("", "A story.")["text_lines"] == 0


def test_mood_is_read_in_english_only() -> None:
    assert features_of("I love this wonderful, beautiful day")["sentiment"] > 0.5
    assert features_of("I hate this terrible, horrible day")["sentiment"] < -0.5
    assert np.isnan(features_of("Das ist ein schöner Tag für alle Menschen")["sentiment"])


@pytest.mark.parametrize(
    "title", [None, "", "   ", "\x00", "\ud800 broken", "🎉", "…", "\u202e\u200f", "%s{}"]
)
def test_odd_titles_have_all_features_and_nothing_infinite(title: str | None) -> None:
    found = features_of(title, None, None)
    assert sorted(found.index) == sorted(names("text"))
    assert not np.isinf(found.to_numpy()).any()


def test_ten_megabytes_of_title_take_no_time() -> None:
    started = time.monotonic()
    found = features_of("a! " * 3_500_000, "word " * 2_000_000)
    assert time.monotonic() - started < 5
    assert found["headline_chars"] <= 500
    assert len(headlines(pd.Series(["x" * 10_000_000]), pd.Series([""]))[0]) <= 500


def test_each_title_is_read_alone() -> None:
    titles = pd.Series(
        ["Why me?", "", "10 cats", "Ein Titel auf Deutsch geschrieben", "Why me?"], dtype=object
    )
    empty, tags = pd.Series([""] * 5), pd.Series([[]] * 5)
    together = text_features(titles, empty, tags)
    for i, title in enumerate(titles):
        alone = text_features(pd.Series([title]), pd.Series([""]), pd.Series([[]]))
        pd.testing.assert_series_equal(together.iloc[i], alone.iloc[0], check_names=False)
