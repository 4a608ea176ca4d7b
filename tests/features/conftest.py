"""Real tables, and small made-up ones, in the shape the database hands out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode: helpers beside the tests

import fill_database
import real_tables

from creatorlens.metric_definitions import definition_ids
from creatorlens.platforms import Platform

UTC_US = real_tables.UTC_US
START = pd.Timestamp("2024-01-01", tz="UTC").as_unit("us")


@pytest.fixture(scope="session")
def real(shared_data: Path) -> Callable[..., real_tables.Tables]:
    """`real(Platform.YOUTUBE)`: real tables; `limit=` the newest posts only."""

    def load(platform: Platform, **options: Any) -> real_tables.Tables:
        return real_tables.load(platform, folder=shared_data, **options)

    return load


@pytest.fixture
def fill() -> Callable[..., None]:
    return fill_database.fill


@pytest.fixture
def made_up() -> Callable[..., real_tables.Tables]:
    return make_tables


def make_tables(
    seed: int, *, channels: int = 3, posts: int = 30, platform: Platform = Platform.YOUTUBE
) -> real_tables.Tables:
    """Random tables with everything awkward: equal times, late and unknown and repeated observations,
    missing counts, audiences, tags shared between channels."""
    rng = np.random.default_rng(seed)
    names = [f"{platform.value}:c{i}" for i in range(channels)]
    # Half-day steps: many posts share an instant, many outcomes become known together.
    published = START + pd.to_timedelta(rng.integers(0, 120, posts) * 12, unit="h")
    frame = pd.DataFrame(
        {
            "post_id": [f"p{i}" for i in range(posts)],
            "channel_id": rng.choice(names, posts),
            "published_at": pd.Series(published).astype(UTC_US),
            "media_type": rng.choice(["video", "image"], posts),
            "title": rng.choice(["Ten things you MUST know!", "why?", "Ein Titel", ""], posts),
            "text": rng.choice(["", "line one\nline two #tag"], posts),
            "hashtags": [list(rng.choice(["a", "b", "C"], rng.integers(0, 3))) for _ in range(posts)],
            "duration_s": rng.choice([30.0, 600.0, np.nan], posts),
            "followers": rng.choice([1000.0, 5000.0, np.nan], posts),
            "category": rng.choice(["x", "y", None], posts),
        }
    ).sort_values(["published_at", "post_id"], ignore_index=True)
    seen = [_observation(rng, row, k) for row in frame.to_dict("records") for k in range(rng.integers(0, 3))]
    columns = [
        "post_id", "channel_id", "published_at", "observation_key", "observed_at", "known_at", "backfilled",
        "metric_definition", "views", "likes", "comments", "shares", "saves",
    ]  # fmt: skip
    observations = pd.DataFrame(seen, columns=columns)
    for column in ("published_at", "observed_at", "known_at"):
        observations[column] = pd.to_datetime(observations[column], utc=True).astype(UTC_US)
    observations["metric_definition"] = definition_ids(
        platform, observations["published_at"], pd.Series(np.nan, index=observations.index)
    )
    stats = pd.DataFrame(
        {
            "channel_id": rng.choice(names, 8),
            "observed_at": pd.Series(START + pd.to_timedelta(rng.integers(0, 60, 8), unit="D")).astype(
                UTC_US
            ),
            "followers": rng.integers(100, 9000, 8).astype(float),
            "total_views": np.nan,
            "posts": np.nan,
        }
    )
    zones = pd.DataFrame(
        {
            "channel_id": names,
            "platform": platform.value,
            "timezone": ["Europe/Berlin", None, None][:channels],
        }
    )
    return real_tables.Tables(
        frame, observations, stats.drop_duplicates(["channel_id", "observed_at"]), zones, platform
    )


def _observation(rng: np.random.Generator, post: dict[str, Any], k: int) -> dict[str, Any]:
    kind = rng.choice(["observed", "unknown", "backfilled"])
    age = pd.Timedelta(hours=int(rng.integers(1, 60) * 12))
    week = pd.Timedelta(days=7)
    observed = (
        None if kind == "unknown" else post["published_at"] + max(age, week if kind == "backfilled" else age)
    )
    views = float(np.round(np.exp(rng.normal(6, 2)))) if rng.random() > 0.1 else np.nan
    return {
        "post_id": post["post_id"], "channel_id": post["channel_id"], "published_at": post["published_at"],
        "observation_key": f"{kind}-{k}", "observed_at": observed,
        "known_at": observed if kind == "observed" else post["published_at"] + week,
        "backfilled": kind != "observed", "metric_definition": "", "views": views, "likes": views / 20,
        "comments": float(rng.integers(0, 50)), "shares": np.nan, "saves": np.nan,
    }  # fmt: skip
