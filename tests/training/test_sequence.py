"""The sequence network: what it sees of earlier posts, and that it reads nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.columns import model_features, outcome_ln
from training.parameters import NetworkParameters
from training.steps import LENGTH, WIDTH, steps

DAY = pd.Timedelta(days=1)
EPOCH = pd.Timestamp("2000-01-01", tz="UTC")
NAMES = ("is_weekend", "hour_sin", "gap_ln_h")


def with_momentum(rows: pd.DataFrame, effect: float = 0.8) -> tuple[pd.DataFrame, np.ndarray]:
    """Each row follows up to 5 posts around its base; it repeats a share of what the last of them did."""
    random = np.random.default_rng(1)
    out, left, sequences = rows.copy(), 0.3 * random.normal(size=len(rows)), []
    for i, (base, published) in enumerate(zip(rows["base_ln"], rows["published_at"], strict=True)):
        k = i % 6
        if k == 0:
            sequences.append(None)
            continue
        ago = np.sort(random.uniform(8, 60, k))[::-1]
        given_ = np.full((k, 6), np.nan, np.float32)
        given_[:, 0] = base + random.normal(size=k)
        given_[:, 1] = (published - EPOCH) / DAY - ago
        given_[:, 3:5] = 0
        left[i] += effect * (given_[-1, 0] - base)
        sequences.append(given_)
    out["channel_sequence"] = pd.Series(sequences, dtype=object)
    out["outcome"] = np.expm1(rows["base_ln"] + left)
    return out, left


@pytest.fixture(scope="module")
def problem(rows: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    return with_momentum(rows)


@pytest.fixture(scope="module")
def network(problem: tuple[pd.DataFrame, np.ndarray]):  # type: ignore[no-untyped-def]
    from training.sequence_training import fit_sequence

    data, left = problem
    return fit_sequence(data, NAMES, left, np.ones(len(left)), NetworkParameters(epochs=40))


def test_steps_are_relative_to_the_row_and_whole(problem: tuple[pd.DataFrame, np.ndarray]) -> None:
    data, _ = problem
    before, length = steps(data)
    assert before.shape == (len(data), LENGTH, WIDTH)
    assert np.isfinite(before).all()
    np.testing.assert_array_equal(length[:6, 0], [0, 1, 2, 3, 4, 5])
    last = data["channel_sequence"][5]
    np.testing.assert_allclose(before[5, 4, 0], last[-1, 0] - data["base_ln"][5], atol=1e-5)
    assert (before[5, 5:] == 0).all()
    shifted = data.assign(
        base_ln=data["base_ln"] + 2.0,
        channel_sequence=[
            None if s is None else s + np.float32([2, 0, 0, 0, 0, 0]) for s in data["channel_sequence"]
        ],
    )
    np.testing.assert_allclose(steps(shifted)[0], before, atol=1e-5)


def test_only_the_newest_steps_are_read(problem: tuple[pd.DataFrame, np.ndarray]) -> None:
    long = np.zeros((LENGTH + 4, 6), np.float32)
    long[:, 0] = np.arange(LENGTH + 4)
    row = problem[0].head(1).assign(base_ln=float(LENGTH))
    row["channel_sequence"] = pd.Series([long], dtype=object)
    before, length = steps(row)
    assert length[0, 0] == LENGTH
    np.testing.assert_array_equal(before[0, -1, 0], 3.0)


def test_it_learns_what_the_last_post_tells_and_twice_the_same(network, problem) -> None:  # type: ignore[no-untyped-def]
    from training.sequence_training import fit_sequence

    data, left = problem
    out = network.predict(data)
    told = np.array([s is not None for s in data["channel_sequence"]])
    assert np.corrcoef(out[told, 1], left[told])[0, 1] > 0.6
    short = NetworkParameters(epochs=4)
    first, second = (fit_sequence(data, NAMES, left, np.ones(len(left)), short) for _ in range(2))
    np.testing.assert_array_equal(first.predict(data), second.predict(data))


def test_what_is_saved_answers_the_same(network, problem, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from training.sequence import load_sequence

    network.save(tmp_path)
    np.testing.assert_array_equal(load_sequence(tmp_path).predict(problem[0]), network.predict(problem[0]))


@settings(max_examples=20, deadline=None)
@given(order=st.lists(st.integers(0, 899), min_size=1, max_size=30), outcome=st.floats(-1e6, 1e6))
def test_quantiles_never_cross_and_do_not_depend_on_the_batch(network, problem, order, outcome) -> None:  # type: ignore[no-untyped-def]
    data = problem[0].iloc[order].reset_index(drop=True)
    odd = np.array([[outcome, 9_000.0, np.nan, np.nan, np.nan, np.nan]], np.float32)
    data.at[0, "channel_sequence"] = odd
    together = network.predict(data)
    assert np.isfinite(together).all()
    assert (np.diff(together, axis=1) > 0).all()
    for at in {0, len(data) - 1}:
        np.testing.assert_array_equal(
            network.predict(data.iloc[[at]].reset_index(drop=True))[0], together[at]
        )


def test_an_empty_sequence_is_one_answer_whatever_stands_behind_it(network, problem) -> None:  # type: ignore[no-untyped-def]
    """None, no column and an array without rows are the same; the padding's content is never looked at."""
    import torch

    data = problem[0].iloc[1:4].reset_index(drop=True)
    nothing = [
        network.predict(data.drop(columns="channel_sequence")),
        network.predict(data.assign(channel_sequence=None)),
        network.predict(data.assign(channel_sequence=[np.zeros((0, 6), np.float32)] * 3)),
    ]
    np.testing.assert_array_equal(nothing[0], nothing[1])
    np.testing.assert_array_equal(nothing[0], nothing[2])
    x, before, length = (torch.from_numpy(one).double() for one in network.inputs(data))
    filled = before.clone()
    for i, k in enumerate(length[:, 0].int()):
        filled[i, k:] = float("nan")
    with torch.inference_mode():
        assert torch.equal(network.module(x, before, length), network.module(x, filled, length))


def test_features_of_the_catalogue_are_enough_without_any_sequence(rows: pd.DataFrame) -> None:
    from training.sequence_training import fit_sequence

    left = outcome_ln(rows) - rows["base_ln"].to_numpy()
    network = fit_sequence(rows, model_features(), left, np.ones(len(left)), NetworkParameters(epochs=15))
    assert np.corrcoef(network.predict(rows)[:, 1], left)[0, 1] > 0.5
