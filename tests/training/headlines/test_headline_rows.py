"""Which variants may be compared, and which tests belong on one side of a split."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.headline_figures import figures, picks
from training.headline_gate import judge
from training.headline_rows import HeadlineRows, rows_of, split_at


def table(*rows: tuple[str, str, str, int, int, int]) -> HeadlineRows:
    """experiment, picture, headline, week, impressions, clicks"""
    names = ["experiment_id", "image_id", "headline", "week", "impressions", "clicks"]
    frame = pd.DataFrame(rows, columns=names).assign(lede="")
    return rows_of(frame.assign(variant_id=[f"v{i}" for i in range(len(frame))]))


def test_only_headlines_beside_one_picture_are_compared() -> None:
    rows = table(
        ("a", "p", "One", 1, 100, 3), ("a", "p", "Two", 1, 100, 5), ("a", "q", "Three", 1, 100, 9),
        ("a", "p", "One", 1, 100, 4), ("b", "p", "Four", 1, 100, 9),
    )  # fmt: skip
    told = {tuple(sorted(rows.headlines[i] for i in pair)) for pair in rows.pairs}
    assert told == {("One", "Two")}
    assert len(rows.pairs) == 2


def test_tests_that_share_a_headline_through_others_stay_together() -> None:
    rows = table(
        ("a", "p", "One", 1, 100, 3), ("a", "p", "Two", 1, 100, 3), ("b", "p", "two ", 5, 100, 3),
        ("b", "p", "Three", 5, 100, 3), ("c", "p", "Three", 9, 100, 3), ("c", "p", "Four", 9, 100, 3),
        ("d", "p", "Five", 2, 100, 3), ("d", "p", "Six", 2, 100, 3),
    )  # fmt: skip
    earlier, later = split_at(rows, 9)
    assert set(later.frame["experiment_id"]) == {"c"}
    assert set(earlier.frame["experiment_id"]) == {"d"}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 40))
def test_no_headline_is_on_both_sides(seed: int, week: int) -> None:
    rng = np.random.default_rng(seed)
    rows = table(
        *[
            (f"t{rng.integers(12)}", "p", f"headline {rng.integers(30)}", int(rng.integers(1, 40)), 100, 3)
            for _ in range(60)
        ]
    )
    earlier, later = split_at(rows, week)
    assert not set(earlier.headlines) & set(later.headlines)
    assert not set(earlier.frame["experiment_id"]) & set(later.frame["experiment_id"])
    assert earlier.week.max(initial=-1) < week


def test_variants_that_nobody_saw_are_left_out() -> None:
    assert len(table(("a", "p", "One", 1, 0, 0), ("a", "p", "Two", 1, 10, 0))) == 1


def test_the_truth_as_score_is_always_right(planted_tests: Callable[..., pd.DataFrame]) -> None:
    rows = rows_of(planted_tests(40))
    told = figures(rows, rows.rate)
    assert told["pairs"] == told["significant"] == told["share_of_oracle"] == 1.0
    assert told["lift"] == told["oracle_lift"] > 0.2
    worst = figures(rows, -rows.rate)
    assert worst["pairs"] == 0.0
    assert worst["lift"] < 0


def test_no_opinion_is_chance(planted_tests: Callable[..., pd.DataFrame]) -> None:
    rows = rows_of(planted_tests(40))
    told = figures(rows, np.zeros(len(rows)))
    assert told["pairs"] == 0.5
    assert told["best_over_chance"] == pytest.approx(1.0)
    assert told["lift"] == pytest.approx(0.0, abs=1e-9)


def test_variants_of_one_headline_count_as_one() -> None:
    rows = table(("a", "p", "One", 1, 100, 2), ("a", "p", "One", 1, 300, 10), ("a", "p", "Two", 1, 100, 2))
    taken = picks(rows, np.array([1.0, 1.0, 0.0]))
    assert taken.pick.tolist() == [0.03]
    assert taken.best.tolist() == [1.0]


def test_gate_lets_knowledge_pass_and_stops_luck(planted_tests: Callable[..., pd.DataFrame]) -> None:
    rows = rows_of(planted_tests(60))
    noise = np.random.default_rng(0).normal(size=len(rows))
    knows = rows.ln_rate + noise * 0.3
    assert judge(rows, knows).won
    assert not judge(rows, noise).won
    assert judge(rows, knows, champion=noise).won
    assert not judge(rows, noise * 0.3 + knows * 0.02, champion=knows).won
    few = rows.take(rows.test < 10)
    assert not judge(few, few.ln_rate).won


def test_a_champion_that_knew_the_tests_is_not_compared(planted_tests: Callable[..., pd.DataFrame]) -> None:
    rows = rows_of(planted_tests(60))
    told = judge(rows, rows.ln_rate, champion=np.full(len(rows), np.nan))
    assert told.won
    assert told.over_champion is None
