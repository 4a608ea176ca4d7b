"""A channel with posts of known views, and plans that need no history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from creatorlens.advice.experiments import ExperimentRequest, ObservationOfVariant
from creatorlens.settings import Settings
from tests.services.insights.conftest import Book

START = datetime(2026, 6, 1, tzinfo=UTC)
NOW = datetime(2026, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def book(engine: Engine, settings: Settings) -> Book:
    book = Book(engine, settings)
    for i in range(12):
        at = START - (60 - 5 * i) * DAY
        book.post(f"p{i}", at, title=f"Film {i}")
        book.views(f"p{i}", 2_800 + i, observed_at=at + 8 * DAY)
        book.views(f"p{i}", 9_000, observed_at=at + 40 * DAY)
    return book


def asked(*titles: str, kind: str = "title", force: bool = False, **plan: Any) -> ExperimentRequest:
    """`titles`: of variants a, b, c..."""
    told = {"smallest": 0.3, "baseline": 0.05, "impressions_per_day": 4000, **plan}
    part = {"time": "slot"}.get(kind, kind)
    return ExperimentRequest.model_validate(
        {
            "kind": kind, "channel": "youtube:ann", "plan": told, "force": force,
            "variants": [{"variant_id": "abcdef"[i], part: one} for i, one in enumerate(titles)],
        }
    )  # fmt: skip


def seen(day: float, variant: str, impressions: int, clicks: int, days: float = 1.0) -> ObservationOfVariant:
    at = START + day * DAY
    return ObservationOfVariant(
        variant_id=variant,
        period_start=at,
        period_end=at + days * DAY,
        impressions=impressions,
        clicks=clicks,
    )
