"""What was forecast before is not computed again, and nothing that changed is answered from memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from creatorlens.platforms import Platform
from services.insights.registry import Served, Standing
from services.insights.similar import SimilarDrafts
from tests.services.insights.conftest import START


@dataclass
class Counting:
    """Doubles the floor, and counts the rows it was asked for."""

    feature_names: tuple[str, ...] = ("chars",)
    summary: dict[str, Any] = field(default_factory=dict)
    text_encoder: str | None = None
    asked: int = 0

    def forecast(
        self, rows: pd.DataFrame, *, drivers: bool = False, floor_only: bool = False
    ) -> pd.DataFrame:
        self.asked += len(rows)
        middle = rows["floor"].to_numpy() * 2 + rows["horizon_h"].to_numpy()
        return pd.DataFrame({"p50": middle, "drivers": [[{"effect": 0.1}]] * len(rows)}, index=rows.index)

    def revise(self, rows: pd.DataFrame) -> pd.DataFrame:
        return self.forecast(rows)


@pytest.fixture
def served() -> Served:
    standing = Standing("3", "model", START, None)
    return Served(Counting(), Platform.YOUTUBE, "creatorlens-youtube", "3", "model", standing)


def rows(**changed: Any) -> pd.DataFrame:
    told = {
        "post_id": [None, None], "channel_id": "youtube:ann", "as_of": pd.Timestamp(START), "horizon_h": [24.0, 168.0],
        "published_at": pd.Timestamp(START), "floor": 100.0, "chars": np.float32(0.1),
        "text_embedding": [np.ones(4, np.float32)] * 2,
    }  # fmt: skip
    return pd.DataFrame(told | changed)


def test_the_same_inputs_are_computed_once_and_answered_alike(served: Served) -> None:
    similar = SimilarDrafts()
    first = similar.forecast(served, rows(), drivers=True)
    again = similar.forecast(served, rows(post_id=["x", "x"], as_of=pd.Timestamp(START) + pd.Timedelta("1h")), drivers=True)  # fmt: skip
    pd.testing.assert_frame_equal(first, again)
    assert served.model.asked == 2  # type: ignore[attr-defined]
    assert (similar.hits, similar.misses) == (2, 2)
    pd.testing.assert_frame_equal(first, served.forecast(rows(), drivers=True))


def test_a_version_that_cannot_leave_its_drivers_out_tells_them_too(served: Served) -> None:
    assert "drivers" in served.forecast(rows(), parts=True)


def test_with_drivers_and_without_are_remembered_apart(served: Served) -> None:
    similar = SimilarDrafts()
    similar.forecast(served, rows(), drivers=True)
    similar.forecast(served, rows(), parts=True)
    assert (similar.hits, similar.misses) == (0, 4)


def test_only_what_is_new_is_computed(served: Served) -> None:
    similar = SimilarDrafts()
    similar.forecast(served, rows())
    table = similar.forecast(served, rows(horizon_h=[168.0, 720.0]))
    assert table["p50"].tolist() == [368.0, 920.0]
    assert served.model.asked == 3  # type: ignore[attr-defined]
    twice = pd.concat([rows(floor=7.0), rows(floor=7.0)], ignore_index=True)
    assert similar.forecast(served, twice)["p50"].tolist() == [38.0, 182.0, 38.0, 182.0]
    assert served.model.asked == 5  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "changed",
    [
        {"floor": np.nextafter(100.0, 101)},
        {"chars": np.float32(0.2)},
        {"channel_id": "youtube:bob"},
        {"published_at": pd.Timestamp(START) + pd.Timedelta("1min")},
        {"text_embedding": [np.full(4, 2, np.float32)] * 2},
    ],
)
def test_newer_history_or_another_draft_is_another_question(served: Served, changed: dict[str, Any]) -> None:
    similar = SimilarDrafts()
    similar.forecast(served, rows())
    similar.forecast(served, rows(**changed))
    assert similar.hits == 0


def test_another_version_never_answers_with_the_old_ones_numbers(served: Served) -> None:
    similar = SimilarDrafts()
    similar.forecast(served, rows())
    similar.forecast(replace(served, model_version="4"), rows())
    similar.forecast(replace(served, serves="floor"), rows())
    assert similar.hits == 0


def test_memory_is_bounded(served: Served) -> None:
    similar = SimilarDrafts(size=2)
    for floor in (1.0, 2.0, 1.0):
        similar.forecast(served, rows(floor=floor))
    assert similar.hits == 0
