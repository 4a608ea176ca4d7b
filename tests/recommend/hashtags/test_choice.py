"""Which hashtags are offered: likely ones, no spam, nothing that harms or says the same twice, and the steps to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recommend.hashtags.choosing import (
    BANNED,
    DISCLOSURE,
    HARMFUL,
    IRRELEVANT,
    SAME,
    SPAM,
    STUFFED,
    Choice,
    Offered,
    by_name,
    choose,
)
from recommend.hashtags.index import TagIndex
from recommend.hashtags.numbers import Number
from recommend.hashtags.steps import steps
from recommend.scoring import LiftLn

START = pd.Timestamp("2026-01-01", tz="UTC")


@pytest.fixture(scope="module")
def index() -> TagIndex:
    """Travel and cooking, which have nothing to do with each other, and posts stuffed with hashtags."""
    rows = []
    for i in range(300):
        topic = "cooking" if i % 30 == 1 else ("travel", "other", "other")[i % 3]
        tags = {"travel": ["travel", "wanderlust"], "cooking": ["cooking", "recipes"], "other": [f"o{i}"]}[
            topic
        ]
        if i % 9 == 2:
            tags = [*tags, "stuffed", *(f"filler{j}" for j in range(18))]
        rows.append((f"p{i}", f"c{i % 4}", START + pd.Timedelta(hours=i), tags, topic))
    posts = pd.DataFrame(rows, columns=["post_id", "channel_id", "published_at", "hashtags", "topic"])
    axis = {"travel": 0, "cooking": 1, "other": 2}
    vectors = np.random.default_rng(0).normal(0, 0.1, (300, 8)).astype(np.float32)
    vectors[np.arange(300), posts["topic"].map(axis)] += 1.0
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return TagIndex.of(posts, vectors)


TRAVEL = np.eye(8, dtype=np.float32)[0]


def offered(
    index: TagIndex, name: str, logit: float = 0.0, *, own: bool = False, lift: LiftLn | None = None
) -> Offered:
    return Offered(int(index.codes([name])[0]), name, logit, own, lift)


def test_what_is_about_other_things_or_stuffed_is_left_out(index: TagIndex) -> None:
    told = [offered(index, name) for name in ("travel", "cooking", "stuffed")]
    choice = choose(index, 300, TRAVEL, told, frozenset(), 10)
    assert [one.name for one in choice.kept] == ["travel"]
    assert choice.out == {"cooking": IRRELEVANT, "stuffed": STUFFED}


def test_what_the_channel_uses_itself_is_about_its_things(index: TagIndex) -> None:
    choice = choose(index, 300, TRAVEL, [offered(index, "cooking", own=True)], frozenset(), 10)
    assert [one.name for one in choice.kept] == ["cooking"]


def test_a_harmful_hashtag_is_left_out_and_a_sure_gain_comes_first(index: TagIndex) -> None:
    told = [
        offered(index, "travel", lift=LiftLn(-0.3, -0.5, -0.1)),
        offered(index, "wanderlust", -0.5, lift=LiftLn(0.3, 0.1, 0.5)),
        offered(index, "o2", 0.0),
    ]
    choice = choose(index, 300, TRAVEL, told, frozenset(), 10)
    assert choice.out["travel"] == HARMFUL
    assert choice.kept[0].name == "wanderlust"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("follow4follow", SPAM), ("l4l", SPAM), ("likeforlikes", SPAM), ("gainfollowers", SPAM), ("nsfw", BANNED),
        ("ad", DISCLOSURE), ("sponsored", DISCLOSURE), ("travel", None), ("followyourdreams", None), ("likeaboss", None),
        ("followback", SPAM),
    ],
)  # fmt: skip
def test_names_that_speak_against_themselves(name: str, why: str | None) -> None:
    from recommend.hashtags.banned import REPORTED

    assert by_name(name, REPORTED) == why


def test_of_two_that_say_the_same_one_is_kept() -> None:
    posts = pd.DataFrame(
        {
            "post_id": [f"p{i}" for i in range(6)], "channel_id": "c", "hashtags": [["fyp", "fypppp"]] * 6,
            "published_at": [START + pd.Timedelta(hours=i) for i in range(6)],
        }
    )  # fmt: skip
    index = TagIndex.of(posts, np.full((6, 1), np.nan, np.float32))
    told = [offered(index, "fyp", 1.0), offered(index, "fypppp", 0.9)]
    choice = choose(index, 6, np.zeros(1, np.float32), told, frozenset(), 10)
    assert [one.name for one in choice.kept] == ["fyp"]
    assert choice.out == {"fypppp": SAME}


def test_a_banned_list_of_ones_own_adds_to_what_is_reported(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from recommend.hashtags.banned import REPORTED, read_banned

    path = tmp_path / "banned.txt"
    path.write_text("#MyRival\n\nother\n")
    assert read_banned(path) == REPORTED | {"myrival", "other"}
    assert read_banned(tmp_path / "none.txt") == REPORTED


def kept(*names: str) -> tuple[Offered, ...]:
    return tuple(Offered(i, name, -float(i) / 10, False, None) for i, name in enumerate(names))


THREE = Number(3, 3, 3, None, "")


def test_the_best_set_keeps_what_fits_drops_what_does_not_and_fills_up() -> None:
    choice = Choice(kept("a", "b", "c", "d"), {"l4l": SPAM})
    found = steps(["b", "l4l", "brandnew"], choice, THREE)
    assert found.best == ("b", "brandnew", "a")
    assert found.add == ("a", "c", "d")
    assert found.drop == (("l4l", SPAM),)


def test_more_than_fit_are_dropped_the_least_likely_first_but_never_a_disclosure() -> None:
    choice = Choice(kept("a", "b", "c"), {"ad": DISCLOSURE})
    found = steps(["ad", "c", "a", "b"], choice, THREE)
    assert found.best == ("ad", "a", "b")
    assert [tag for tag, _ in found.drop] == ["c"]


def test_a_doubtful_hashtag_is_named_but_kept() -> None:
    choice = Choice(kept("a"), {"odd": IRRELEVANT})
    found = steps(["a", "odd"], choice, Number(2, 2, 2, None, ""))
    assert found.best is None
    assert found.drop == (("odd", IRRELEVANT),)


def test_who_uses_none_and_loses_nothing_by_it_is_told_none() -> None:
    found = steps([], Choice(kept("a", "b"), {}), Number(0, 3, 3, None, ""))
    assert found.best is None
    assert found.add == ("a", "b")
