"""A backtest's figures for the kinds of post it holds: by channel size, media, history and how outcomes were known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.backtest_log import media_type
from training.metrics import measures

# Below this many posts a segment's figures say nothing.
FEWEST = 50
# By contender: its columns in the backtest's predictions, the word in keys, and what is told of it.
_CONTENDERS = (
    ("served", "", ("n", "mae_ln", "pinball", "coverage80", "width80")),
    ("floor", "floor_", ("mae_ln", "pinball")),
    ("plain", "plain_xgboost_", ("mae_ln", "pinball")),
)


@dataclass(frozen=True)
class Segment:
    """`name` is a key (size_small), `words` what people read; `figures`: of ours, floor_... and plain_xgboost_..."""

    name: str
    words: str
    figures: dict[str, float]


def segments(predictions: pd.DataFrame, rows: pd.DataFrame) -> list[Segment]:
    """Of the backtest's predictions over rows; segments without a post are left out."""
    return [
        Segment(name, words, _figures(predictions.loc[at]))
        for name, words, at in _masks(predictions, rows)
        if at.any()
    ]


def _masks(predictions: pd.DataFrame, rows: pd.DataFrame) -> list[tuple[str, str, NDArray[np.bool_]]]:
    floor = predictions["floor_ln"].to_numpy(np.float64)
    known = ~np.isnan(floor)
    third = np.full(len(floor), -1)
    if known.any():
        third[known] = np.searchsorted(np.quantile(floor[known], [1 / 3, 2 / 3]), floor[known], side="right")
    found = [
        (f"size_{size}", f"{size} channels (a third of the floor)", third == i)
        for i, size in enumerate(("small", "medium", "large"))
    ]
    kinds = np.array(media_type(rows, predictions["post_id"]), dtype=object)
    found += [(f"media_{kind}", f"media type {kind}", kinds == kind) for kind in sorted(set(kinds))]
    found += [
        ("with_history", "channels with a matured post", known),
        ("without_history", "channels without a matured post", ~known),
    ]
    unseen = _unseen(predictions, rows)
    found += [
        ("seen_channels", "channels known when the model was fitted", ~unseen),
        ("unseen_channels", "channels never seen in training", unseen),
    ]
    backfilled = predictions["backfilled"].to_numpy(dtype=bool)
    return [
        *found,
        ("backfilled", "outcomes back-filled", backfilled),
        ("observed", "outcomes observed", ~backfilled),
    ]


def _unseen(predictions: pd.DataFrame, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether no outcome of the channel was known at the cut-off."""
    first_known = rows.groupby("channel_id")["outcome_known_at"].min()
    known_at = predictions["channel_id"].map(first_known)
    return (~(known_at <= pd.to_datetime(predictions["cut_off"], utc=True))).to_numpy(dtype=bool)


def _figures(part: pd.DataFrame) -> dict[str, float]:
    found: dict[str, float] = {}
    for columns, prefix, told in _CONTENDERS:
        quantiles = part[[f"{columns}_{q}" for q in ("p10", "p50", "p90")]].to_numpy(np.float64)
        of: dict[str, Any] = measures(part["channel_id"], part["truth"].to_numpy(np.float64), quantiles)
        found |= {f"{prefix}{name}": float(of[name]) for name in told if of.get(name) is not None}
    return found
