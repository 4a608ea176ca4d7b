"""Shares of the families: the better one gets more, one that was not asked gets nothing."""

from __future__ import annotations

import numpy as np

from training.members import FAMILIES, TREES
from training.stacking import candidates, choose_shares


def _quantiles(middle: np.ndarray) -> np.ndarray:
    return np.stack([middle - 1.2, middle, middle + 1.2], axis=1)


def test_the_family_that_knows_gets_the_share() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=400)
    noise = [random.normal(size=400) for _ in FAMILIES]
    each = [
        _quantiles(noise[0]),
        _quantiles(truth + 0.1 * noise[1]),
        _quantiles(noise[2]),
        _quantiles(noise[3]),
        _quantiles(noise[4]),
    ]
    assert choose_shares(each, truth, FAMILIES) == (0.0, 1.0, 0.0, 0.0, 0.0)
    only_trees = choose_shares(each, truth, TREES)
    assert only_trees[1] == only_trees[2] == only_trees[4] == 0.0


def test_two_that_err_apart_are_mixed() -> None:
    random = np.random.default_rng(1)
    truth = random.normal(size=2000)
    each = [_quantiles(truth + random.normal(size=2000)) for _ in range(2)]
    bad = _quantiles(5 * random.normal(size=2000))
    assert choose_shares([each[0], each[1], bad, bad, bad], truth, FAMILIES) == (0.5, 0.5, 0.0, 0.0, 0.0)


def test_of_divisions_that_do_about_as_well_the_mean_is_taken() -> None:
    """Two families that say nearly the same: which division of them was the best is luck."""
    random = np.random.default_rng(3)
    truth = random.normal(size=2000)
    good, bad = truth + 0.3 * random.normal(size=2000), 5 * random.normal(size=2000)
    alike = good + 0.001 * random.normal(size=2000)
    each = [_quantiles(middle) for middle in (good, bad, bad, bad, alike)]
    np.testing.assert_allclose(choose_shares(each, truth, FAMILIES), (0.5, 0, 0, 0, 0.5))


def test_a_drift_that_all_missed_alike_changes_nothing() -> None:
    random = np.random.default_rng(2)
    truth = random.normal(size=500)
    each = [_quantiles(truth * k + 0.3 * random.normal(size=500)) for k in (1.0, 0.5, 0.2, 0.1, 0.0)]
    moved = [quantiles + 3.0 for quantiles in each]
    assert choose_shares(each, truth, FAMILIES) == choose_shares(moved, truth, FAMILIES)


def test_every_division_adds_up() -> None:
    found = candidates(FAMILIES)
    assert len(found) == len(set(found)) == 70
    assert all(sum(shares) == 1 for shares in found)
    assert found[0] == (1.0, 0.0, 0.0, 0.0, 0.0)
