"""What the networks see of a row, and that serving them needs no trainer."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creatorlens.platforms import Platform
from training.columns import model_features
from training.inputs import fit_standardiser
from training.text_directions import DIRECTIONS


def _data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 5)).astype(np.float32)
    return x, x[:, 0] + 0.1 * random.normal(size=300)


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
    from training.members import TREES, fit_members

    expert = fit_expert(rows, model_features(), families=TREES)
    members = fit_members(rows, model_features())
    whole = replace(expert, members=members, shares=(0.25, 0.25, 0.25, 0.0, 0.25))
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
