"""Synthetic labelled rows in which the truth is known, in the shape the features room hands over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from features.catalogue import NAMES

UTC_US = "datetime64[us, UTC]"
Make = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def make_rows() -> Make:
    return labelled


@pytest.fixture(scope="session")
def rows() -> pd.DataFrame:
    """900 posts of 12 channels: titles with a question do better, outcomes grow with age."""
    return labelled()


def labelled(
    posts: int = 900,
    channels: int = 12,
    seed: int = 0,
    effect: float = 0.8,
    age_slope: float = 0.3,
    noise: float = 0.4,
    ages: bool = True,
    definition: str = "instagram-likes-1",
    platform: str = "instagram",
) -> pd.DataFrame:
    """y = channel level + effect * question + age_slope * (ln age - ln week) + noise; the base is the level."""
    random = np.random.default_rng(seed)
    published = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(
        np.sort(random.uniform(0, 600, posts)), "D"
    )
    channel = random.integers(0, channels, posts)
    level = 5.0 + channel % 5
    frame = pd.DataFrame({name: random.normal(size=posts).astype(np.float32) for name in NAMES})
    frame["headline_question"] = random.integers(0, 2, posts).astype(np.float32)
    age_h = random.uniform(170, 2000, posts) if ages else np.full(posts, np.nan)
    grown = np.where(np.isnan(age_h), 0.0, age_slope * np.log(age_h / 168.0)) if ages else 0.0
    y = level + effect * (frame["headline_question"] - 0.5) + grown + noise * random.normal(size=posts)
    floor = np.expm1(level + 0.5 * noise * random.normal(size=posts))
    keys = {
        "post_id": [f"p{i}" for i in range(posts)],
        "channel_id": [f"{platform}:c{c}" for c in channel],
        "platform": platform,
        "published_at": pd.Series(published).astype(UTC_US),
        "as_of": pd.Series(published).astype(UTC_US),
        "floor": floor,
        "floor_n": 5,
        "base_ln": level.astype(float),
        "outcome": np.expm1(y),
        "outcome_known_at": pd.Series(published + pd.Timedelta(days=7)).astype(UTC_US),
        "age_h": age_h,
        "backfilled": False,
        "metric_definition": definition,
        "observation_key": "one",
        "is_last": True,
    }
    return pd.concat([pd.DataFrame(keys), frame], axis=1)
