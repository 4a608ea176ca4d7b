"""The model speaks only where it has been closer than the floor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from creatorlens.platforms import Platform
from training.forecaster import Forecaster
from training.gate import fit_gate
from training.members import TREES


def test_it_abstains_for_channels_where_the_floor_is_better(make_rows: object) -> None:
    rows = make_rows(posts=2000, channels=20, noise=0.3, ages=False)  # type: ignore[operator]
    steady = rows["channel_id"].isin([f"instagram:c{i}" for i in range(5)])
    # On the steady channels the floor knows the outcome and nothing the model sees tells it.
    swing = np.random.default_rng(5).normal(0, 2.0, len(rows))
    rows.loc[steady, "outcome"] = np.expm1(rows["base_ln"] + swing)[steady]
    rows.loc[steady, "floor"] = rows.loc[steady, "outcome"] * 1.05
    model = Forecaster.fit(rows, Platform.INSTAGRAM, families=TREES)
    answer = model.forecast(rows.tail(400), drivers=True)
    of_steady = steady.tail(400)
    assert answer.loc[of_steady, "abstained"].all()
    assert answer.loc[of_steady, "reason"].str.contains("closer than our model on the last").all()
    np.testing.assert_allclose(answer.loc[of_steady, "p50"], rows["floor"].tail(400)[of_steady])
    assert not answer.loc[~of_steady, "abstained"].any()


def test_luck_on_a_few_posts_does_not_decide() -> None:
    random = np.random.default_rng(0)
    channel = pd.Series(np.repeat([f"c{i}" for i in range(40)], 8))
    rounds = np.tile([0, 0, 0, 0, 1, 1, 1, 1], 40)
    model, floor = np.abs(random.normal(0, 0.5, 320)), np.abs(random.normal(0, 0.6, 320))
    gate = fit_gate(channel, model, floor, rounds)
    assert gate.platform_worse_ln < 0
    assert sum(gate.refusal(name) is not None for name in channel.unique()) <= 4


def test_an_unknown_channel_gets_the_platforms_verdict() -> None:
    worse, better = np.full(50, 0.9), np.full(50, 0.5)
    channel, rounds = pd.Series(["a"] * 50), np.zeros(50, np.int64)
    assert fit_gate(channel, better, worse, rounds).refusal("new") is None
    assert "on this platform" in (fit_gate(channel, worse, better, rounds).refusal("new") or "")
