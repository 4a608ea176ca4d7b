"""The channel's last posts in order: what a patient person would have written down by then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.asof import DAY_US, micros
from features.outcomes import LABEL_METRICS, matured_outcomes
from features.rows import labelled_rows
from features.sequences import FIELDS, LENGTH, SEQUENCE, channel_sequences, unpack

START_2000 = pd.Timestamp("2000-01-01", tz="UTC")


def expected(tables: Any, channel: str, at: pd.Timestamp) -> np.ndarray | None:
    """Written post by post from the tables alone."""
    seen = tables.observations
    age = (seen["observed_at"] - seen["published_at"]) / pd.Timedelta(hours=1)
    seen = seen.assign(age=age).loc[(seen["backfilled"] | age.isna() | (age >= 168)) & seen["views"].notna()]
    first = seen.sort_values(["known_at", "observation_key"]).groupby("post_id").head(1)
    mine = first.loc[(first["known_at"] <= at) & (first["channel_id"] == channel)]
    rows = []
    for outcome in mine.sort_values(["published_at", "post_id"]).tail(LENGTH).itertuples():
        post = tables.posts.loc[tables.posts["post_id"] == outcome.post_id].iloc[0]
        own = tables.posts.loc[tables.posts["channel_id"] == channel, "published_at"]
        before = own[own < post["published_at"]].max()
        rows.append(
            (
                np.log1p(outcome.views),
                (post["published_at"] - START_2000) / pd.Timedelta(days=1),
                np.log(max(outcome.age, 1)) if outcome.age == outcome.age else np.nan,
                float(post["media_type"] == "video"),
                np.nan if pd.isna(post["duration_s"]) else float(post["duration_s"] <= 60),
                np.log1p((post["published_at"] - before) / pd.Timedelta(days=1)),
            )
        )
    return np.array(rows, np.float32) if rows else None


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), posts=st.integers(1, 90), channels=st.integers(1, 3))
def test_a_sequence_holds_the_last_known_outcomes_newest_last(
    made_up: Callable[..., Any], seed: int, posts: int, channels: int
) -> None:
    tables = made_up(seed, posts=posts, channels=channels)
    rows = labelled_rows(tables.posts, tables.observations, tables.stats, tables.channels, tables.platform)
    for row in rows.sample(min(len(rows), 6), random_state=seed).itertuples():
        ours, theirs = row.channel_sequence, expected(tables, row.channel_id, row.published_at)
        if theirs is None:
            assert ours is None
            continue
        assert ours.dtype == np.float32
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_packed_for_the_store_and_unpacked_it_is_the_same(made_up: Callable[..., Any]) -> None:
    tables = made_up(3, posts=80)
    sequences = channel_sequences(tables.posts, matured_outcomes(tables.observations, tables.platform))
    flat, counts = sequences.packed(slice(0, None))
    lists = np.split(flat, np.cumsum(counts)[:-1])
    direct = sequences.known(sequences.channel_id, sequences.at)
    for one, other in zip(unpack(lists), direct, strict=True):
        assert one is not None
        assert other is not None
        np.testing.assert_array_equal(one, other)
        assert one.shape[1] == len(FIELDS)
    assert unpack([None, [], np.zeros(0)]) == [None, None, None]


def test_nobody_knows_anything_before_the_first_outcome_or_of_a_stranger(made_up: Callable[..., Any]) -> None:
    tables = made_up(3, posts=80)
    sequences = channel_sequences(tables.posts, matured_outcomes(tables.observations, tables.platform))
    first = sequences.at.min()
    channel = sequences.channel_id[int(np.argmin(sequences.at))]
    assert sequences.known([channel], np.array([first - 1])) == [None]
    known = sequences.known([channel, "youtube:stranger"], np.array([first, first + 1000 * DAY_US]))
    assert known[0] is not None
    assert known[1] is None


def test_without_posts_or_outcomes_every_sequence_is_nothing(made_up: Callable[..., Any]) -> None:
    tables = made_up(3, posts=20)
    none = matured_outcomes(tables.observations.head(0), tables.platform)
    sequences = channel_sequences(tables.posts, none)
    at = micros(tables.posts["published_at"])
    assert sequences.known(tables.posts["channel_id"], at) == [None] * 20
    assert sequences.packed(slice(0, None))[0].size == 0


def test_labels_carry_what_else_was_counted_in_the_same_observation(made_up: Callable[..., Any]) -> None:
    tables = made_up(5, posts=60)
    rows = labelled_rows(tables.posts, tables.observations, tables.stats, tables.channels, tables.platform)
    seen = tables.observations.set_index(["post_id", "observation_key", "known_at"])
    for row in rows.itertuples():
        of = seen.loc[[(row.post_id, row.observation_key, row.outcome_known_at)]].iloc[0]
        for metric in LABEL_METRICS:
            assert getattr(row, f"outcome_{metric}") == pytest.approx(of[metric], nan_ok=True)
    assert rows["outcome_shares"].isna().all(), "nobody counted shares"
    assert (rows["outcome_views"] == rows["outcome"]).all()
    assert SEQUENCE in rows.columns
