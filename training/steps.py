"""What the sequence network sees of a channel's earlier posts, relative to the row they are read for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.columns import Singles, moments

SEQUENCE = "channel_sequence"
LENGTH = 16
# ln outcome less base, ln days before the row's publishing, ln gap, ln age; video, short; the last two and the age
# also say whether they are known.
WIDTH = 9
_FIELDS = 6
_DAY_US = 86_400_000_000
_EPOCH_US = 946_684_800_000_000  # 2000-01-01
_CLIP_LN = 4.0
# Typical values of the published posts known so far, so that inputs are of the order of 1.
_USUAL_DAYS, _USUAL_AGE, _USUAL_GAP = (3.4, 1.5), (6.0, 2.0), (1.5, 1.0)


def steps(rows: pd.DataFrame) -> tuple[Singles, Singles]:
    """n x LENGTH x WIDTH, oldest first, zeros behind the last; n x 1 lengths. Float32, finite.

    Rows need `base_ln` (0 where unknown), `published_at` and `channel_sequence` (`features.sequences`).
    """
    n = len(rows)
    out, length = np.zeros((n, LENGTH, WIDTH), np.float32), np.zeros((n, 1), np.float32)
    if SEQUENCE not in rows.columns or n == 0:
        return out, length
    given = [one if one is not None and np.ndim(one) == 2 else None for one in rows[SEQUENCE].tolist()]
    counts = np.array([0 if one is None else min(len(one), LENGTH) for one in given], np.int64)
    length[:, 0] = counts
    if not counts.any():
        return out, length
    flat = np.concatenate([one[-LENGTH:] for one in given if one is not None and len(one)]).astype(np.float64)
    of_row = np.repeat(np.arange(n), counts)
    place = np.arange(len(flat)) - np.repeat(np.cumsum(counts) - counts, counts)
    base = np.nan_to_num(rows["base_ln"].to_numpy(np.float64))[of_row]
    published = ((moments(rows["published_at"]) - _EPOCH_US) / _DAY_US)[of_row]
    outcome, day, age, video, short, gap = flat.T[:_FIELDS]
    columns = [
        np.clip(outcome - base, -_CLIP_LN, _CLIP_LN),
        _scaled(np.log1p(np.maximum(published - day, 0.0)), *_USUAL_DAYS),
        _scaled(gap, *_USUAL_GAP),
        _scaled(age, *_USUAL_AGE),
        np.nan_to_num(video),
        np.nan_to_num(short),
        np.isnan(gap),
        np.isnan(age),
        np.isnan(short),
    ]
    out[of_row, place] = np.stack(columns, axis=1)
    return out, length


def _scaled(value: np.ndarray, usual: float, spread: float) -> np.ndarray:
    return np.where(np.isnan(value), 0.0, np.clip((value - usual) / spread, -_CLIP_LN, _CLIP_LN))
