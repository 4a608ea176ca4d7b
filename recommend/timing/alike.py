"""Which channels are alike: similar size, format, category, time zone and habits, as groups."""

from __future__ import annotations

import numpy as np
import pandas as pd

MOST_GROUPS = 8
LEAST_CHANNELS = 6
ROUNDS = 50


def groups(channels: pd.DataFrame) -> dict[str, int]:
    """`channels`: one row each, channel_id, and what describes it: numbers (missing ones count as usual) and words. k-means
    on standardised numbers and shares of words, as many groups as the root of half their number."""
    if len(channels) < LEAST_CHANNELS:
        return dict.fromkeys(channels["channel_id"].astype(str), 0)
    points = _points(channels.drop(columns="channel_id"))
    k = int(np.clip(round(np.sqrt(len(points) / 2)), 1, MOST_GROUPS))
    code = _k_means(points, k)
    return dict(zip(channels["channel_id"].astype(str), code.tolist(), strict=True))


def _points(told: pd.DataFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    parts = []
    for name in told:
        column = told[name]
        if column.dtype.kind in "fiub":
            number = column.astype(float)
            spread = float(number.std(ddof=0)) or 1.0
            parts.append(
                ((number - number.mean()) / (spread if spread > 0 else 1.0)).fillna(0.0).to_numpy()[:, None]
            )
        else:
            parts.append(pd.get_dummies(column.fillna("unknown").astype(str)).to_numpy(dtype=float))
    return np.nan_to_num(np.hstack(parts))


def _k_means(
    points: np.ndarray[tuple[int, ...], np.dtype[np.float64]], k: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    from sklearn.cluster import KMeans

    found = KMeans(k, n_init=4, max_iter=ROUNDS, random_state=0).fit_predict(points)
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
