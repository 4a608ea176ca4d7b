"""Cues are found with their words, and columns count what records show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.absent import Absent
from features.nlp.columns import CUE_COLUMNS, NLP_NAMES, nlp_features
from features.nlp.cue_patterns import CUES
from features.nlp.cues import matches, read_cues
from features.nlp.source import Source
from features.text import text_features


@pytest.mark.parametrize(
    ("title", "kind", "found"),
    [
        ("Is this the end?", "question", ["Is this the end?"]),
        ("これは何？", "question", ["これは何？"]),
        ("I ate 3,000 calories in 24 hours", "number", ["3,000", "24"]),
        ("Seven days alone", "number", ["Seven"]),
        ("My house tour [2024] (finally)", "bracket", ["[2024]", "(finally)"]),
        ("10 easy ways to save", "list", ["10 easy ways"]),
        ("Top 5", "list", ["Top 5"]),
        ("Five 5 star hotels", "list", None),
        ("The best and worst of the year", "superlative", ["best", "worst"]),
        ("Bestow upon me", "superlative", None),
        ("Last chance: ends tonight", "urgency", ["Last chance", "ends tonight"]),
        ("I know nowt", "urgency", None),
        ("You won’t believe what happened next", "curiosity", ["You won't believe", "what happened next"]),
        ("The secret nobody told me", "curiosity", ["secret", "nobody told"]),
        ("A secretary speaks", "curiosity", None),
        ("Subscribe, and tell me below", "call_to_action", ["Subscribe", "tell me"]),
        ("What you're missing", "second_person", ["you're"]),
        ("Stop doing this, don’t wait", "negation", ["Stop", "don't"]),
        ("This is INSANE!!", "emphasis", ["INSANE", "!!"]),
        ("NASA and the EU", "emphasis", ["NASA"]),
        ("A quiet day", "emphasis", None),
    ],
)
def test_words_of_a_cue(of: Callable[..., Source], title: str, kind: str, found: list[str] | None) -> None:
    cues = read_cues(of(title), None)
    assert not isinstance(cues, Absent)
    by_kind = {cue.kind: [match.text for match in cue.found] for cue in cues.cues}
    assert by_kind.get(kind) == found


def test_the_caption_and_the_screen_are_read_the_transcript_is_not(of: Callable[..., Source]) -> None:
    cues = read_cues(of("A", "Subscribe", on_screen="WAIT FOR IT", transcript="You won't believe it"), None)
    assert not isinstance(cues, Absent)
    assert {(m.field, m.text) for cue in cues.cues for m in cue.found} == {
        ("caption", "Subscribe"), ("on_screen", "WAIT FOR IT"), ("on_screen", "WAIT"),
    }  # fmt: skip


@given(st.text(max_size=200))
def test_each_match_stands_where_it_says(text: str) -> None:
    for kind in CUES:
        for match in matches(kind, "title", text):
            assert text[match.start : match.end] == match.text
            assert match.text


def test_columns_say_what_records_say(upworthy: Path) -> None:
    """RE2 over columns and Python's re over one title agree on thousands of real headlines."""
    titles = pd.read_parquet(upworthy, columns=["headline"])["headline"].drop_duplicates().head(3000)
    frame = nlp_features(titles, pd.Series([""] * len(titles)), None)
    assert frame.index.equals(pd.RangeIndex(len(titles)))
    for column, (kind, _) in CUE_COLUMNS.items():
        one_by_one = [
            bool(matches(kind, "title", title.replace("’", "'")[:500])) for title in titles.str.strip()
        ]
        np.testing.assert_array_equal(frame[column], np.array(one_by_one, np.float32), err_msg=column)
        assert 0 < frame[column].mean() < 0.7, column


def test_columns_are_new_numbers_and_nothing_infinite() -> None:
    titles = pd.Series(
        [None, "", "🎉", "\ud800", "10 best ways", "家でパンを作る", "x" * 10_000_000], index=[9] * 7
    )
    empty, tags = pd.Series([""] * 7), pd.Series([[]] * 7)
    frame = nlp_features(titles, empty, tags)
    assert list(frame.columns) == list(NLP_NAMES)
    assert not set(frame) & set(text_features(titles, empty, tags))
    assert set(frame.dtypes.astype(str)) == {"float32"}
    assert not np.isinf(frame).any(axis=None)
    assert frame.iloc[[0, 1, 2]].filter(like="read_").isna().all(axis=None)
    assert frame.loc[4, ["cue_list", "cue_superlative", "cue_kinds"]].tolist() == [1, 1, 2]


def test_columns_of_sentences_by_hand() -> None:
    frame = nlp_features(
        pd.Series(["Wonderful things happen."]), pd.Series(["We bake. Everybody watches us now!"])
    )
    row = frame.iloc[0]
    # 9 words in 3 sentences; Wonderful, Everybody and watches are longer than six letters.
    assert row["read_words_per_sentence"] == 3
    assert row["read_long_share"] == pytest.approx(3 / 9)
    assert row["read_lix"] == pytest.approx(row["read_words_per_sentence"] + 100 * row["read_long_share"])
    assert row["read_title_long_share"] == pytest.approx(1 / 3)
