"""AutoGluon in an environment of its own: it wants other versions of half the libraries, and is no dependency of ours.

`CREATORLENS_AUTOGLUON_PYTHON` names its interpreter; otherwise uv makes an environment in the cache folder the first time.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._quality_contenders import Inputs
from benchmarks._quality_store import cache_folder
from training.columns import outcome_ln

VERSION = "1.6.3"
CHILD = Path(__file__).with_name("_quality_autogluon_child.py")
# Below this it may not finish one model and leaves nothing; what it needed beyond our time is told.
LEAST_SECONDS = 20.0
THREADS = 2


class NoAutoGluon(Exception):
    """There is none, and none could be made."""


def interpreter(say: Callable[[str], None]) -> str:
    """Raises NoAutoGluon with the reason."""
    told = os.environ.get("CREATORLENS_AUTOGLUON_PYTHON")
    if told:
        if not Path(told).is_file():
            raise NoAutoGluon(f"CREATORLENS_AUTOGLUON_PYTHON names {told}, which is not there")
        return told
    place = cache_folder() / f"autogluon-{VERSION}"
    python = place / "bin" / "python"
    if python.is_file() and (place / "complete").is_file():
        return str(python)
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    if not Path(uv).is_file():
        raise NoAutoGluon("uv is not installed, and CREATORLENS_AUTOGLUON_PYTHON names no interpreter")
    say(f"making an environment with AutoGluon {VERSION} (once)")
    shutil.rmtree(place, ignore_errors=True)
    wanted = f"autogluon.tabular[lightgbm,xgboost,catboost]=={VERSION}"
    for command in (
        [uv, "venv", "--python", sys.executable, str(place)],
        [uv, "pip", "install", "--python", str(python), wanted, "pyarrow"],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise NoAutoGluon(f"{' '.join(command[:3])} failed: {done.stderr.strip().splitlines()[-1:]}")
    (place / "complete").touch()
    return str(python)


def run_autogluon(
    folder: Path,
    known: pd.DataFrame,
    ahead: pd.DataFrame,
    seconds: float,
    *,
    above_base: bool,
    say: Callable[[str], None],
) -> None:
    """Leaves answer.parquet and figures.json in `folder`. Raises NoAutoGluon where it gave nothing."""
    python = interpreter(say)
    inputs = Inputs(known)
    level = inputs.base if above_base else lambda rows: np.zeros(len(rows))
    table = inputs.frame(known).reset_index(drop=True)
    table["target"] = outcome_ln(known) - level(known)
    table.to_parquet(folder / "known.parquet")
    inputs.frame(ahead).reset_index(drop=True).to_parquet(folder / "ahead.parquet")
    given = max(seconds, LEAST_SECONDS)
    (folder / "task.json").write_text(json.dumps({"seconds": given, "threads": THREADS}))
    quiet = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": str(THREADS)}
    done = subprocess.run(
        [python, str(CHILD), str(folder)], env={**os.environ, **quiet}, capture_output=True, text=True
    )
    if done.returncode or not (folder / "answer.parquet").exists():
        last = done.stderr.strip().splitlines()[-1:] or ["no word"]
        raise NoAutoGluon(f"nothing in {given:.0f} s: {last[0]}")
    answer = pd.read_parquet(folder / "answer.parquet").add(level(ahead), axis=0)
    answer.to_parquet(folder / "answer.parquet")
    figures = json.loads((folder / "figures.json").read_text())
    figures |= {"seconds_given": given, "seconds_ours": seconds}
    (folder / "figures.json").write_text(json.dumps(figures))
