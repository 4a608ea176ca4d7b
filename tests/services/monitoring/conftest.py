"""A platform in which the truth is known: a question in the title moves forecasts, its length does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from creatorlens.settings import Settings
from services.monitoring.reference import Reference, read_reference
from tests.services.insights.conftest import Book
from training.reference import write_reference

DAYS = 500
EMBEDDED = 16


class Linear:
    """A model whose middle forecast is 6 + 0.5 question + 0.3 season + 0.4 (first number of the embedding)."""

    feature_names = ("headline_question", "headline_chars", "month_sin", "followers_ln")

    def forecast(
        self, rows: pd.DataFrame, drivers: bool = False, floor_only: bool = False, gated: bool = True
    ) -> pd.DataFrame:
        title = np.stack(rows["text_embedding"].tolist())[:, 0]
        ln = 6 + 0.5 * rows["headline_question"] + 0.3 * rows["month_sin"] + 0.4 * title
        return pd.DataFrame({"p50": np.expm1(ln)}, index=rows.index)


def posts(n: int, seed: int, from_day: float = 0.0, to_day: float = DAYS) -> pd.DataFrame:
    """Feature rows with labels; only the season differs between parts of the year."""
    random = np.random.default_rng(seed)
    day = np.sort(random.uniform(from_day, to_day, n))
    channel = random.integers(0, 12, n)
    published = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(day, "D")
    return pd.DataFrame(
        {
            "post_id": [f"p{seed}-{i}" for i in range(n)],
            "channel_id": [f"youtube:secret{c}" for c in channel],
            "published_at": published,
            "outcome_known_at": published + pd.Timedelta(days=7),
            "is_last": True,
            "headline_question": random.normal(size=n).astype(np.float32),
            "headline_chars": np.where(random.random(n) < 0.1, np.nan, random.normal(40, 12, n)),
            "month_sin": np.sin(2 * np.pi * day / 365).astype(np.float32),
            "followers_ln": (8.0 + channel % 4).astype(np.float32),
            "text_embedding": list(random.normal(size=(n, EMBEDDED)).astype(np.float32)),
        }
    )


def backtest(n: int = 600, seed: int = 0, spread: float = 0.5) -> pd.DataFrame:
    """Forecasts of normal outcomes, calibrated, in four cut-offs."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"channel_id": random.integers(0, 40, n).astype(str), "cut_off": np.arange(n) % 4})
    frame["truth"] = 6 + spread * random.normal(size=n)
    for who in ("served", "floor"):
        for q, at in (("p10", -1.2816), ("p50", 0.0), ("p90", 1.2816)):
            frame[f"{who}_{q}"] = 6 + at * spread
    return frame


def graded(n: int, seed: int, spread: float = 0.5, bias: float = 0.0) -> pd.DataFrame:
    """What the ledger gives of the same forecasts, outcomes drawn again: wider with `spread`, higher with `bias`."""
    random = np.random.default_rng(seed)
    ln = 6 + bias + spread * random.normal(size=n)
    quantiles = np.expm1(6 + 0.5 * np.array([-1.2816, 0.0, 1.2816]))
    return pd.DataFrame(
        {
            "channel_id": random.integers(0, 40, n).astype(str),
            "p10": quantiles[0],
            "p50": quantiles[1],
            "p90": quantiles[2],
            "outcome": np.expm1(ln),
        }
    )


@pytest.fixture(scope="session")
def reference_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reference(tmp_path_factory.mktemp("reference"), Linear(), posts(4_000, 0), backtest())


@pytest.fixture(scope="session")
def reference(reference_file: Path) -> Reference:
    return read_reference(reference_file)


@pytest.fixture
def book(engine: Engine, settings: Settings) -> Book:
    return Book(engine, settings)
