"""An exported folder answers what the forecaster answers, without our rooms, torch or XGBoost."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creatorlens.platforms import Platform
from training.columns import horizon_ln, matrix, model_features, outcome_ln
from training.conformal import Conformal, Shifts
from training.forecaster import Forecaster
from training.onnx_export import compare, export, runner_columns
from training.onnx_runner import Model

FAMILIES = (0.25, 0.25, 0.125, 0.125, 0.25)
DEFINITION = "instagram-likes-1"


@pytest.fixture(scope="module")
def told(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with texts, pictures, earlier posts, and gaps in each."""
    random = np.random.default_rng(2)
    out = rows.head(500).copy()
    n = len(out)
    vectors = random.normal(size=(n, 2, 24)).astype(np.float32)
    out["text_embedding"] = pd.Series(
        [None if i % 7 == 0 else v for i, v in enumerate(vectors[:, 0])], dtype=object
    )
    out["image_embedding"] = pd.Series(
        [v if i % 2 else None for i, v in enumerate(vectors[:, 1])], dtype=object
    )
    out["image_brightness"] = np.where(np.arange(n) % 2, random.normal(size=n), np.nan).astype(np.float32)
    sequence = random.normal(5, 1, (n, 3, 6)).astype(np.float32)
    sequence[:, :, 1] = 8_000.0
    sequence[::5, 1, 2:] = np.nan
    out["channel_sequence"] = pd.Series(
        [None if i % 3 == 0 else s[: i % 4] for i, s in enumerate(sequence)], dtype=object
    )
    out.loc[::9, "floor"] = np.nan
    out.loc[3::50, "base_ln"] = np.nan
    out.loc[5::50, "age_h"] = np.nan
    return out


@pytest.fixture(scope="module")
def forecaster(told: pd.DataFrame) -> Forecaster:
    from training.expert import fit_expert
    from training.members import fit_members
    from training.parameters import BoostingParameters, NetworkParameters, Parameters, QuantileParameters

    quick = NetworkParameters(epochs=4)
    boosting = BoostingParameters(rounds=40, spread_rounds=20, bags=2)
    quantiles = QuantileParameters(rounds=40, bags=2)
    parameters = Parameters(boosting=boosting, quantiles=quantiles, network=quick, sequence=quick)
    names = tuple(name for name in model_features() if name in told)
    expert = fit_expert(told, names, parameters, families=("boosters",), explain=False)
    shifts = {0: Shifts(-0.1, 0.2, 50), 3: Shifts(0.3, -0.2, 50)}
    whole = replace(
        expert,
        members=fit_members(told, names, parameters),
        shares=FAMILIES,
        conformal=Conformal(Shifts(0.05, 0.1, 100), shifts),
    )
    return Forecaster(Platform.INSTAGRAM, names, {DEFINITION: whole}, {})


def test_a_booster_is_the_same_to_the_last_digits_also_where_values_are_missing(forecaster, told) -> None:  # type: ignore[no-untyped-def]
    import onnxruntime

    from training.boosting import with_age
    from training.onnx_trees import booster_as_onnx

    boosters = forecaster.experts[DEFINITION].members.boosters
    x = matrix(told, forecaster.feature_names)
    x[np.random.default_rng(0).uniform(size=x.shape) < 0.3] = np.nan
    for booster, inputs in ((boosters.centres[1], with_age(x, horizon_ln(told))), (boosters.spread, x)):
        written = booster_as_onnx(booster, inputs.shape[1]).SerializeToString()
        session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
        (found,) = session.run(None, {"x": inputs})
        np.testing.assert_allclose(found.squeeze(), booster.inplace_predict(inputs), atol=1e-5)


def test_the_folder_gives_the_same_quantiles(
    forecaster: Forecaster, told: pd.DataFrame, tmp_path: Path
) -> None:
    """All families, every kind of gap, every calibration group."""
    export(forecaster, tmp_path / "out")
    found = Model(tmp_path / "out").quantiles(runner_columns(told))
    np.testing.assert_allclose(found, forecaster.experts[DEFINITION].quantiles(told), atol=1e-4)
    one = Model(tmp_path / "out").quantiles(runner_columns(told.iloc[[7]]))
    np.testing.assert_allclose(one[0], found[7], atol=1e-4)


def test_the_runner_needs_onnxruntime_and_numpy_alone(
    forecaster: Forecaster, told: pd.DataFrame, tmp_path: Path
) -> None:
    export(forecaster, tmp_path / "out")
    columns = {
        name: value.tolist()
        for name, value in runner_columns(told.head(4)).items()
        if isinstance(value, np.ndarray)
    }
    (tmp_path / "columns.json").write_text(json.dumps(columns))
    program = (
        "import sys, json\n"
        "for name in ('torch', 'xgboost', 'pandas', 'sklearn', 'training', 'features', 'creatorlens', 'onnx'):\n"
        "    sys.modules[name] = None\n"
        f"sys.path.insert(0, {str(tmp_path / 'out')!r})\n"
        "from runner import Model\n"
        f"columns = json.load(open({str(tmp_path / 'columns.json')!r}))\n"
        f"print(json.dumps(Model({str(tmp_path / 'out')!r}).quantiles(columns).tolist()))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=300, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    bare = told.head(4).drop(columns=["text_embedding", "image_embedding", "channel_sequence"])
    wanted = forecaster.experts[DEFINITION].quantiles(bare)
    np.testing.assert_allclose(json.loads(done.stdout), wanted, atol=1e-4)


def test_eight_bits_are_smaller_and_what_they_lose_is_told(
    forecaster: Forecaster, told: pd.DataFrame, tmp_path: Path
) -> None:
    export(forecaster, tmp_path / "plain")
    export(forecaster, tmp_path / "int8", int8=True)
    plain, small = (
        compare(forecaster, tmp_path / name, told.dropna(subset="base_ln")) for name in ("plain", "int8")
    )
    assert plain.difference_max < 1e-4
    assert 1e-6 < small.difference_max < 0.5
    assert small.difference_mean <= small.difference_max
    lost = small.accuracy["exported"]["pinball"] - small.accuracy["original"]["pinball"]
    assert abs(lost) < 0.02
    weights = [
        sum(p.stat().st_size for p in (tmp_path / name).rglob("network.onnx")) for name in ("plain", "int8")
    ]
    assert weights[1] < weights[0]


def test_an_export_replaces_an_export_and_families_without_a_share_stay_behind(
    forecaster: Forecaster, tmp_path: Path
) -> None:
    export(forecaster, tmp_path / "out")
    expert = replace(forecaster.experts[DEFINITION], shares=(1.0, 0.0, 0.0, 0.0, 0.0))
    export(replace(forecaster, experts={DEFINITION: expert}), tmp_path / "out")
    files = sorted(path.name for path in (tmp_path / "out").rglob("*.onnx"))
    assert files == ["boosters_centre_0.onnx", "boosters_centre_1.onnx", "boosters_spread.onnx"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_outcomes_are_what_the_accuracy_is_of(
    forecaster: Forecaster, told: pd.DataFrame, tmp_path: Path
) -> None:
    export(forecaster, tmp_path / "out")
    known = told.dropna(subset="base_ln")
    middle = forecaster.experts[DEFINITION].quantiles(known)[:, 1]
    wanted = float(np.abs(outcome_ln(known) - middle).mean())
    found = compare(forecaster, tmp_path / "out", known).accuracy["original"]["mae_ln"]
    assert found == pytest.approx(wanted, abs=1e-5)
