"""A backtest knows at each cut-off what was known then, and nothing else."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from training.backtest import BacktestReport, backtest, cut_offs
from training.judging import judge
from training.members import TREES
from training.metrics import measures

START = pd.Timestamp("2025-01-15", tz="UTC")
KEYS = {"n", "spearman", "mae_ln", "within_creator_spearman", "pinball", "coverage80", "width80"}


@pytest.fixture(scope="module")
def report(rows: pd.DataFrame) -> BacktestReport:
    return backtest(rows, START, Platform.INSTAGRAM, families=TREES, folds=4)


def test_it_reports_every_key_for_every_contender(report: BacktestReport) -> None:
    for part in (report.summary, report.summary["floor"], report.summary["plain_xgboost"]):
        assert part.keys() >= KEYS
    assert len(report.summary["cut_offs"]) == 4
    assert 0 <= report.summary["share_shown"] <= 1
    assert report.summary["backfilled"]["n"] == 0
    json.dumps(report.summary, allow_nan=False)


def test_it_beats_the_floor_where_there_is_something_to_learn(report: BacktestReport) -> None:
    assert report.summary["mae_ln"] < report.summary["floor"]["mae_ln"]
    assert report.summary["within_creator_spearman"] > 0.3
    assert 0.7 < report.summary["coverage80"] < 0.9


def test_twice_the_same_to_the_last_digit(report: BacktestReport, rows: pd.DataFrame) -> None:
    shuffled = rows.sample(frac=1, random_state=1).sort_values("published_at", kind="stable")
    again = backtest(shuffled, START, Platform.INSTAGRAM, families=TREES, folds=4)
    assert json.dumps(again.summary, sort_keys=True) == json.dumps(report.summary, sort_keys=True)


def test_what_becomes_known_later_never_changes_an_earlier_cut_off(
    report: BacktestReport, rows: pd.DataFrame
) -> None:
    cuts = cut_offs(rows, START, 4)
    leaking = rows.copy()
    later = leaking["outcome_known_at"] > cuts[2]
    leaking.loc[later, "outcome"] *= 1000
    moved = backtest(leaking, START, Platform.INSTAGRAM, families=TREES, folds=4).predictions
    columns = ["served_p10", "served_p50", "served_p90", "plain_p50", "prob_beats_floor"]
    earlier = (report.predictions["cut_off"] <= cuts[2]).to_numpy()
    pd.testing.assert_frame_equal(
        moved.loc[earlier, columns], report.predictions.loc[earlier, columns], check_exact=True
    )
    assert not moved.loc[~earlier, "served_p50"].equals(report.predictions.loc[~earlier, "served_p50"])


def test_an_outcome_known_after_the_cut_off_does_not_train(
    report: BacktestReport, rows: pd.DataFrame
) -> None:
    trained = [fold["trained_on"] for fold in report.summary["cut_offs"]]
    cuts = cut_offs(rows, START, 4)[:-1]
    assert trained == [int((rows["outcome_known_at"] <= cut).sum()) for cut in cuts]


def test_backfilled_outcomes_are_told_apart(rows: pd.DataFrame) -> None:
    half = rows.assign(backfilled=np.arange(len(rows)) % 2 == 0)
    summary = backtest(half, START, Platform.INSTAGRAM, families=TREES, folds=1).summary
    assert summary["backfilled"]["n"] + summary["observed"]["n"] == summary["n"]
    assert summary["backfilled"]["floor"]["n"] == summary["backfilled"]["n"] > 0


def test_where_the_floor_knows_better_the_floor_serves(make_rows: object) -> None:
    rows = make_rows(posts=900, ages=False)  # type: ignore[operator]
    random = np.random.default_rng(3)
    truth = rows["base_ln"] + random.normal(0, 1.5, len(rows))
    rows["outcome"] = np.expm1(truth)
    rows["floor"] = np.expm1(truth + random.normal(0, 0.1, len(rows)))
    summary = backtest(rows, START, Platform.INSTAGRAM, families=TREES, folds=2).summary
    alone = {**summary["ungated"], **{f"floor_{k}": v for k, v in summary["floor"].items()}}
    assert not judge(alone)[0]
    assert "does not beat the floor" in judge(alone)[1]
    assert summary["mae_ln"] == pytest.approx(summary["floor"]["mae_ln"], abs=1e-5)


def test_a_start_after_the_last_post_is_refused_by_name(rows: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"--from.*last post"):
        backtest(rows, pd.Timestamp("2030-01-01", tz="UTC"), Platform.INSTAGRAM)
    with pytest.raises(InputError, match="no outcome was known"):
        backtest(rows, pd.Timestamp("2020-01-01", tz="UTC"), Platform.INSTAGRAM)


def test_cut_offs_are_monthly_and_at_least_four(rows: pd.DataFrame) -> None:
    assert len(cut_offs(rows, rows["published_at"].max() - pd.Timedelta(days=10))) == 5
    steps = np.diff(cut_offs(rows, START))
    assert max(steps) <= pd.Timedelta(days=31)


def test_within_creator_counts_only_channels_with_five_posts() -> None:
    channel = pd.Series(["a"] * 5 + ["b"] * 4)
    truth = np.arange(9.0)
    told = measures(channel, truth, np.stack([truth - 1, truth, truth + 1], axis=1))
    assert told["within_creators"] == 1
    assert told["within_creator_spearman"] == 1.0
    assert told["coverage80"] == 1.0
