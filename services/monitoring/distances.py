"""How far recent values lie from training's, by evidently's measures: column by column, and embeddings whole."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

VALUES = (
    "Wasserstein distance in standard deviations of training's values, plus the change in the share missing"
)
EMBEDDING = "how well a linear classifier tells recent titles from training's (2 AUC - 1)"
# Fewer values say nothing of a distribution.
FEWEST = 10
_SEED = 7


def quiet_evidently() -> None:
    """Its package reports use unless told not to; ours are local. Importing it takes eight seconds."""
    os.environ.setdefault("DO_NOT_TRACK", "1")


def value_distances(
    reference: pd.DataFrame, current: pd.DataFrame, columns: Sequence[str]
) -> dict[str, float]:
    """By column; 0 where both hold the same. A column that went missing throughout is 1 away."""
    wasserstein = _wasserstein()
    return {
        name: _distance(wasserstein, reference[name].to_numpy(np.float64), current[name].to_numpy(np.float64))
        for name in columns
    }


def embedding_distance(reference: Any, current: Any) -> float:
    """n x k and m x k, rows without an embedding left out by the caller. 0 = told apart no better than by guessing,
    1 = always. Half of the rows teach the classifier, the other half judge it."""
    quiet_evidently()
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import model

    if min(len(reference), len(current)) < 2 * FEWEST:
        return 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # It writes its target into the frames it is given.
        auc, _, _ = model(bootstrap=False)(pd.DataFrame(current.copy()), pd.DataFrame(reference.copy()))
    return float(max(0.0, 2.0 * auc - 1.0))


def chance_distances(
    reference: pd.DataFrame, rows: int, columns: Sequence[str], rounds: int = 20
) -> dict[str, list[float]]:
    """By column, distances of samples of `rows` rows drawn from the reference itself: what luck alone does."""
    random = np.random.default_rng(_SEED)
    drawn = [reference.iloc[random.integers(0, len(reference), rows)] for _ in range(rounds)]
    found = [value_distances(reference, one, columns) for one in drawn]
    return {name: [one[name] for one in found] for name in columns}


def _distance(wasserstein: Any, reference: Any, current: Any) -> float:
    there, now = ~np.isnan(reference), ~np.isnan(current)
    missing = abs(float(now.mean()) - float(there.mean()))
    if there.sum() < FEWEST or now.sum() < FEWEST:
        return missing
    before, after = reference[there], current[now]
    if before.std() == 0:
        # Training never saw it differ: its model cannot depend on it.
        return missing
    return float(wasserstein(pd.Series(before), pd.Series(after))) * float(now.mean()) + missing


def _wasserstein() -> Any:
    """evidently's normed Wasserstein distance, of two series without missing values."""
    quiet_evidently()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently.legacy.calculations.stattests import wasserstein_stat_test
        from evidently.legacy.core import ColumnType

    def distance(before: pd.Series, after: pd.Series) -> float:
        test = wasserstein_stat_test(before, after, ColumnType.Numerical, None)
        return float(test.drift_score)

    return distance
