"""What a study minimises: mean pinball over rolling cut-offs that end where the gate's slice begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from creatorlens.errors import NotReadyError
from creatorlens.platforms import Platform
from training.columns import Floats, outcome_ln
from training.expert import MIN_ROWS, definitions
from training.forecaster import Forecaster
from training.metrics import pinball
from training.parameters import Parameters

# Of the posts published before the gate's slice, this share is known before the first cut-off.
_FIRST_SHARE = 0.5
_MIN_AHEAD = 20
COVERAGE = (0.77, 0.83)
# A hundredth of coverage outside costs as much as this many ln units of pinball.
_PENALTY = 2.0


@dataclass(frozen=True)
class Fold:
    """`known`: labelled rows known at the cut-off; `ahead`: the last observation of each post published after it and
    before the next, known before the gate's slice."""

    cut: pd.Timestamp
    known: pd.DataFrame
    ahead: pd.DataFrame


@dataclass(frozen=True)
class Loss:
    """Over the posts of all folds so far: `value` = mean pinball + penalty for coverage outside `COVERAGE`."""

    value: float
    pinball: float
    coverage80: float
    mae_ln: float
    posts: int


def before(rows: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """What was known then, with `is_last` as of then."""
    known = rows.loc[rows["outcome_known_at"] <= moment]
    last = ~known.sort_values("outcome_known_at", kind="stable")["post_id"].duplicated(keep="last")
    return known.assign(is_last=last)


def rolling(rows: pd.DataFrame, folds: int) -> list[Fold]:
    """rows: those before the gate's slice. Raises NotReadyError where no fold has posts enough."""
    posts = rows.drop_duplicates("post_id")["published_at"].sort_values()
    if len(posts) == 0:
        raise NotReadyError(
            "no outcome was known before the slice the gate judges by: import more posts first."
        )
    # Equal in posts, not in time: a platform that grows would put most into the last.
    shares = np.linspace(_FIRST_SHARE, 1.0, folds + 1)
    cuts = [pd.Timestamp(posts.iloc[min(int(len(posts) * s), len(posts) - 1)]) for s in shares]
    found = []
    for cut, until in pairwise(cuts):
        known = before(rows, cut)
        published = rows["published_at"]
        ahead = rows.loc[rows["is_last"] & (published > cut) & (published <= until)].reset_index(drop=True)
        if len(ahead) >= _MIN_AHEAD and definitions(known):
            found.append(Fold(cut, known, ahead))
    if not found:
        raise NotReadyError(
            f"{len(posts)} posts are too few to tune on: a cut-off needs {MIN_ROWS} known outcomes of one way of counting "
            f"before it and {_MIN_AHEAD} posts after it."
        )
    return found


def measure(
    folds: Sequence[Fold],
    platform: Platform,
    parameters: Parameters,
    step: Callable[[int, Loss], None] = lambda _, __: None,
) -> Loss:
    """`step` hears the loss so far after each fold, and may raise to stop (pruning)."""
    truths: list[Floats] = []
    quantiles: list[Floats] = []
    for number, fold in enumerate(folds):
        model = Forecaster.fit(fold.known, platform, parameters, explain=False)
        told = model.forecast(fold.ahead, gated=False)
        truths.append(outcome_ln(fold.ahead))
        quantiles.append(np.log1p(told[["p10", "p50", "p90"]].to_numpy(np.float64)))
        step(number, loss(np.concatenate(truths), np.concatenate(quantiles)))
    return loss(np.concatenate(truths), np.concatenate(quantiles))


def loss(truth: Floats, quantiles: Floats) -> Loss:
    covered = float(((truth >= quantiles[:, 0]) & (truth <= quantiles[:, 2])).mean())
    outside = max(0.0, COVERAGE[0] - covered, covered - COVERAGE[1])
    lost = pinball(truth, quantiles)
    off = float(np.abs(truth - quantiles[:, 1]).mean())
    return Loss(lost + _PENALTY * outside * lost, lost, covered, off, len(truth))
