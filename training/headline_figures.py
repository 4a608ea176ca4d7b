"""How well scores order headlines of one test and picture, against the clicks that came."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.columns import Floats
from training.headline_rows import HeadlineRows

SIGNIFICANT = 1.96


@dataclass(frozen=True)
class Order:
    """Pair by pair. `z`: of the difference of two rates, first less second; `right`: 1, 0, or .5 where the scores are equal; `test`:
    number of the test. Pairs with equal rates are left out."""

    z: Floats
    right: Floats
    test: Floats


@dataclass(frozen=True)
class Picks:
    """Test and picture by test and picture: what the highest score got. Several variants of one headline count as one.
    `best`: whether it was the best; `chance`: for a random choice; rates of the pick, on average, and of the best."""

    best: Floats
    chance: Floats
    pick: Floats
    mean: Floats
    oracle: Floats
    test: Floats


def order(rows: HeadlineRows, score: Floats) -> Order:
    first, second = rows.pairs.T
    z = z_of(rows, first, second)
    over = score[first] - score[second]
    right = np.where(over == 0, 0.5, np.sign(over) == np.sign(z)).astype(float)
    told = z != 0
    return Order(z[told], right[told], rows.test[first][told].astype(float))


def z_of(rows: HeadlineRows, first: Floats, second: Floats) -> Floats:
    """Of two proportions, with the pooled rate."""
    c, n = rows.clicks, rows.impressions
    pooled = (c[first] + c[second]) / (n[first] + n[second])
    error = np.sqrt(pooled * (1 - pooled) * (1 / n[first] + 1 / n[second]))
    over: Floats = rows.rate[first] - rows.rate[second]
    return np.divide(over, error, out=np.zeros_like(over), where=error > 0)


def picks(rows: HeadlineRows, score: Floats) -> Picks:
    found = []
    words = rows.frame["headline"].to_numpy(object)
    for some in rows.strata():
        headline = pd.factorize(words[some])[0]
        rate = np.bincount(headline, rows.clicks[some]) / np.bincount(headline, rows.impressions[some])
        told = np.bincount(headline, score[some]) / np.bincount(headline)
        top, best = told >= told.max() - 1e-12, rate >= rate.max()
        found.append(
            (best[top].mean(), best.mean(), rate[top].mean(), rate.mean(), rate.max(), rows.test[some[0]])
        )
    columns = np.array(found, float).reshape(-1, 6).T
    return Picks(*columns)


def figures(rows: HeadlineRows, score: Floats) -> dict[str, float]:
    """pairs, significant: share of pairs in the right order, all and those with |z| > 1.96; best_over_chance: how often the pick was
    the best of its test and picture, over how often a random choice is; lift: its clicks over a random choice's, and as a
    share of what the best would have had."""
    of, taken = order(rows, score), picks(rows, score)
    sure = np.abs(of.z) > SIGNIFICANT
    told = {
        "pairs": _mean(of.right),
        "pairs_n": float(len(of.right)),
        "significant": _mean(of.right[sure]),
        "significant_n": float(sure.sum()),
        "best_over_chance": _ratio(taken.best.sum(), taken.chance.sum()),
        "lift": _ratio(taken.pick.sum(), taken.mean.sum()) - 1,
        "oracle_lift": _ratio(taken.oracle.sum(), taken.mean.sum()) - 1,
        "share_of_oracle": _ratio((taken.pick - taken.mean).sum(), (taken.oracle - taken.mean).sum()),
        "choices": float(len(taken.best)),
    }
    return {name: round(value, 4) for name, value in told.items() if math.isfinite(value)}


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else math.nan


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan
