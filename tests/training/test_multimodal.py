"""The multimodal network: one step for its trainer, the same result every time, right without a modality."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creatorlens.settings import Settings
from features.catalogue import MEDIA_NAMES
from training.columns import model_features, outcome_ln
from training.modalities import fit_modalities
from training.parameters import NetworkParameters

BLIND = tuple(name for name in model_features() if name not in MEDIA_NAMES)
FEATURES = (*BLIND, "image_brightness", "audio_lufs")
SHORT = NetworkParameters(epochs=12)


def pictured(rows: pd.DataFrame, share: float = 0.5, effect: float = 1.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of which a share has pictures and sound; bright pictures do better. And what the base leaves over."""
    random = np.random.default_rng(3)
    out = rows.copy()
    bright, has = random.normal(size=len(rows)), random.uniform(size=len(rows)) < share
    out["image_brightness"] = np.where(has, bright, np.nan).astype(np.float32)
    out["audio_lufs"] = np.where(random.uniform(size=len(rows)) < share, bright * 0, np.nan).astype(
        np.float32
    )
    vectors = random.normal(size=(len(rows), 32)).astype(np.float32)
    out["image_embedding"] = pd.Series(
        [v if h else None for v, h in zip(vectors, has, strict=True)], dtype=object
    )
    left = outcome_ln(rows) - rows["base_ln"].to_numpy() + np.where(has, effect * bright, 0.0)
    out["outcome_comments"] = np.expm1(np.maximum(left + rows["base_ln"] - 3.0, 0.0))
    out.loc[::7, "outcome_comments"] = np.nan
    out["outcome_likes"] = out["outcome"]
    return out, left


@pytest.fixture(scope="session")
def problem(rows: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    return pictured(rows)


@pytest.fixture(scope="session")
def network(problem: tuple[pd.DataFrame, np.ndarray]):  # type: ignore[no-untyped-def]
    from training.multimodal_training import fit_multimodal

    data, left = problem
    return fit_multimodal(data, FEATURES, left, np.ones(len(left)), NetworkParameters())


def test_modalities_are_told_apart_and_absence_is_seen(problem: tuple[pd.DataFrame, np.ndarray]) -> None:
    data, _ = problem
    modalities = fit_modalities(data, FEATURES)
    assert [one.name for one in modalities.each] == ["context", "text", "vision", "audio"]
    there = modalities.read(data)[:, -4:]
    assert (there[:, :2] == 1).all()
    np.testing.assert_array_equal(there[:, 2] == 1, data["image_brightness"].notna())
    plain = fit_modalities(data.drop(columns=["image_embedding"]), BLIND)
    assert [one.name for one in plain.each] == ["context", "text"]


def test_one_step_of_the_trainer_moves_the_weights() -> None:
    import torch

    from training.lightning_fit import Examples, Trainee, quiet_trainer
    from training.multimodal import MultimodalModule

    module = MultimodalModule((4, 2), 1, 2)
    examples = Examples.of(
        [np.random.default_rng(0).normal(size=(8, 9)).astype(np.float32)], np.ones((8, 2)), np.ones(8)
    )
    before = module.bias.detach().clone()
    quiet_trainer(fast_dev_run=1).fit(Trainee(module, examples, examples, SHORT))
    assert not torch.equal(before, module.bias)


def test_it_learns_and_twice_the_same_leaving_random_state_alone(
    problem: tuple[pd.DataFrame, np.ndarray],
) -> None:
    from training.multimodal_training import fit_multimodal

    data, left = problem
    np.random.seed(11)
    expected = np.random.RandomState(11).uniform()
    first, second = (fit_multimodal(data, FEATURES, left, np.ones(len(left)), SHORT) for _ in range(2))
    assert np.random.uniform() == expected
    np.testing.assert_array_equal(first.predict(data), second.predict(data))
    for metric, quantiles in first.predict_all(data)[1].items():
        np.testing.assert_array_equal(quantiles, second.predict_all(data)[1][metric])
    assert np.corrcoef(first.predict(data)[:, 1], left)[0, 1] > 0.5


def test_what_is_saved_answers_the_same(network, problem, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from training.multimodal import load_multimodal

    network.save(tmp_path)
    np.testing.assert_array_equal(load_multimodal(tmp_path).predict(problem[0]), network.predict(problem[0]))


@settings(max_examples=25, deadline=None)
@given(
    order=st.lists(st.integers(0, 899), min_size=1, max_size=40),
    scale=st.floats(-1e6, 1e6, allow_nan=False),
)
def test_quantiles_never_cross_and_do_not_depend_on_the_batch(  # type: ignore[no-untyped-def]
    network, problem, order: list[int], scale: float
) -> None:
    """Any rows, in any order, repeated, with outlandish numbers: each is answered as it is alone."""
    data = problem[0].iloc[order].reset_index(drop=True)
    data[["followers_ln", "gap_ln_h"]] = np.float32(scale)
    together = network.predict(data)
    assert np.isfinite(together).all()
    assert (np.diff(together, axis=1) > 0).all()
    np.testing.assert_array_equal(network.predict(data.iloc[[-1]])[0], together[-1])


@settings(max_examples=25, deadline=None)
@given(noise=st.floats(-1e30, 1e30) | st.just(float("nan")), seed=st.integers(0, 99))
def test_what_stands_in_a_missing_modalitys_place_is_not_looked_at(network, problem, noise, seed) -> None:  # type: ignore[no-untyped-def]
    """The module itself, not only its inputs: gates and absent vectors decide by presence alone."""
    import torch

    x = torch.from_numpy(network.inputs(problem[0].iloc[seed : seed + 5])).double()
    widths = network.module.widths
    start, stop = widths[0], sum(widths)
    x[:, -len(widths) + 1 :] = 0
    other = x.clone()
    other[:, start:stop] = noise
    with torch.inference_mode():
        assert torch.equal(network.module(x), network.module(other))


def test_with_pictures_it_beats_a_network_without_them_and_without_it_is_no_worse(  # type: ignore[no-untyped-def]
    rows: pd.DataFrame,
) -> None:
    """Fusion that is right when a modality is missing: on later posts without a picture, a network that learned
    from pictures is as close as one that never had any; on those with one it is much closer."""
    from training.multimodal_training import fit_multimodal

    data, left = pictured(rows)
    early, late = slice(0, 700), slice(700, 900)
    weight = np.ones(700)
    seeing = fit_multimodal(data.iloc[early], FEATURES, left[early], weight, NetworkParameters())
    without = data.drop(columns="image_embedding")
    blind = fit_multimodal(without.iloc[early], BLIND, left[early], weight, NetworkParameters())
    error = [np.abs(left[late] - one.predict(data.iloc[late])[:, 1]) for one in (seeing, blind)]
    has = data["image_brightness"].notna().to_numpy()[late]
    assert error[0][has].mean() < 0.8 * error[1][has].mean()
    assert error[0][~has].mean() < 1.05 * error[1][~has].mean()


def test_other_metrics_follow_the_primary_and_the_primary_has_no_second_head(network, problem) -> None:  # type: ignore[no-untyped-def]
    data, _ = problem
    others = network.predict_all(data)[1]
    assert set(others) == {"comments"}
    told = np.log1p(data["outcome_comments"].to_numpy()) - data["base_ln"].to_numpy()
    known = ~np.isnan(told)
    assert abs(np.median(others["comments"][known, 1] - told[known])) < 0.2
    assert np.corrcoef(others["comments"][known, 1], told[known])[0, 1] > 0.4
    assert (np.diff(others["comments"], axis=1) > 0).all()


def test_a_few_viral_posts_do_not_own_the_fit(problem: tuple[pd.DataFrame, np.ndarray]) -> None:
    from training.multimodal_training import fit_multimodal

    data, left = problem
    viral = left.copy()
    viral[::100] += 12.0
    plain, bent = (
        fit_multimodal(data, FEATURES, target, np.ones(len(left)), SHORT).predict(data)[:, 1]
        for target in (left, viral)
    )
    assert np.abs(plain - bent).mean() < 0.1


def test_mixed_precision_trains(problem: tuple[pd.DataFrame, np.ndarray]) -> None:
    from training.lightning_fit import Hardware
    from training.multimodal_training import fit_multimodal

    data, left = problem
    hardware = Hardware.of(Settings(train_precision="bf16-mixed"))
    assert hardware.options() == {"accelerator": "cpu", "precision": "bf16-mixed", "devices": 1}
    mixed = fit_multimodal(data, FEATURES, left, np.ones(len(left)), SHORT, hardware)
    assert np.corrcoef(mixed.predict(data)[:, 1], left)[0, 1] > 0.5


def test_settings_choose_gpus_and_ddp() -> None:
    from training.lightning_fit import Hardware

    assert Hardware.of(Settings(device="cuda:1")).options()["devices"] == [1]
    several = Hardware.of(Settings(device="cuda", train_devices=4, train_precision="16-mixed")).options()
    assert several == {"accelerator": "gpu", "precision": "16-mixed", "devices": 4, "strategy": "ddp_spawn"}


def test_two_processes_train_one_network(rows: pd.DataFrame, tmp_path: Path) -> None:
    """DDP over gloo: both processes share every batch, and the caller gets what they learned."""
    rows.head(400).to_pickle(tmp_path / "rows.pkl")
    program = tmp_path / "ddp.py"
    program.write_text(
        "import numpy as np, pandas as pd\n"
        "from training.columns import model_features, outcome_ln\n"
        "from training.lightning_fit import Hardware\n"
        "from training.multimodal_training import fit_multimodal\n"
        "from training.parameters import NetworkParameters\n"
        "if __name__ == '__main__':\n"
        f"    rows = pd.read_pickle({str(tmp_path / 'rows.pkl')!r})\n"
        "    left = outcome_ln(rows) - rows['base_ln'].to_numpy()\n"
        "    network = fit_multimodal(rows, model_features(), left, np.ones(len(left)),\n"
        "        NetworkParameters(epochs=8, batch=64), Hardware(devices=2))\n"
        "    print(np.corrcoef(network.predict(rows)[:, 1], left)[0, 1])\n"
    )
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) > 0.3
