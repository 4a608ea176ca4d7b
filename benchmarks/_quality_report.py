"""From answers to figures: measures by contender and segment, and intervals of the differences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._quality_contenders import COLUMNS
from training.columns import QUANTILES, Floats
from training.metrics import measures, rounded

SAMPLES = 2000
THIRDS = ("small", "middle", "large")
# Skill of a channel is told apart for those with at least this many shown posts: of one post it is a toss of a coin.
_POSTS = (1, 5)


def quantiles_of(table: pd.DataFrame, name: str) -> Floats:
    out: Floats = table[[f"{name}|{q}" for q in COLUMNS]].to_numpy(np.float64)
    return out


def measured(table: pd.DataFrame, name: str) -> dict[str, Any]:
    """The columns of the issue; rows that the contender did not answer are left out and show in n."""
    found = quantiles_of(table, name)
    told = ~np.isnan(found).any(axis=1)
    channels = table.loc[told, "channel_id"].reset_index(drop=True)
    return measures(channels, table.loc[told, "truth"].to_numpy(np.float64), found[told])


def thirds(table: pd.DataFrame) -> pd.Series:
    """By the channel's level known then (`base_ln`, shrunken towards the platform's for small channels)."""
    rank = table["base_ln"].rank(method="first", na_option="top")
    at = np.minimum(((rank - 1) * 3 // max(1, len(table))).astype(int), 2)
    return pd.Series(np.array(THIRDS, dtype=object)[at.to_numpy()], index=table.index)


def coverage_by_third(table: pd.DataFrame, name: str) -> dict[str, float | None]:
    third = thirds(table)
    return {which: measured(table.loc[third == which], name).get("coverage80") for which in THIRDS}


def skill(table: pd.DataFrame, name: str, floor: str) -> dict[str, Any]:
    """Channels that are shown a number of the model's, and have a floor: the share whose mae_ln (and pinball) is below the
    floor's, by how many posts of theirs were shown."""
    shown = table.loc[~table[f"{name}|abstained"].to_numpy(bool) & table["floor_ln"].notna()]
    out: dict[str, Any] = {}
    gain = _losses(shown, floor) - _losses(shown, name)
    by = gain.groupby(shown["channel_id"].to_numpy(dtype=object)).agg(["mean", "size"])
    for least in _POSTS:
        some = by.loc[by[("mae_ln", "size")] >= least]
        out[f"with {least} posts or more"] = {
            "channels": len(some),
            **{
                measure: rounded(float((some[(measure, "mean")] > 0).mean()) if len(some) else None)
                for measure in ("mae_ln", "pinball")
            },
        }
    return out


def difference(table: pd.DataFrame, ours: str, other: str, seed: int = 0) -> dict[str, Any]:
    """ours - other per post, averaged: negative is better; 95 % interval from resampling whole channels (creator-blocked)."""
    both = ~np.isnan(np.concatenate([quantiles_of(table, ours), quantiles_of(table, other)], axis=1)).any(
        axis=1
    )
    part = table.loc[both]
    if part.empty:
        return {"n": 0}
    apart = _losses(part, ours) - _losses(part, other)
    sums = apart.groupby(part["channel_id"].to_numpy(dtype=object)).sum()
    sizes = part.groupby("channel_id").size().reindex(sums.index).to_numpy(np.float64)
    drawn = np.random.default_rng(seed).multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), SAMPLES)
    out: dict[str, Any] = {"n": len(part), "channels": len(sizes)}
    for measure in ("pinball", "mae_ln"):
        means = (drawn @ sums[measure].to_numpy(np.float64)) / np.maximum(drawn @ sizes, 1.0)
        low, high = np.quantile(means, [0.025, 0.975])
        out[measure] = [rounded(float(v)) for v in (apart[measure].mean(), low, high)]
    return out


def costs(figures: Mapping[Any, dict[str, Any]], posts: int) -> dict[str, Any]:
    """Per cut-off on average: training seconds; of all: seconds per 1,000 predictions and the largest peak of memory."""
    told = list(figures.values())
    seconds = sum(f["predict_seconds"] for f in told)
    return {
        "train_seconds": round(float(np.mean([f["train_seconds"] for f in told])), 2),
        "seconds_per_1000": round(1000 * seconds / max(1, posts), 3),
        "peak_memory_mb": round(max(f["peak_memory_mb"] for f in told), 1),
    }


def _losses(table: pd.DataFrame, name: str) -> pd.DataFrame:
    truth, found = table["truth"].to_numpy(np.float64), quantiles_of(table, name)
    over, levels = truth[:, None] - found, np.array(QUANTILES)
    return pd.DataFrame(
        {
            "pinball": np.maximum(levels * over, (levels - 1) * over).mean(axis=1),
            "mae_ln": np.abs(truth - found[:, 1]),
        }
    )
