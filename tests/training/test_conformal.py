"""Conformal calibration keeps its promise where its assumption holds, whatever the model says."""

from __future__ import annotations

import numpy as np
import pytest

from training.conformal import fit_conformal, recency, weighted_quantile


@pytest.mark.parametrize("width", [0.1, 1.0, 6.0])
def test_exchangeable_outcomes_fall_into_the_range_eight_times_in_ten(width: float) -> None:
    random = np.random.default_rng(1)
    truth = random.gumbel(size=6000)
    claimed = np.stack([np.full(6000, -width), np.zeros(6000), np.full(6000, width)], axis=1)
    group = np.zeros(6000, np.int64)
    calibrated = fit_conformal(claimed[:3000], truth[:3000], np.ones(3000), group[:3000]).apply(
        claimed[3000:], group[3000:]
    )
    inside = (truth[3000:] >= calibrated[:, 0]) & (truth[3000:] <= calibrated[:, 2])
    assert abs(inside.mean() - 0.8) < 0.03
    assert abs((truth[3000:] < calibrated[:, 0]).mean() - 0.1) < 0.02


def test_the_middle_stays_the_models_and_nothing_crosses() -> None:
    truth = np.random.default_rng(2).normal(3.0, 0.5, 4000)
    claimed = np.tile([-1.0, 0.0, 1.0], (4000, 1))
    group = np.zeros(4000, np.int64)
    calibrated = fit_conformal(claimed, truth, np.ones(4000), group).apply(claimed, group)
    assert (calibrated[:, 1] == 0.0).all()
    assert (np.diff(calibrated, axis=1) >= 0).all()


def test_groups_with_few_scores_share_those_of_all() -> None:
    random = np.random.default_rng(3)
    group = np.r_[np.zeros(500, np.int64), np.ones(20, np.int64)]
    truth = random.normal(size=520) * np.where(group == 1, 5.0, 1.0)
    conformal = fit_conformal(np.tile([-1.0, 0.0, 1.0], (520, 1)), truth, np.ones(520), group)
    assert set(conformal.groups) == {0}


def test_recent_scores_weigh_more() -> None:
    weight = recency(np.arange(100))
    assert weight[-1] == 1.0
    assert weight[49] == pytest.approx(0.5, abs=0.01)


def test_the_unseen_point_makes_small_samples_careful() -> None:
    values = np.arange(10.0)
    assert weighted_quantile(values, np.ones(10), 0.9) == 8.0
    assert weighted_quantile(values, np.ones(10), 0.9, unseen=True) == 9.0
