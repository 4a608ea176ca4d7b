"""Drift is harmful where it moves forecasts: a shift in what the model reads raises an alarm, any other does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from services.monitoring.errors import ErrorDrift
from services.monitoring.harm import InputDrift, Usual, input_drift, usual_distances
from services.monitoring.reference import Reference
from services.monitoring.triggers import Triggers, Verdict, decide
from tests.services.monitoring.conftest import DAYS, Linear, backtest, posts
from training.reference import write_reference

SEEDS = range(100, 125)


@pytest.fixture(scope="module")
def usual(reference: Reference) -> Usual:
    return usual_distances(reference)


def newest(seed: int, n: int = 250) -> pd.DataFrame:
    """Four weeks that follow training, drawn from the same world."""
    return posts(n, seed, DAYS, DAYS + 28)


def verdict(drift: InputDrift) -> Verdict:
    return decide(Triggers(), drift, ErrorDrift(), None, 0)


def test_a_reference_holds_numbers_only(reference: Reference, reference_file: Path) -> None:
    assert len(reference.rows) == 2_000
    assert all(dtype.kind in "fi" for dtype in reference.rows.dtypes)
    stored = reference_file.read_bytes()
    assert b"secret" not in stored
    assert b"p0-1" not in stored
    assert len(reference.text_columns) == 12


def test_the_same_rows_and_model_give_the_same_file(reference_file: Path, tmp_path: Path) -> None:
    again = write_reference(tmp_path, Linear(), posts(4_000, 0), backtest())
    assert again.read_bytes() == reference_file.read_bytes()


def test_how_far_a_feature_moves_forecasts_is_what_the_model_makes_of_it(reference: Reference) -> None:
    per_sd = {name: of.get("per_sd_ln", 0.0) for name, of in reference.moves.items()}
    assert per_sd["headline_question"] == pytest.approx(0.5, abs=0.02)
    assert per_sd["month_sin"] == pytest.approx(0.3 * reference.rows["month_sin"].std(), abs=0.02)
    assert per_sd["headline_chars"] == 0.0
    assert per_sd["followers_ln"] == 0.0
    # of two independent normal numbers, one weighs 0.4
    assert reference.moves["text_embedding"]["effect_ln"] == pytest.approx(0.4 * 2 / np.sqrt(np.pi), rel=0.15)


def test_without_a_shift_there_is_no_alarm(reference: Reference, usual: Usual) -> None:
    """The season differs from the year's, as it did in any four weeks of training."""
    drifts = [input_drift(reference, newest(seed), usual) for seed in SEEDS]
    assert sum(verdict(drift).retrain for drift in drifts) <= 1
    assert np.mean([drift.harm_ln for drift in drifts]) < 0.03
    season = [one.distance for drift in drifts for one in drift.features if one.feature == "month_sin"]
    assert min(season) > 0.5


def test_a_shift_in_what_moves_forecasts_is_told_and_retrains(reference: Reference, usual: Usual) -> None:
    window = newest(1)
    window["headline_question"] += 1.0
    drift = input_drift(reference, window, usual)
    decided = verdict(drift)
    assert decided.retrain
    assert "question in the title" in decided.reason
    first = drift.features[0]
    assert (first.feature, first.drifted) == ("headline_question", True)
    assert first.distance == pytest.approx(1.0, abs=0.15)
    assert first.harm == pytest.approx(0.5 * 1.0, abs=0.2)


def test_the_same_shift_in_what_the_model_ignores_harms_nothing(reference: Reference, usual: Usual) -> None:
    window = newest(1)
    window["headline_chars"] += 12.0
    drift = input_drift(reference, window, usual)
    ignored = next(one for one in drift.features if one.feature == "headline_chars")
    assert ignored.drifted
    assert ignored.distance == pytest.approx(0.9, abs=0.15)
    assert ignored.harm == 0.0
    assert not verdict(drift).retrain


def test_a_feature_that_went_missing_is_a_shift_too(reference: Reference, usual: Usual) -> None:
    window = newest(1)
    window["headline_question"] = np.nan
    drift = input_drift(reference, window, usual)
    assert drift.features[0].feature == "headline_question"
    assert drift.features[0].distance == pytest.approx(1.0)
    assert verdict(drift).retrain


def test_titles_about_something_else_are_told_by_their_embeddings(reference: Reference, usual: Usual) -> None:
    window = newest(1)
    window["text_embedding"] = [vector + 3.0 for vector in window["text_embedding"]]
    drift = input_drift(reference, window, usual)
    assert drift.embedding is not None
    assert drift.embedding.drifted
    assert drift.embedding.distance > 0.8
    assert verdict(drift).retrain
    same = input_drift(reference, newest(1), usual).embedding
    assert same is not None
    assert same.harm < 0.05


def test_an_encoder_of_another_width_is_not_compared(reference: Reference, usual: Usual) -> None:
    window = newest(1)
    window["text_embedding"] = [vector[:8] for vector in window["text_embedding"]]
    assert input_drift(reference, window, usual).embedding is None


def test_an_old_model_is_renewed_once_enough_came_since() -> None:
    quiet = InputDrift((), None, 0.0, 100)
    assert decide(Triggers(), quiet, ErrorDrift(), 60.0, 500).retrain
    assert not decide(Triggers(), quiet, ErrorDrift(), 60.0, 20).retrain
    assert not decide(Triggers(), quiet, ErrorDrift(), 10.0, 500).retrain
    assert "60 days old and 500 came since" in decide(Triggers(), quiet, ErrorDrift(), 60.0, 500).reason
