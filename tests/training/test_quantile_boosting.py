"""The boosted quantiles: what they learn, when they stop, and that they survive a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.columns import horizon_ln, matrix
from training.members import as_shares, fit_members, load_members
from training.parameters import QuantileParameters
from training.quantile_boosting import QuantileMember, fit_quantile_member, load_quantile_member

NAMES = ("followers_ln", "hour_sin")


def _rows(n: int = 1200) -> pd.DataFrame:
    random = np.random.default_rng(4)
    out = pd.DataFrame({name: random.normal(size=n) for name in NAMES})
    out["post_id"] = [str(i) for i in range(n)]
    return out


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    return _rows()


@pytest.fixture(scope="module")
def target(told: pd.DataFrame) -> np.ndarray:
    noise = np.random.default_rng(5).normal(size=len(told))
    return told["followers_ln"].to_numpy() + 0.5 * noise


@pytest.fixture(scope="module")
def member(told: pd.DataFrame, target: np.ndarray) -> QuantileMember:
    return fit_quantile_member(told, NAMES, target, QuantileParameters())


def test_four_out_of_five_lie_within_and_quantiles_do_not_cross(
    member: QuantileMember, told: pd.DataFrame, target: np.ndarray
) -> None:
    low, middle, high = member.predict(told).T
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert 0.72 < ((low <= target) & (target <= high)).mean() < 0.9
    assert np.corrcoef(middle, told["followers_ln"])[0, 1] > 0.9


def test_it_stops_where_the_newest_rows_stop_gaining(told: pd.DataFrame) -> None:
    noise = np.random.default_rng(6).normal(size=len(told))
    fitted = fit_quantile_member(told, NAMES, noise, QuantileParameters())
    assert [booster.num_boosted_rounds() < 200 for booster in fitted.boosters] == [True] * 3


def test_contributions_add_up_to_the_middle(member: QuantileMember, told: pd.DataFrame) -> None:
    each = member.contributions(told)
    assert each.shape == (len(told), len(NAMES) + 1)
    rest = member.predict(told)[:, 1] - each.sum(axis=1)
    assert np.ptp(rest) < 1e-3
    assert np.abs(each[:, 0]).mean() > 5 * np.abs(each[:, 1]).mean()


def test_a_post_that_was_observed_often_counts_once(told: pd.DataFrame) -> None:
    """Its observations look like any other post's, so only their weight keeps them from pulling the middle."""
    often = pd.concat([told, told.assign(post_id="one that did wonders")], ignore_index=True)
    target = np.repeat([0.0, 4.0], len(told))
    fitted = fit_quantile_member(often, NAMES, target, QuantileParameters(rounds=30))
    assert fitted.predict(told)[:, 1].mean() < 0.5


def test_saved_and_loaded_it_says_the_same(
    member: QuantileMember, told: pd.DataFrame, tmp_path: Path
) -> None:
    member.save(tmp_path / "it")
    again = load_quantile_member(tmp_path / "it")
    np.testing.assert_array_equal(again.predict(told), member.predict(told))
    np.testing.assert_array_equal(matrix(told, again.features), matrix(told, NAMES))


def test_in_the_ensemble_it_stands_on_the_channels_level_and_explains_itself(rows: pd.DataFrame) -> None:
    members = fit_members(rows, NAMES, network=False, sequence=False)
    boosted, alone, asked = members.boosted_quantiles, as_shares([0, 0, 0, 0, 1]), rows.tail(20)
    assert boosted is not None
    level = members.base(asked) + members.age.at(horizon_ln(asked))
    np.testing.assert_array_equal(members.quantiles(asked, alone), level[:, None] + boosted.predict(asked))
    told = members.contributions(asked, 168.0, alone)
    np.testing.assert_array_equal(told, boosted.contributions(asked))


def test_a_model_of_before_this_family_loads_and_its_shares_stay(rows: pd.DataFrame, tmp_path: Path) -> None:
    members = fit_members(rows, NAMES, network=False, sequence=False, quantiles=False)
    members.save(tmp_path)
    told = (tmp_path / "members.json").read_text()
    (tmp_path / "members.json").write_text(told.replace(',\n "quantiles": false', ""))
    assert "quantiles" not in (tmp_path / "members.json").read_text()
    old = as_shares([0.75, 0.0, 0.0, 0.25])
    assert old == (0.75, 0.0, 0.0, 0.25, 0.0)
    found = load_members(tmp_path).quantiles(rows.tail(5), old)
    np.testing.assert_array_equal(found, members.quantiles(rows.tail(5), old))
