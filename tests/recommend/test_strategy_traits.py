"""What posts have in common, and which channels post about the same things."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.trends import Uses
from recommend.strategy.alike import MIN_POSTS, alike, contents_of, written_alike
from recommend.strategy.traits import LEAST, traits


def posts(**columns: Any) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    usual: dict[str, Any] = {
        "post_id": [f"p{i}" for i in range(n)], "title": "", "text": "", "hashtags": [[] for _ in range(n)],
        "media_type": "video", "duration_s": None, "category": None, "hour": 9.0, "weekday": 0.0,
    }  # fmt: skip
    return pd.DataFrame(usual | columns, index=range(n))


def of(found: Any, kind: str) -> dict[str, list[int]]:
    return {
        found.name[i]: np.flatnonzero(found.has[:, i]).tolist()
        for i in range(len(found))
        if found.kind[i] == kind
    }


def test_words_hashtags_and_form_are_traits() -> None:
    found = traits(
        posts(
            title=["Lens review 2025?"] * 4 + ["A walk"] * 4,
            hashtags=[["lens"]] * 4 + [[]] * 4,
            duration_s=[45.0] * 4 + [1_000.0] * 4,
            hour=[9.5] * 4 + [21.0] * 4,
            weekday=[0.0] * 4 + [5.0] * 4,
            category=["27"] * 4 + [None] * 4,
        )
    )
    first, rest = [0, 1, 2, 3], [4, 5, 6, 7]
    assert of(found, "hashtag") == {"lens": first}
    assert "lens review" in of(found, "words")
    assert of(found, "format")["video of up to a minute"] == first
    assert of(found, "format")["video of 15 to 30 minutes"] == rest
    assert of(found, "title")["a question in the title"] == first
    assert of(found, "title")["a number in the title"] == first
    assert of(found, "time") == {"going out from 8 to 12 h": first, "going out from 20 to 24 h": rest}
    assert of(found, "weekday") == {"going out on Mondays": first, "going out on Saturdays": rest}
    assert of(found, "category") == {"the category 27": first}


def test_topics_come_from_those_that_were_learned() -> None:
    uses = Uses(np.arange(4), np.array(["cameras"] * 4, dtype=object))
    assert of(traits(posts(title=["a"] * 8), uses), "topic") == {"cameras": [0, 1, 2, 3]}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["Lens test", "A walk?", "", "7 ideas"]), min_size=0, max_size=14))
def test_what_nearly_all_or_hardly_any_posts_have_says_nothing(titles: list[str]) -> None:
    found = traits(posts(title=titles))
    count = found.has.sum(axis=0)
    assert ((count >= LEAST) & (count <= len(titles) - LEAST)).all()
    assert found.has.shape == (len(titles), len(found))


def channels(directions: dict[str, Any], each: int = 8) -> tuple[list[str], Any, pd.DataFrame]:
    rng = np.random.default_rng(0)
    names, vectors, rows = [], [], []
    for channel, direction in directions.items():
        for i in range(each):
            names.append(f"{channel}{i}")
            vectors.append(np.asarray(direction, float) + rng.normal(0, 0.05, 3))
            rows.append((f"{channel}{i}", channel))
    return names, np.array(vectors), pd.DataFrame(rows, columns=["post_id", "channel_id"])


def test_channels_of_the_same_things_are_alike_and_those_of_ones_size_come_first() -> None:
    names, vectors, table = channels(
        {"ann": [1, 0, 0], "giant": [1, 0.05, 0], "peer": [1, 0.1, 0], "else": [0, 1, 0], "other": [0, 0, 1]}
    )
    size = pd.Series({"ann": 5.0, "giant": 12.0, "peer": 5.5, "else": 5.0})
    found = alike(contents_of(names, vectors), table, size, "ann")
    assert [one.channel_id for one in found] == ["peer", "giant"]
    assert found[0].cosine == pytest.approx(1, abs=0.05)
    assert found[0].size_ln == pytest.approx(0.5)


def test_a_channel_of_a_few_posts_or_without_words_is_like_none() -> None:
    names, vectors, table = channels({"ann": [1, 0, 0], "peer": [1, 0, 0], "else": [0, 1, 0]})
    few = table[
        (table["channel_id"] != "peer") | table["post_id"].isin([f"peer{i}" for i in range(MIN_POSTS - 1)])
    ]
    none = pd.Series(dtype=float)
    assert [one.channel_id for one in alike(contents_of(names, vectors), few, none, "ann")] == []
    vectors[:8] = 0
    assert alike(contents_of(names, vectors), table, none, "ann") == []


def test_without_sentence_vectors_shared_words_tell() -> None:
    texts, names, rows = [], [], []
    for channel, subject in (
        ("ann", "camera lens"), ("peer", "camera lens"), ("else", "sourdough bread"), ("other", "garden roses"),
    ):  # fmt: skip
        for i, what in enumerate(("review", "test", "guide", "mistakes", "history", "repair")):
            texts.append(f"{subject} {what}")
            names.append(f"{channel}{i}")
            rows.append((f"{channel}{i}", channel))
    table = pd.DataFrame(rows, columns=["post_id", "channel_id"])
    found = alike(written_alike(names, texts), table, pd.Series(dtype=float), "ann")
    assert [one.channel_id for one in found] == ["peer"]
    assert written_alike(["a", "b"], ["red", "blue"]).mean(["a"]) is None, "nothing in common, nothing told"
