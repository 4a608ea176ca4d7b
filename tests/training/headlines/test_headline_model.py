"""The members learn what was planted, the lift is calibrated, and what is stored scores the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.headline_calibration import Calibration, distances
from training.headline_features import terms_of
from training.headline_fitting import Fitted, fit
from training.headline_learning import Recipe
from training.headline_model import load_headlines
from training.headline_rows import rows_of

Planted = Callable[..., pd.DataFrame]
ASKED, SAID, SHOUTED = "A teacher found a boat?", "A teacher found a boat", "A TEACHER FOUND A BOAT"


@dataclass(frozen=True)
class Kept:
    fitted: Fitted
    folder: Path


@pytest.fixture(scope="module")
def linear(planted_tests: Planted, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("linear")
    return Kept(fit(rows_of(planted_tests(220)), None, folder), folder)


@pytest.fixture(scope="module")
def read(planted_tests: Planted, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("read")
    recipe = Recipe(seeds=(1, 2), epochs=2, hidden=8, threads=1)
    return Kept(fit(rows_of(planted_tests(100)), tiny_encoder, folder, recipe), folder)


def test_what_was_planted_is_found(linear: Kept) -> None:
    asked, said, shouted = linear.fitted.model.score([ASKED, SAID, SHOUTED])
    assert asked - said == pytest.approx(np.log(1.4), abs=0.15)
    assert shouted - said == pytest.approx(np.log(0.7), abs=0.2)
    assert linear.fitted.figures["significant"] > 0.9


def test_the_lift_is_calibrated_on_later_weeks(linear: Kept) -> None:
    """The planted lift lies in the interval, and where no words differ nothing is expected."""
    lifts = linear.fitted.model.lifts(SAID, [ASKED, SHOUTED, SAID])
    assert lifts[0, 1] <= np.log(1.4) <= lifts[0, 2]
    assert lifts[1, 0] < 0 < lifts[0, 0]
    assert lifts[2].tolist() == [0.0, 0.0, 0.0]
    assert linear.fitted.model.calibration.slope == pytest.approx(1.0, abs=0.25)


def test_an_encoder_takes_part_and_is_stored_with_the_model(read: Kept) -> None:
    each = read.fitted.model.each([ASKED, SAID])
    assert each.shape == (2, 2)
    assert np.ptp(each[:, 1]) > 0
    read.fitted.model.save(read.folder)
    again = load_headlines(read.folder)
    texts = [ASKED, SAID, SHOUTED, "", "Zebra"]
    np.testing.assert_allclose(again.score(texts), read.fitted.model.score(texts), atol=1e-9)


def test_a_score_does_not_depend_on_its_neighbours(read: Kept) -> None:
    together = read.fitted.model.score([ASKED, SAID, SHOUTED])
    alone = [float(read.fitted.model.score([text])[0]) for text in (ASKED, SAID, SHOUTED)]
    np.testing.assert_allclose(together, alone, atol=1e-9)


def test_stored_without_an_encoder(linear: Kept, tmp_path: Path) -> None:
    linear.fitted.model.save(tmp_path)
    again = load_headlines(tmp_path)
    assert again.graph is None
    np.testing.assert_allclose(again.score([ASKED, SAID]), linear.fitted.model.score([ASKED, SAID]))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_gets_a_finite_lift(linear: Kept, first: str, second: str) -> None:
    there, back = linear.fitted.model.lifts(first, [second])[0], linear.fitted.model.lifts(second, [first])[0]
    assert np.isfinite(there).all()
    assert there[1] <= there[0] <= there[2]
    np.testing.assert_allclose(there[0], -back[0], atol=1e-9)


def test_unlike_headlines_are_less_sure() -> None:
    near, far = Calibration(1.0, 0.01, 0.2, 100).lifts(np.zeros(2), np.array([0.1, 1.0]))
    assert near[2] - near[1] < far[2] - far[1]


def test_distance_is_of_words() -> None:
    assert distances(["One two"], ["One two"]).tolist() == [0.0]
    assert distances(["One two"], ["ONE TWO"]).tolist() == [0.05]
    assert distances(["One two"], ["three"]).tolist() == [1.0]
    assert terms_of("It’s new!") == ["it", "'", "s", "new", "!", "it '", "' s", "s new", "new !"]
