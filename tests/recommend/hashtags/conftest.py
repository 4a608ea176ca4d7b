"""Made posts with hashtags whose effects are known, because we put them there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

Made = Callable[..., tuple[pd.DataFrame, pd.DataFrame]]
START = pd.Timestamp("2026-01-01", tz="UTC")
TAGS = [f"tag{i}" for i in range(12)]


@pytest.fixture(scope="session")
def made() -> Made:
    """`made(effects)`: 30 channels of 40 posts, three of twelve hashtags each, an outcome each: posts, residuals."""

    def make(
        effects: dict[str, float], *, only: str | None = None, seed: int = 0, noise: float = 0.4
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        random = np.random.default_rng(seed)
        rows: list[dict[str, Any]] = []
        for i in range(1200):
            channel = f"instagram:c{i % 30}"
            tags = list(random.choice(TAGS, 3, replace=False))
            told = effects if only in (None, channel) else {}
            rows.append(
                {
                    "post_id": f"p{i}", "channel_id": channel, "media_type": "image",
                    "published_at": START + pd.Timedelta(hours=4 * i), "hashtags": tags,
                    "residual": 0.3 * (i % 30 - 15) / 15 + sum(told.get(tag, 0.0) for tag in tags)
                    + noise * random.standard_normal(),
                }
            )  # fmt: skip
        posts = pd.DataFrame(rows)
        residuals = posts[["post_id", "channel_id", "published_at", "residual"]].copy()
        residuals["known_at"] = residuals["published_at"] + pd.Timedelta(days=7)
        return posts.drop(columns="residual"), residuals

    return make
