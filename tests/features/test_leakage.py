"""No feature of the past may move when the future does; a feature that does is caught by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creatorlens.platforms import Platform
from features.asof import DAY_US, micros
from features.histories import build_histories
from features.leakage import LeakageError, check_leakage
from features.outcomes import matured_outcomes
from features.rows import KEYS, feature_rows, timezones
from features.sequences import channel_sequences


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    share=st.floats(0.05, 0.95),
    platform=st.sampled_from([Platform.YOUTUBE, Platform.INSTAGRAM]),
)
def test_changing_the_future_of_random_channels_moves_no_feature_of_the_past(
    made_up: Callable[..., Any], seed: int, share: float, platform: Platform
) -> None:
    tables = made_up(seed, posts=60, platform=platform)
    channels = np.random.default_rng(seed).choice(tables.posts["channel_id"].unique(), 2)
    moment = tables.posts["published_at"].quantile(share)
    check_leakage(
        everything(tables), tables.posts, tables.observations, tables.stats,
        moment=moment, channels=channels, seed=seed,
    )  # fmt: skip


def everything(tables: Any) -> Callable[[pd.DataFrame, pd.DataFrame, pd.DataFrame], pd.DataFrame]:
    """Feature rows of every post, seen or not."""

    def compute(posts: pd.DataFrame, observations: pd.DataFrame, stats: pd.DataFrame) -> pd.DataFrame:
        zones = timezones(tables.channels, "UTC")
        histories = build_histories(posts, observations, stats, zones, tables.platform)
        return feature_rows(posts, micros(posts["published_at"]), zones, histories)

    return compute


@pytest.mark.parametrize("platform", [Platform.INSTAGRAM, Platform.YOUTUBE, Platform.TIKTOK])
def test_no_feature_of_the_past_moves_on_real_tables(real: Callable[..., Any], platform: Platform) -> None:
    tables = real(platform, limit=2500)
    channels = np.random.default_rng(0).choice(tables.posts["channel_id"].unique(), 20)
    moment = tables.posts["published_at"].quantile(0.6)
    compared = check_leakage(
        everything(tables), tables.posts, tables.observations, tables.stats, moment=moment, channels=channels
    )
    assert compared > 80 * 1400


def test_a_planted_leak_is_caught_and_named(made_up: Callable[..., Any]) -> None:
    tables = made_up(7, posts=80)
    honest = everything(tables)

    def leaking(posts: pd.DataFrame, observations: pd.DataFrame, stats: pd.DataFrame) -> pd.DataFrame:
        rows = honest(posts, observations, stats)
        # The classic: a channel's mean over all of its outcomes, also those still to come.
        ever = np.log1p(observations["views"]).groupby(observations["channel_id"]).mean()
        return rows.assign(trend_ln=rows["channel_id"].map(ever).astype("float32"))

    arguments = {"moment": tables.posts["published_at"].quantile(0.5), "channels": ["youtube:c1"]}
    check_leakage(honest, tables.posts, tables.observations, tables.stats, **arguments)
    with pytest.raises(LeakageError, match="trend_ln") as caught:
        check_leakage(leaking, tables.posts, tables.observations, tables.stats, **arguments)
    assert caught.value.feature == "trend_ln"
    assert caught.value.channel_id == "youtube:c1"
    assert "known_at" in str(caught.value)


def test_using_an_outcome_before_it_was_known_is_caught(made_up: Callable[..., Any]) -> None:
    tables = made_up(11, posts=80)
    honest = everything(tables)

    def impatient(posts: pd.DataFrame, observations: pd.DataFrame, stats: pd.DataFrame) -> pd.DataFrame:
        return honest(posts, observations.assign(known_at=observations["published_at"]), stats)

    with pytest.raises(LeakageError):
        check_leakage(
            impatient, tables.posts, tables.observations, tables.stats,
            moment=tables.posts["published_at"].quantile(0.5), channels=list(tables.posts["channel_id"].unique()),
        )  # fmt: skip


def test_a_sequence_that_knows_an_outcome_too_early_is_caught(made_up: Callable[..., Any]) -> None:
    """Everything else stays honest: only the order of the channel's last posts looks a week ahead."""
    tables = made_up(7, posts=80)
    honest = everything(tables)

    def leaking(posts: pd.DataFrame, observations: pd.DataFrame, stats: pd.DataFrame) -> pd.DataFrame:
        rows = honest(posts, observations, stats)
        outcomes = matured_outcomes(observations, tables.platform)
        ahead = channel_sequences(posts, outcomes).known(
            rows["channel_id"], micros(rows["published_at"]) + 7 * DAY_US
        )
        return rows.assign(channel_sequence=pd.Series(ahead, dtype=object))

    arguments = {
        "moment": tables.posts["published_at"].quantile(0.5),
        "channels": list(tables.posts["channel_id"].unique()),
    }
    check_leakage(honest, tables.posts, tables.observations, tables.stats, **arguments)
    with pytest.raises(LeakageError, match="channel_sequence") as caught:
        check_leakage(leaking, tables.posts, tables.observations, tables.stats, **arguments)
    assert caught.value.feature == "channel_sequence"
    assert "known_at" in str(caught.value)


