"""Errors are worse only where they are so beyond the noise of window, backtest and months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from services.insights.grading import grade
from services.monitoring.errors import error_drift, graded_forecasts
from services.monitoring.reference import Losses, Reference
from tests.services.insights.conftest import Book
from tests.services.monitoring.conftest import graded

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def backtest(reference: Reference) -> dict[str, Losses]:
    return reference.backtest["served"]


def test_errors_like_those_of_the_backtest_raise_no_alarm(backtest: dict[str, Losses]) -> None:
    found = [error_drift(graded(150, seed), backtest) for seed in range(300)]
    assert np.mean([one.worse is not None for one in found]) <= 0.02


@pytest.mark.parametrize(
    ("spread", "bias", "said"),
    [(0.9, 0.0, "mae_ln"), (0.5, 0.6, "forecasts miss by more"), (0.9, 0.0, "coverage80")],
)
def test_worse_errors_are_told_with_their_figures(
    backtest: dict[str, Losses], spread: float, bias: float, said: str
) -> None:
    found = [error_drift(graded(150, seed, spread, bias), backtest) for seed in range(50)]
    assert np.mean([one.worse is not None for one in found]) >= 0.95
    assert np.mean([said in (one.worse or "") for one in found]) >= 0.9
    assert found[0].figures["mae_ln"] > found[0].figures["mae_ln_backtest"]
    assert found[0].figures["mae_ln_p"] < 0.01


def test_intervals_that_hold_far_too_much_are_worse_as_well(backtest: dict[str, Losses]) -> None:
    found = error_drift(graded(400, 1, spread=0.15), backtest)
    assert found.worse is not None
    assert found.worse.startswith("the 80 % interval")


def test_months_that_differed_in_the_backtest_ask_for_more_evidence(backtest: dict[str, Losses]) -> None:
    worse = graded(150, 3, bias=0.35)
    assert error_drift(worse, backtest).worse is not None
    uneven = {name: Losses(one.mean, one.se, 0.15) for name, one in backtest.items()}
    assert error_drift(worse, uneven).worse is None


def test_few_posts_or_channels_are_not_judged(backtest: dict[str, Losses]) -> None:
    assert "too few" in error_drift(graded(20, 1, bias=3), backtest).said
    alone = graded(200, 1, bias=3).assign(channel_id="one")
    assert error_drift(alone, backtest).worse is None
    assert error_drift(graded(0, 1), backtest).figures["n"] == 0


def test_each_post_counts_once_and_only_forecasts_made_before_their_outcome(book: Book) -> None:
    published = NOW - 20 * DAY
    for name in ("live", "twice", "known", "old"):
        at = NOW - 200 * DAY if name == "old" else published
        book.post(name, at)
        book.views(name, 100, observed_at=at + 7 * DAY)
    book.predict(post_id="live", planned_at=published, created_at=published - DAY, horizons=(168,))
    for p50 in (50, 90):
        made = published - (2 if p50 == 50 else 1) * DAY
        book.predict(post_id="twice", planned_at=published, created_at=made, horizons=(168,), p50=p50)
    # made afterwards, by the version that serves
    book.predict(post_id="known", planned_at=published, created_at=NOW, horizons=(168,))
    book.predict(post_id="old", planned_at=NOW - 200 * DAY, created_at=NOW - 201 * DAY, horizons=(168,))
    grade(book.engine, book.settings, now=NOW)

    def found(version: str | None, known_until: datetime | None) -> dict[str, float]:
        frame = graded_forecasts(
            book.engine, book.settings.workspace, _platform(), NOW - 28 * DAY, NOW, version, known_until
        )
        return dict(zip(frame["post_id"], frame["p50"], strict=True))

    assert found(None, None) == {"live": 100, "twice": 90}
    assert found("3", published - DAY) == {"live": 100, "twice": 90, "known": 100}
    # it may have been trained on that outcome
    assert found("3", published + DAY) == {"live": 100, "twice": 90}
    assert found("4", published - DAY) == {"live": 100, "twice": 90}


def _platform() -> object:
    from creatorlens.platforms import Platform

    return Platform.YOUTUBE
