"""A title beside its channel's earlier ones, and none of the later ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.nlp.batch import text_rows
from features.nlp.columns import nlp_features
from features.nlp.novelty import LOOK_BACK, NOVELTY_FEATURES, title_novelty
from features.nlp.reading import read_text
from features.nlp.source import source
from features.nlp.words import Words
from features.text import text_features
from features.weights.models import Models

START = pd.Timestamp("2024-01-01", tz="UTC")
Posts = list[tuple[int, int]]


def unit(n: int, seed: int = 0, size: int = 384) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(n, size)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def moments(days: list[int]) -> pd.Series:
    return pd.Series([START + pd.Timedelta(days=day) for day in days])


def by_hand(vectors: np.ndarray, channels: list[str], days: list[int]) -> np.ndarray:
    out = np.full((len(days), 2), np.nan)
    for i in range(len(days)):
        before = [j for j in range(len(days)) if channels[j] == channels[i] and days[j] < days[i]]
        before = sorted(before, key=lambda j: days[j])[-LOOK_BACK:]
        cosines = [float(vectors[j] @ vectors[i]) for j in before if not np.isnan(vectors[j, 0])]
        if cosines and not np.isnan(vectors[i, 0]):
            out[i] = 1 - max(cosines), 1 - np.mean(cosines)
    return out


def test_against_a_plain_loop() -> None:
    rng = np.random.default_rng(5)
    n = 700
    vectors = unit(n)
    vectors[::13] = np.nan
    channels = [f"c{i}" for i in rng.integers(0, 4, n)]
    # Distinct moments inside the look-back: with ties at its edge either may be the fiftieth.
    days = list(rng.permutation(n))
    found = title_novelty(vectors, pd.Series(channels), moments(days))
    np.testing.assert_allclose(found, by_hand(vectors, channels, days), atol=1e-6)
    assert list(found) == [name for name, _ in NOVELTY_FEATURES]


@settings(max_examples=60, deadline=None)
@given(
    past=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20)), min_size=1, max_size=40),
    future=st.lists(st.tuples(st.integers(0, 2), st.integers(20, 40)), max_size=40),
    seed=st.integers(0, 5),
)
def test_the_future_changes_no_bit_of_the_past(past: Posts, future: Posts, seed: int) -> None:
    posts = past + future
    vectors = unit(len(posts), seed)
    order = np.random.default_rng(seed).permutation(len(posts))
    frame = pd.DataFrame(posts, columns=["channel", "day"])
    alone = title_novelty(
        vectors[: len(past)], frame["channel"][: len(past)], moments(list(frame["day"][: len(past)]))
    )
    together = title_novelty(vectors[order], frame["channel"][order], moments(list(frame["day"][order])))
    back = together.iloc[np.argsort(order)].reset_index(drop=True)[: len(past)]
    early = frame["day"][: len(past)] < 20
    np.testing.assert_array_equal(back[early], alone[early])


def test_posts_of_one_instant_are_not_earlier_than_each_other() -> None:
    same = np.tile(unit(1), (3, 1))
    found = title_novelty(same, ["a", "a", "a"], moments([1, 1, 2]))
    assert found.iloc[:2].isna().all(axis=None)
    np.testing.assert_allclose(found.iloc[2], 0, atol=1e-6)


def test_without_an_encoder_there_is_no_number() -> None:
    assert title_novelty(None, ["a", "a"], moments([1, 2])).isna().all(axis=None)
    assert len(title_novelty(unit(0), [], [])) == 0


def test_a_repeated_title_is_not_new_and_a_foreign_one_is(encoded: Models) -> None:
    earlier = ("How I bake sourdough bread", "My cat sleeps all day")
    again = read_text(Words("How I bake sourdough bread", earlier_titles=earlier), encoded).channel
    other = read_text(Words("Filing your tax return in 2024", earlier_titles=earlier), encoded).channel
    near = read_text(Words("Baking bread with a starter", earlier_titles=earlier), encoded).channel
    assert again is not None
    assert other is not None
    assert near is not None
    assert again.novelty == pytest.approx(0, abs=1e-5)
    assert again.nearest == near.nearest == earlier[0]
    assert again.novelty < near.novelty < other.novelty
    assert again.method == "embedding"


def test_without_an_encoder_words_are_compared(wordless: Models) -> None:
    found = read_text(Words("Bread again", earlier_titles=("Bread", "Cats")), wordless)
    assert found.channel is not None
    assert (found.channel.nearest, found.channel.method) == ("Bread", "words")
    assert found.channel.cosine == pytest.approx(0.5**0.5) or found.channel.cosine == 1
    assert "earlier titles" in read_text(Words("Bread"), wordless).absent["channel"]


def test_rows_of_many_posts_are_the_numbers_and_vectors_of_each(encoded: Models) -> None:
    encoder = source(Words("x"), encoded).vectors.encoder()
    titles = pd.Series(["Why bread?", "10 best breads", "", "Why bread?"])
    empty, tags, channels = pd.Series([""] * 4), pd.Series([[]] * 4), pd.Series(["a", "a", "b", "a"])
    rows = text_rows(titles, empty, tags, channels, moments([1, 2, 3, 4]), encoder)
    assert rows.vectors is not None
    np.testing.assert_array_equal(
        rows.vectors, encoder.encode(["Why bread?", "10 best breads", "", "Why bread?"])
    )
    expected = [text_features(titles, empty, tags), nlp_features(titles, empty, tags)]
    expected.append(title_novelty(rows.vectors, channels, moments([1, 2, 3, 4])))
    pd.testing.assert_frame_equal(rows.numbers, pd.concat(expected, axis=1))
    assert rows.numbers["novelty_nearest"].iloc[3] == pytest.approx(0, abs=1e-6)
    without = text_rows(titles, empty, tags, channels, moments([1, 2, 3, 4]), None)
    assert without.vectors is None
    assert without.numbers["novelty_nearest"].isna().all()
