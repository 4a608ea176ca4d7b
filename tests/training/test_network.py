"""The network: one step for its trainer, the same result every time, and no Lightning at serving time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creatorlens.platforms import Platform
from training.columns import model_features
from training.inputs import fit_standardiser
from training.text_directions import DIRECTIONS


def _data(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(n, 6)).astype(np.float32)
    x[random.uniform(size=x.shape) < 0.1] = np.nan
    return x, np.nan_to_num(x[:, 0]).astype(float) + random.normal(size=n)


def test_one_step_of_the_trainer_moves_the_weights() -> None:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    from training.network import QuantileNetwork
    from training.network_training import Trainee, trainer

    trainee = Trainee(QuantileNetwork(4))
    before = trainee.network.linear.bias.detach().clone()
    batch = TensorDataset(torch.randn(8, 4), torch.randn(8), torch.ones(8))
    trainer(fast_dev_run=1).fit(trainee, DataLoader(batch, batch_size=8), DataLoader(batch, batch_size=8))
    assert not torch.equal(before, trainee.network.linear.bias)


def test_it_learns_and_twice_the_same_leaving_random_state_alone() -> None:
    from training.network_training import fit_network

    x, y = _data(600)
    np.random.seed(11)
    expected = np.random.RandomState(11).uniform()
    first, second = (fit_network(x, None, y, np.ones(len(y))).predict(x, None) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.random.uniform() == expected
    assert np.corrcoef(first[:, 1], y)[0, 1] > 0.5
    assert (np.diff(first, axis=1) > 0).all()


def test_equal_rows_are_forecast_equally_wherever_they_stand() -> None:
    from training.network_training import fit_network

    x, y = _data()
    network = fit_network(x, None, y, np.ones(len(y)))
    five = np.repeat(x[:7], 5, axis=0)
    out = network.predict(five, None).reshape(7, 5, 3)
    assert (out == out[:, :1]).all()


def test_rows_without_an_embedding_are_flagged_not_faked() -> None:
    x, _ = _data()
    vectors = np.random.default_rng(1).normal(size=(300, 384)).astype(np.float32)
    vectors[::3] = np.nan
    standardiser = fit_standardiser(x, vectors)
    seen = standardiser.apply(x, vectors)
    assert seen.shape == (300, standardiser.width)
    assert np.isfinite(seen).all()
    assert (seen[::3, -1] == 1).all()
    assert (seen[1::3, -1] == 0).all()
    assert (seen[::3, -1 - DIRECTIONS : -1] == 0).all()
    assert (standardiser.apply(x, None)[:, -1] == 1).all()


def test_serving_needs_no_lightning(rows: pd.DataFrame, tmp_path: Path) -> None:
    from training.expert import fit_expert
    from training.forecaster import Forecaster

    expert = fit_expert(rows, model_features())
    from training.members import fit_members

    members = fit_members(rows, model_features(), network=True)
    whole = type(expert)(**{**vars(expert), "members": members, "shares": (0.5, 0.5, 0.0)})
    Forecaster(Platform.INSTAGRAM, model_features(), {"instagram-likes-1": whole}, {}).save(
        tmp_path / "model"
    )
    rows.tail(5).to_pickle(tmp_path / "rows.pkl")
    program = (
        "import sys, pandas as pd; sys.modules['lightning'] = None; sys.modules['sklearn'] = None\n"
        "from pathlib import Path; from training.forecaster import Forecaster\n"
        f"model = Forecaster.load(Path({str(tmp_path / 'model')!r}))\n"
        f"print(model.forecast(pd.read_pickle({str(tmp_path / 'rows.pkl')!r}))['p50'].notna().all())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True"


@pytest.mark.parametrize("missing", [0.0, 1.0])
def test_a_column_that_is_never_or_always_missing_is_no_obstacle(missing: float) -> None:
    x = np.ones((50, 2), np.float32)
    x[:, 1] = np.nan if missing else 3.0
    assert np.isfinite(fit_standardiser(x, None).apply(x, None)).all()
