"""A channel's voice, and what its own titles say of a pattern."""

from __future__ import annotations

import math
import random

import numpy as np
import pandas as pd
import pytest

from recommend.titles.patterns import FEWEST, pattern_lifts, patterns_changed
from recommend.titles.voice import learn_voice

PLANTS = [
    "garlic",
    "beans",
    "peas",
    "leeks",
    "kale",
    "chard",
    "mint",
    "basil",
    "dill",
    "sage",
    "rye",
    "oats",
    "figs",
    "plums",
    "pears",
    "hops",
]
FRAMES = (
    "How I grow {} in a cold spring",
    "What {} taught me",
    "A year with {}",
    "Planting {} with my father",
)
OWN = [FRAMES[i % 4].format(plant) for i, plant in enumerate(PLANTS * 2)]


def test_a_voice_needs_enough_different_titles() -> None:
    assert learn_voice(OWN[:11]) is None
    assert learn_voice(["The same title"] * 50) is None
    assert learn_voice([]) is None
    assert learn_voice(OWN) is not None


def test_own_words_score_above_foreign_ones_and_what_differs_is_said() -> None:
    voice = learn_voice(OWN)
    assert voice is not None
    own, foreign = voice.hear("A spring with my beans"), voice.hear("10 INSANE phone deals?! 🔥")
    assert own.score > 0.5 > foreign.score
    assert own.differs == ()
    assert set(foreign.differs) >= {
        "you rarely ask questions",
        "you rarely use numbers",
        "you rarely use emoji",
    }
    assert voice.below_all("10 INSANE phone deals?! 🔥")


def test_half_of_held_out_own_titles_score_above_the_middle(shared_data: object) -> None:
    """On real channels; chance alone would put the mean at .5 for any text."""
    posts = pd.read_parquet(shared_data / "youtube.posts.parquet")  # type: ignore[operator]
    told = posts[posts["title"].str.len() > 0].groupby("creator_id")["title"].apply(list)
    channels = [titles for titles in told if len(titles) >= 30][:16]
    held, foreign = [], []
    for i, titles in enumerate(channels):
        random.Random(i).shuffle(titles)
        voice = learn_voice(titles[:-8])
        assert voice is not None
        held += [voice.hear(title).score for title in titles[-8:]]
        foreign += [voice.hear(title).score for title in channels[(i + 7) % len(channels)][-8:]]
    assert 0.42 < np.mean(held) < 0.58
    assert np.mean(foreign) < np.mean(held) - 0.15


def test_a_pattern_that_does_nothing_is_noise_and_a_planted_one_is_found() -> None:
    rng = np.random.default_rng(5)
    titles = [f"Garlic {'in 3 days' if i % 2 else 'in a frost'} again" for i in range(200)]
    noise = rng.normal(0, 0.4, 200)
    assert pattern_lifts(titles, noise.tolist())["a number"].lift.noise
    planted = pattern_lifts(titles, (noise + np.array([0.3 * (i % 2) for i in range(200)])).tolist())[
        "a number"
    ]
    assert not planted.lift.noise
    assert 0.1 < planted.lift.ln < 0.35
    assert planted.n == 100
    assert "×" in planted.words
    assert "(n=100" in planted.words


def test_few_titles_or_unknown_results_tell_nothing() -> None:
    titles = ["A number 3"] * FEWEST + ["None"] * FEWEST
    assert pattern_lifts(titles, [math.nan] * len(titles)) == {}
    assert pattern_lifts(titles[1:], [0.1] * (len(titles) - 1)) == {}
    assert "a number" in pattern_lifts(titles, list(np.linspace(-1, 1, len(titles))))


def test_few_results_are_shrunk_towards_none() -> None:
    titles = ["A number 3"] * 6 + ["None"] * 6
    lift = pattern_lifts(titles, [1.0, 0.2, 0.9, 1.4, 0.1, 0.8, 0.0, 0.3, -0.4, 0.2, -0.1, 0.1])[
        "a number"
    ].lift
    assert 0 < lift.ln < 0.3


@pytest.mark.parametrize(
    ("before", "after", "marks"),
    [
        ("Growing garlic", "How do you grow garlic?", ["a question", "you or your"]), ("Garlic?", "Is it garlic?", []),
        ("Two rows of beans", "2 rows of beans", ["a number"]),
    ],
)  # fmt: skip
def test_a_change_is_told_by_the_marks_it_brings(before: str, after: str, marks: list[str]) -> None:
    assert patterns_changed(before, after) == marks
