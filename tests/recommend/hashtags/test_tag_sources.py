"""What could be used on a draft: known before it alone, learnt from what creators chose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommend.hashtags.candidates import SOURCES, Query, alike_channels, candidates
from recommend.hashtags.index import TagIndex
from recommend.hashtags.learning import learn, query_of
from recommend.hashtags.words import clean, spelled_by, tags_in, without

START = pd.Timestamp("2026-01-01", tz="UTC")
US = 1_000_000


def posts_of(rows: list[tuple[str, int, list[str]]]) -> pd.DataFrame:
    """channel, hour, hashtags."""
    frame = pd.DataFrame(rows, columns=["channel_id", "hour", "hashtags"])
    frame["post_id"] = [f"p{i}" for i in range(len(frame))]
    frame["published_at"] = START + pd.to_timedelta(frame["hour"], unit="h")
    return frame


def index_of(rows: list[tuple[str, int, list[str]]], seed: int = 0) -> TagIndex:
    vectors = np.random.default_rng(seed).normal(size=(len(rows), 4)).astype(np.float32)
    return TagIndex.of(posts_of(rows), vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def at(hour: int) -> int:
    return int((START + pd.Timedelta(hours=hour)).timestamp()) * US


def by_name(index: TagIndex, query: Query) -> dict[str, dict[str, float]]:
    found = candidates(index, query)
    return {
        str(index.names[code]): dict(zip(SOURCES, row.tolist(), strict=True))
        for code, row in zip(found.tag, found.strength, strict=True)
    }


POSTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]), st.integers(0, 200),
        st.lists(st.sampled_from(["x", "y", "z", "w", "v"]), min_size=1, max_size=3),
    ),
    min_size=1, max_size=25,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(POSTS, POSTS)
def test_later_posts_change_nothing(before: list[Any], after: list[Any]) -> None:
    later = [(channel, 201 + hour, [*tags, "new"]) for channel, hour, tags in after]
    query = Query("a", at(201), np.array([1, 0, 0, 0], np.float32), "x and y")
    alone, followed = by_name(index_of(before), query), by_name(index_of(before + later), query)
    assert alone.keys() == followed.keys()
    for name, told in alone.items():
        assert told == pytest.approx(followed[name], rel=1e-6, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(POSTS)
def test_shares_are_shares(rows: list[Any]) -> None:
    for told in by_name(index_of(rows), Query("a", at(300), np.array([1, 0, 0, 0], np.float32), "")).values():
        for name in ("own_share", "own_last", "own_near", "near", "nearest", "alike"):
            assert -1e-9 <= told[name] <= 1 + 1e-9


def test_a_hashtag_on_the_rise_is_told_from_one_that_is_merely_common() -> None:
    rows = [(f"c{hour % 7}", hour, ["common"]) for hour in range(0, 24 * 60, 4)]
    rows += [(f"c{hour % 7}", hour, ["fresh"]) for hour in range(24 * 55, 24 * 60, 4)]
    found = by_name(index_of(rows), Query("nobody", at(24 * 60), np.zeros(4, np.float32), ""))
    assert found["fresh"]["rise"] > 0.5
    assert found["common"]["rise"] < 0  # of all posts, a smaller share than before
    assert found["common"]["popular"] > found["fresh"]["popular"]


def test_channels_with_the_same_rare_hashtags_are_alike() -> None:
    rows = [("me", i, ["everyone", "rare"]) for i in range(5)] + [
        ("kin", 10 + i, ["everyone", "rare", "more"]) for i in range(5)
    ]
    rows += [(f"far{i % 5}", 20 + i, ["everyone"]) for i in range(30)]
    index = index_of(rows)
    until = index.until(at(100))
    likeness = dict(
        zip(index.channels, alike_channels(index, index.posts_of("me", until), until), strict=True)
    )
    assert likeness["me"] == 0
    assert likeness["kin"] > 5 * likeness["far1"]
    assert by_name(index, Query("me", at(100), np.zeros(4, np.float32), ""))["more"]["alike"] > 0.1


def test_words_of_the_draft_spell_hashtags_without_their_accents() -> None:
    index = index_of([("a", 0, ["gialai"]), ("b", 1, ["phốcổ"]), ("b", 2, ["other"])])
    found = by_name(index, Query("new", at(10), np.zeros(4, np.float32), "Một ngày ở Gia Lai, đi phố cổ"))
    assert {name for name, told in found.items() if told["words"]} == {"gialai", "phốcổ"}


def test_ranking_learns_what_creators_go_by() -> None:
    """Here each channel keeps to its hashtags, whatever is popular: habit must come before popularity."""
    rows = [(f"c{i % 20}", i, [f"own{i % 20}", f"now{i % 3}"]) for i in range(200)]
    index = index_of(rows)
    ranker = learn(index, {}, at(150))
    assert ranker.posts == 75
    query = query_of(index, {}, 170)
    found = candidates(index, query)
    best = index.names[found.tag[np.argsort(-ranker.logit(found))[0]]]
    assert best == "own10"


def test_where_nothing_was_published_nothing_is_offered() -> None:
    index = TagIndex.of(posts_of([("a", 0, [])]), np.zeros((1, 4), np.float32))
    assert len(index) == 0
    assert len(candidates(index, Query("a", at(5), np.zeros(4, np.float32), "words")).tag) == 0
    assert learn(index, {}, at(5)).posts == 0


@given(st.text(max_size=80), st.lists(st.sampled_from(["Berlin", "f4f", "été", "東京"]), max_size=4))
def test_hashtags_are_taken_out_of_words_and_nothing_else_is(text: str, tags: list[str]) -> None:
    whole = " ".join([text.replace("#", "") + " .", *(f"#{tag}" for tag in tags)])
    assert tags_in(whole) == list(dict.fromkeys(clean(tag) for tag in tags))
    bare = without(whole, {clean(tag) for tag in tags})
    assert tags_in(bare) == []
    assert bare.startswith(text.replace("#", ""))


def test_runs_of_words_are_spelled() -> None:
    assert {"newyork", "newyorkcity", "city"} <= spelled_by("New York City!")
