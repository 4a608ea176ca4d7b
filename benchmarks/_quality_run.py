"""One cell of the table: a contender at a cut-off, from the cache or in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks._quality_autogluon import NoAutoGluon, run_autogluon
from benchmarks._quality_store import Cell, cache_folder, cell_key
from training.hashes import data_hash

_ROOT = Path(__file__).parents[1]
_KEPT = ("answer.parquet", "figures.json")


class Failed(Exception):
    """The contender gave no answer; the message says why."""


@dataclass(frozen=True)
class Fold:
    """`data`: hash of both tables."""

    cut: pd.Timestamp
    known: pd.DataFrame
    ahead: pd.DataFrame
    data: str


@dataclass(frozen=True)
class Result:
    answer: pd.DataFrame
    figures: dict[str, Any]


def fold(rows: pd.DataFrame, cut: pd.Timestamp, until: pd.Timestamp) -> Fold:
    known = rows.loc[rows["outcome_known_at"] <= cut].reset_index(drop=True)
    published = rows["published_at"]
    ahead = rows.loc[rows["is_last"] & (published > cut) & (published <= until)].reset_index(drop=True)
    return Fold(cut, known, ahead, data_hash(known) + data_hash(ahead))


def result(
    contender: str,
    of: Fold,
    say: Callable[[str], None],
    *,
    without: str | None = None,
    alone: str | None = None,
    seconds: float = 0.0,
) -> Result:
    """`without` a modality, one family `alone`: of ours. `seconds`: for AutoGluon, what our training took; not part of the key, as it is never twice the same."""
    cell = Cell(cache_folder(), cell_key(contender, of.data, f"{without or ''}|{alone or ''}"))
    if not cell.done:
        folder = cell.begin()
        if contender.startswith("autogluon"):
            _autogluon(folder, contender, of, seconds, say)
        else:
            _child(folder, contender, of, without, alone)
        cell.keep(_KEPT)
    figures = json.loads((cell.folder / "figures.json").read_text())
    return Result(pd.read_parquet(cell.folder / "answer.parquet"), figures)


def _autogluon(folder: Path, contender: str, of: Fold, seconds: float, say: Callable[[str], None]) -> None:
    try:
        run_autogluon(folder, of.known, of.ahead, seconds, above_base=contender != "autogluon_raw", say=say)
    except NoAutoGluon as error:
        raise Failed(str(error)) from error


def _child(folder: Path, contender: str, of: Fold, without: str | None, alone: str | None) -> None:
    of.known.to_pickle(folder / "known.pkl")
    of.ahead.to_pickle(folder / "ahead.pkl")
    (folder / "task.json").write_text(
        json.dumps({"contender": contender, "without": without, "families": [alone] if alone else None})
    )
    quiet = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
    command = [sys.executable, "-m", "benchmarks._quality_child", str(folder)]
    done = subprocess.run(command, cwd=_ROOT, env={**os.environ, **quiet}, capture_output=True, text=True)
    if done.returncode:
        raise Failed((done.stderr.strip().splitlines() or ["no word"])[-1])
