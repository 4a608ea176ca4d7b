"""Conformal calibration keeps its promise where its assumption holds, whatever the model says."""

from __future__ import annotations

import numpy as np
import pytest

from training.conformal import fit_conformal, quantile


@pytest.mark.parametrize("width", [0.1, 1.0, 6.0])
def test_exchangeable_outcomes_fall_into_the_range_eight_times_in_ten(width: float) -> None:
    random = np.random.default_rng(1)
    truth = random.gumbel(size=6000)
    claimed = np.stack([np.full(6000, -width), np.zeros(6000), np.full(6000, width)], axis=1)
    group = np.zeros(6000, np.int64)
    calibrated = fit_conformal(claimed[:3000], truth[:3000], group[:3000]).apply(claimed[3000:], group[3000:])
    inside = (truth[3000:] >= calibrated[:, 0]) & (truth[3000:] <= calibrated[:, 2])
    assert abs(inside.mean() - 0.8) < 0.03
    assert abs((truth[3000:] < calibrated[:, 0]).mean() - 0.1) < 0.02


def test_the_middle_stays_the_models_and_nothing_crosses() -> None:
    truth = np.random.default_rng(2).normal(3.0, 0.5, 4000)
    claimed = np.tile([-1.0, 0.0, 1.0], (4000, 1))
    group = np.zeros(4000, np.int64)
    calibrated = fit_conformal(claimed, truth, group).apply(claimed, group)
    assert (calibrated[:, 1] == 0.0).all()
    assert (np.diff(calibrated, axis=1) >= 0).all()


def test_groups_with_few_scores_share_those_of_all() -> None:
    random = np.random.default_rng(3)
    group = np.r_[np.zeros(500, np.int64), np.ones(20, np.int64)]
    truth = random.normal(size=520) * np.where(group == 1, 5.0, 1.0)
    conformal = fit_conformal(np.tile([-1.0, 0.0, 1.0], (520, 1)), truth, group)
    assert set(conformal.groups) == {0}


def test_drift_from_round_to_round_widens_what_is_promised_next() -> None:
    random = np.random.default_rng(4)
    round_of = np.repeat([0, 1], 800)
    claimed, group = np.tile([-1.28, 0.0, 1.28], (1600, 1)), np.zeros(1600, np.int64)
    steady = random.normal(size=1600)
    drifting = steady * np.where(round_of == 1, 1.4, 1.0)
    calm = fit_conformal(claimed, steady, group, round_of)
    stirred = fit_conformal(claimed, drifting, group, round_of)
    assert calm.outside == pytest.approx(0.1, abs=0.02)
    assert stirred.outside < 0.07
    # The next round, as far from the last one as that was from the one before, is covered nearly as promised.
    coming = random.normal(size=4000) * 1.4 * 1.4
    there = stirred.apply(np.tile([-1.28, 0.0, 1.28], (4000, 1)), np.zeros(4000, np.int64))
    without = fit_conformal(claimed, drifting, group).apply(
        np.tile([-1.28, 0.0, 1.28], (4000, 1)), np.zeros(4000, np.int64)
    )
    covered, before = (
        float(((coming >= found[:, 0]) & (coming <= found[:, 2])).mean()) for found in (there, without)
    )
    assert abs(covered - 0.8) < abs(before - 0.8)


def test_of_few_scores_nothing_is_learned_about_drift() -> None:
    claimed = np.tile([-1.0, 0.0, 1.0], (60, 1))
    truth = np.random.default_rng(5).normal(size=60) * 9
    assert fit_conformal(claimed, truth, np.zeros(60, np.int64), np.repeat([0, 1], 30)).outside == 0.1


def test_the_unseen_point_makes_small_samples_careful() -> None:
    values = np.arange(10.0)
    assert quantile(values, 0.9) == 8.0
    assert quantile(values, 0.9, unseen=True) == 9.0
