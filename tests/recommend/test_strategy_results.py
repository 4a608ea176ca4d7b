"""Results made comparable: equal age, their own time, the channel's own ups and downs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from recommend.strategy.results import (
    LEVEL_POSTS,
    MIN_BEFORE,
    age_matched,
    comparable,
    known_before,
    of_its_time,
)

START = pd.Timestamp("2025-01-01", tz="UTC")
DAY = pd.Timedelta(days=1)
NOW = START + 1_000 * DAY


def residuals(
    rng: np.random.Generator, channels: int = 6, posts: int = 80, noise: float = 0.4
) -> pd.DataFrame:
    rows = []
    for k in range(channels):
        for i in range(posts):
            at = START + (2 * i + 0.1 * k) * DAY
            rows.append(
                (f"{k}-{i}", f"c{k}", at, at + 7 * DAY, rng.normal(0, noise), 9.0, float(at.weekday()))
            )
    columns = ["post_id", "channel_id", "published_at", "known_at", "residual", "hour", "weekday"]
    return pd.DataFrame(rows, columns=columns).sample(frac=1, random_state=0)


def ages(of: pd.DataFrame, value: float = 168.0) -> pd.Series:
    return pd.Series(value, index=of.index)


def test_nothing_that_was_learned_later_is_compared() -> None:
    told = residuals(np.random.default_rng(0))
    then = START + 100 * DAY
    before = comparable(told, ages(told), then)
    assert before["published_at"].max() <= then - 7 * DAY
    changed = told.assign(residual=told["residual"].where(told["known_at"] <= then, 9.0))
    pd.testing.assert_frame_equal(before, comparable(changed, ages(changed), then))


def test_first_posts_of_a_channel_are_left_out_since_its_level_was_a_guess() -> None:
    told = residuals(np.random.default_rng(0), channels=2)
    found = comparable(told, ages(told), NOW)
    # at two days between posts and a week until an outcome is known, the sixth is the first with two known
    first = told.sort_values("published_at").groupby("channel_id").head(MIN_BEFORE + 3)
    assert not set(first["post_id"]) & set(found["post_id"])
    assert len(found) == 2 * (80 - MIN_BEFORE - 3)


def test_without_results_there_is_an_empty_answer() -> None:
    told = residuals(np.random.default_rng(0))
    found = comparable(told, ages(told), START)
    assert len(found) == 0
    assert {"post_id", "channel_id", "ln", "spread", "stands_out"} <= set(found.columns)


def test_an_outlier_is_far_above_its_own_channels_usual() -> None:
    rng = np.random.default_rng(4)
    told = residuals(rng)
    calm = told["channel_id"] == "c0"
    told["residual"] = told["residual"].where(~calm, told["residual"] / 4)
    told.loc[told["post_id"].isin(["0-40", "1-40"]), "residual"] = 0.6
    found = comparable(told, ages(told), NOW).set_index("post_id")
    assert found.loc["0-40", "stands_out"], "1.8 times the usual is much for a calm channel"
    assert not found.loc["1-40", "stands_out"], "and no more than ups and downs for a restless one"
    assert found.loc["0-40", "spread"] < found.loc["1-40", "spread"]
    assert found["stands_out"].mean() < 0.08


def test_what_the_whole_platform_did_at_that_time_is_no_merit() -> None:
    rng = np.random.default_rng(5)
    told = residuals(rng, channels=12)
    wave = (told["published_at"] >= START + 71 * DAY) & (told["published_at"] < START + 99 * DAY)
    raised = told.assign(residual=told["residual"] + 1.0 * wave)
    plain, lifted = (comparable(one, ages(one), NOW).set_index("post_id") for one in (told, raised))
    in_wave = told.loc[wave, "post_id"]
    change = (lifted["ln"] - plain["ln"]).loc[plain.index.intersection(in_wave)].mean()
    assert abs(change) < 0.15


def test_a_channels_own_rise_is_not_taken_for_the_platforms() -> None:
    y = np.r_[np.full(30, 1.0), np.zeros(30)]
    channel = np.repeat([0, 1], 30)
    at = np.zeros(60, np.int64)
    assert np.allclose(of_its_time(y, channel, at)[:30], 0.0)
    assert (of_its_time(y, channel, at)[30:] > 0.5).all()


def test_older_posts_of_one_snapshot_had_longer_to_gather() -> None:
    """Views at one snapshot: results grow with the age beyond the level's; matched in age the old posts lose their lead."""
    rng = np.random.default_rng(6)
    channel = np.repeat(np.arange(10), 60)
    age = np.tile(np.linspace(3_000, 200, 60), 10)
    before = np.tile(np.arange(60), 10)
    level = [np.log(age[max(0, i - LEVEL_POSTS) : i]).mean() if i else np.nan for i in range(60)]
    older = np.log(age) - np.tile(level, 10)
    y = rng.normal(0, 0.3, 600) + 0.5 * np.nan_to_num(older)
    matched = age_matched(y, channel, before, age)
    told = before >= MIN_BEFORE
    assert abs(np.corrcoef(older[told], y[told])[0, 1]) > 0.2
    assert abs(np.corrcoef(older[told], matched[told])[0, 1]) < 0.03


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), age=st.sampled_from([np.nan, 168.0]))
def test_equal_or_unknown_ages_change_nothing(seed: int, age: float) -> None:
    rng = np.random.default_rng(seed)
    y, channel = rng.normal(size=200), np.repeat([0, 1], 100)
    before = np.tile(np.arange(100), 2)
    np.testing.assert_array_equal(age_matched(y, channel, before, np.full(200, age)), y)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_known_before_counts_what_was_known(data: Any) -> None:
    days = st.lists(st.integers(0, 30), min_size=0, max_size=12)
    one, other = sorted(data.draw(days)), sorted(data.draw(days))
    published = np.array([*one, *other], np.int64)
    known = published + np.array([data.draw(st.integers(1, 20)) for _ in published], np.int64)
    channel = np.repeat([0, 1], [len(one), len(other)])
    slow = [
        sum(known[j] <= published[i] for j in range(len(channel)) if channel[j] == channel[i])
        for i in range(len(channel))
    ]
    assert known_before(channel, published, known).tolist() == slow