def at_half(tables: Any) -> dict[str, Any]:
    return {
        "moment": tables.posts["published_at"].quantile(0.5),
        "channels": list(tables.posts["channel_id"].unique()),
    }


def followers_ever(rows: pd.DataFrame, posts: pd.DataFrame, observations: pd.DataFrame) -> pd.Series:
    """The channel's largest audience, also of days to come."""
    return rows["channel_id"].map(np.log1p(posts.groupby("channel_id")["followers"].max()))


def posts_ever(rows: pd.DataFrame, posts: pd.DataFrame, observations: pd.DataFrame) -> pd.Series:
    return rows["channel_id"].map(np.log1p(posts["channel_id"].value_counts()))


def own_outcome(rows: pd.DataFrame, posts: pd.DataFrame, observations: pd.DataFrame) -> pd.Series:
    """The post's own result, the coarsest leak there is."""
    return rows["post_id"].map(observations.groupby("post_id")["views"].max())


def platform_mean(rows: pd.DataFrame, posts: pd.DataFrame, observations: pd.DataFrame) -> pd.Series:
    return pd.Series(np.log1p(observations["views"]).mean(), index=rows.index)


def next_gap(rows: pd.DataFrame, posts: pd.DataFrame, observations: pd.DataFrame) -> pd.Series:
    """Hours to the channel's next post, in place of those since the last."""
    at = posts.sort_values("published_at")
    hours = -at.groupby("channel_id")["published_at"].diff(-1) / pd.Timedelta(hours=1)
    return rows["post_id"].map(hours.set_axis(at["post_id"].to_numpy()))


@pytest.mark.parametrize(
    ("feature", "leak"),
    [
        ("followers_ln", followers_ever),
        ("n_posts_ln", posts_ever),
        ("base_ln", own_outcome),
        ("platform_momentum", platform_mean),
        ("gap_ln_h", next_gap),
        ("channel_tag_lift", own_outcome),
        ("a_column_nobody_listed", own_outcome),
    ],
)
def test_planted_canaries_of_every_kind_are_caught(
    made_up: Callable[..., Any], feature: str, leak: Callable[..., pd.Series]
) -> None:
    tables = made_up(7, posts=80)
    honest = everything(tables)

    def leaking(posts: pd.DataFrame, observations: pd.DataFrame, stats: pd.DataFrame) -> pd.DataFrame:
        rows = honest(posts, observations, stats)
        return rows.assign(**{feature: leak(rows, posts, observations).to_numpy()})

    check_leakage(honest, tables.posts, tables.observations, tables.stats, **at_half(tables))
    with pytest.raises(LeakageError, match=feature):
        check_leakage(leaking, tables.posts, tables.observations, tables.stats, **at_half(tables))


def test_every_column_of_the_rows_is_compared(made_up: Callable[..., Any]) -> None:
    tables = made_up(7, posts=80)
    rows = everything(tables)(tables.posts, tables.observations, tables.stats)
    past = rows.loc[rows["published_at"] <= at_half(tables)["moment"]]
    held = past["channel_sequence"].dropna()
    assert len(held) > 10
    expected = len(past) * (len(rows.columns) - len(KEYS) - 1)
    expected += sum(one.size for one in held) + len(past) - len(held)
    compared = check_leakage(
        everything(tables), tables.posts, tables.observations, tables.stats, **at_half(tables)
    )
    assert compared == expected
