"""The measures a backtest reports, for any contender: n rows of truth and quantiles in ln(1+metric)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from training.columns import QUANTILES, Floats

# A channel's own ranking says nothing on fewer posts than this.
WITHIN_MIN_POSTS = 5
_DIGITS = 6


def measures(channel_id: pd.Series, truth: Floats, quantiles: Floats) -> dict[str, Any]:
    """n, spearman, mae_ln, within_creator_spearman (mean over channels with at least
    `WITHIN_MIN_POSTS` posts, each weighing the same), the same weighted by posts, within_creators,
    pinball (mean over p10, p50, p90), coverage80, width80 (median width). Logarithms throughout;
    None where there is nothing to measure."""
    if len(truth) == 0:
        return {"n": 0}
    middle = quantiles[:, 1]
    within = _within(channel_id, truth, middle)
    inside = (truth >= quantiles[:, 0]) & (truth <= quantiles[:, 2])
    return {
        "n": len(truth),
        "spearman": rounded(rank_correlation(truth, middle)),
        "mae_ln": rounded(float(np.abs(truth - middle).mean())),
        "within_creator_spearman": rounded(float(within[0].mean()) if len(within[0]) else None),
        "within_creator_spearman_by_posts": rounded(
            float(np.average(within[0], weights=within[1])) if len(within[0]) else None
        ),
        "within_creators": len(within[0]),
        "pinball": rounded(pinball(truth, quantiles)),
        "coverage80": rounded(float(inside.mean())),
        "width80": rounded(float(np.median(quantiles[:, 2] - quantiles[:, 0]))),
    }


def pinball(truth: Floats, quantiles: Floats) -> float:
    over = truth[:, None] - quantiles
    levels = np.array(QUANTILES)
    return float(np.maximum(levels * over, (levels - 1) * over).mean())


def rank_correlation(a: Floats, b: Floats) -> float | None:
    """Spearman's; 0 where one of them says the same of every row, None with fewer than 3 rows."""
    if len(a) < 3:
        return None
    ranks = [pd.Series(values).rank().to_numpy() for values in (a, b)]
    if any(rank.std() == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def rounded(value: float | None) -> float | None:
    """Six digits: what can be compared byte by byte."""
    return None if value is None or value != value else round(float(value), _DIGITS)


def _within(channel_id: pd.Series, truth: Floats, middle: Floats) -> tuple[Floats, Floats]:
    """Rank correlation and posts of each channel whose outcomes differ."""
    found, posts = [], []
    groups = pd.Series(np.arange(len(truth))).groupby(channel_id.to_numpy(dtype=object))
    for _, at in groups:
        rows = at.to_numpy()
        if len(rows) >= WITHIN_MIN_POSTS and np.ptp(truth[rows]) > 0:
            found.append(rank_correlation(truth[rows], middle[rows]) or 0.0)
            posts.append(len(rows))
    return np.array(found, float), np.array(posts, float)
