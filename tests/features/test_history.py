"""History states against a reference that asks, for every post, what a patient person would have known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creatorlens.platforms import Platform
from features.history import FAST_HALF_LIFE, OUTLIER_LN, SLOW_HALF_LIFE, WINDOW, channel_states
from features.rows import labelled_rows

MICROSECOND = pd.Timedelta(microseconds=1)
WEEK_H = 168


def matured(tables: Any, at: pd.Timestamp) -> pd.DataFrame:
    """Outcomes known at `at`, one per post: the earliest known that counts as matured."""
    seen = tables.observations
    age = (seen["observed_at"] - seen["published_at"]) / pd.Timedelta(hours=1)
    good = seen.loc[(seen["backfilled"] | age.isna() | (age >= WEEK_H)) & seen["views"].notna()]
    first = good.sort_values(["known_at", "observation_key"]).groupby("post_id").head(1)
    return first.loc[first["known_at"] <= at]


def reference(tables: Any, channel: str, at: pd.Timestamp) -> dict[str, float]:
    known = matured(tables, at)
    known = known.loc[known["channel_id"] == channel].sort_values(["published_at", "post_id"])
    newest_first = known["views"].to_numpy()[::-1]
    ln = np.log1p(newest_first)[:WINDOW]
    band, twenty = newest_first[:20], ln[:20]

    def ewma(half_life: float) -> float:
        weights = 0.5 ** (np.arange(len(ln)) / half_life)
        return float((ln * weights).sum() / weights.sum()) if len(ln) else np.nan

    own = tables.posts.loc[tables.posts["channel_id"] == channel, "published_at"]
    before = own.loc[own + MICROSECOND <= at]
    last_event = max([*before + MICROSECOND, *known["known_at"]], default=None)
    # Rates are taken up to the channel's last publishing.
    newest = before.max()
    return {
        "floor": float(np.median(newest_first[:5])) if len(ln) else np.nan,
        "floor_n": float(min(len(ln), 5)),
        "n_matured": float(len(known)),
        "band_p10": float(np.quantile(band, 0.1)) if len(band) >= 3 else np.nan,
        "band_p90": float(np.quantile(band, 0.9)) if len(band) >= 3 else np.nan,
        "ewma_fast": ewma(FAST_HALF_LIFE),
        "ewma_slow": ewma(SLOW_HALF_LIFE),
        "last_ln": float(ln[0]) if len(ln) else np.nan,
        "max_ln": float(np.log1p(newest_first).max()) if len(ln) else np.nan,
        "outlier_share": float((twenty > np.median(twenty) + OUTLIER_LN).mean())
        if len(twenty) >= 3
        else np.nan,
        "n_posts": float(len(before)),
        "posts_7d": float((before > newest - pd.Timedelta(days=7)).sum()) if len(before) else 0.0,
        "last_published_us": float(newest.value // 1000) if len(before) else np.nan,
        "event": last_event,
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), posts=st.integers(1, 70), channels=st.integers(1, 3))
def test_states_equal_what_one_would_have_known(
    made_up: Callable[..., Any], seed: int, posts: int, channels: int
) -> None:
    tables = made_up(seed, posts=posts, channels=channels)
    states = channel_states(tables.posts, tables.observations, tables.platform)
    rng = np.random.default_rng(seed)
    for moment in rng.choice(tables.posts["published_at"].to_numpy(), 3):
        at = (
            pd.Timestamp(moment).tz_localize("UTC")
            if pd.Timestamp(moment).tz is None
            else pd.Timestamp(moment)
        )
        for channel in tables.posts["channel_id"].unique():
            expected = reference(tables, channel, at)
            mine = states.loc[(states["channel_id"] == channel) & (states["event_timestamp"] <= at)]
            if expected["event"] is None:
                assert mine.empty
                continue
            state = mine.iloc[-1]
            assert state["event_timestamp"] == expected.pop("event")
            for name, value in expected.items():
                assert state[name] == pytest.approx(value, nan_ok=True), name


def test_an_old_post_that_becomes_known_late_never_pushes_a_newer_one_out(
    made_up: Callable[..., Any],
) -> None:
    tables = made_up(1, channels=1, posts=8)
    posts = tables.posts.assign(channel_id="youtube:c0")
    start = posts["published_at"].min()
    posts["published_at"] = [start + pd.Timedelta(days=i) for i in range(8)]
    known = [start + pd.Timedelta(days=20 + i) for i in range(8)]
    known[0] = start + pd.Timedelta(days=100)
    observations = pd.DataFrame(
        {
            "post_id": posts["post_id"], "channel_id": posts["channel_id"], "published_at": posts["published_at"],
            "observation_key": "o", "observed_at": known, "known_at": known, "backfilled": False,
            "metric_definition": "youtube-views-1", "views": [1e6, 1, 2, 3, 4, 5, 6, 7],
            "likes": np.nan, "comments": np.nan, "shares": np.nan, "saves": np.nan,
        }
    )  # fmt: skip
    states = channel_states(posts, observations, Platform.YOUTUBE)
    last = states.iloc[-1]
    assert last["event_timestamp"] == known[0]
    assert last["n_matured"] == 8
    assert last["floor"] == 5, "the median of the five newest, not of the five last known"
    assert last["last_ln"] == pytest.approx(np.log1p(7))


def test_a_posts_own_publishing_and_posts_of_the_same_instant_are_not_part_of_what_was_known(
    made_up: Callable[..., Any],
) -> None:
    tables = made_up(3, channels=1, posts=40)
    rows = labelled_rows(
        tables.posts, tables.observations, tables.stats, tables.channels, tables.platform
    ).drop_duplicates("post_id")
    for row in rows.itertuples():
        earlier = (tables.posts["published_at"] < row.published_at).sum()
        assert row.n_posts_ln == pytest.approx(np.log1p(earlier), rel=1e-6)


def test_base_is_there_as_soon_as_the_platform_has_any_outcome(made_up: Callable[..., Any]) -> None:
    tables = made_up(5, posts=60)
    rows = labelled_rows(tables.posts, tables.observations, tables.stats, tables.channels, tables.platform)
    first = matured(tables, pd.Timestamp.max.tz_localize("UTC"))["known_at"].min()
    assert rows.loc[rows["published_at"] >= first, "base_ln"].notna().all()
    assert rows.loc[rows["published_at"] < first, "base_ln"].isna().all()
    assert rows.groupby("post_id")["is_last"].sum().eq(1).all()
