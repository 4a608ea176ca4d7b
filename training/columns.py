"""Which columns of the feature rows a model reads, and the row's age as one more input."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features import catalogue
from features.catalogue import BY_NAME, FEATURES, MEDIA, MEDIA_NAMES, SIMILAR
from features.similar_posts import SIMILAR_NAMES
from training.parameters import Parameters

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]

HORIZON = "horizon_ln"
QUANTILES = (0.1, 0.5, 0.9)
LONGEST_H = 87_600.0
FADE = Parameters().fade

# Summaries of the same few outcomes the base already holds. With a few thousand rows they cost more in noise
# than they tell (docs/experiments.md): the model sees the base, how sure it is, how it varies, and the lifts.
_NOISY_SUMMARIES = frozenset(
    {
        "floor_over_base", "fast_over_base", "last_over_base", "median_over_base", "p10_over_base",
        "p90_over_base", "max_over_base", "trend_ln", "outlier_share", "comments_ln", "engagement_ln",
        "history_age_ln_d", "platform_momentum",
    }
)  # fmt: skip
# The history itself, and relations to it inside groups that otherwise know nothing of it.
_KNOWS_HISTORY = frozenset(
    {
        *catalogue.names("history"), "gap_ln_h", "channel_age_ln_d", "followers_over_base",
        "own_similar_lift", "own_similar_n_ln",
    }
)  # fmt: skip
# A season can be told from a trend only where it came round again.
_SEASONAL = frozenset({"month_sin", "month_cos"})
_SEASONS_D = 400.0


def model_features() -> tuple[str, ...]:
    return tuple(spec.name for spec in (*FEATURES, *MEDIA, *SIMILAR) if spec.name not in _NOISY_SUMMARIES)


def plain_features(features: tuple[str, ...]) -> tuple[str, ...]:
    """Those that know nothing of the channel's past: text, calendar, format, audience, media."""
    return tuple(name for name in features if name not in _KNOWS_HISTORY)


def with_values(rows: pd.DataFrame, names: tuple[str, ...]) -> tuple[str, ...]:
    """`names` that can be learned from these rows: trees should not draw columns of media or of similar posts that nobody
    has, nor a season from less than a year."""
    optional = {*MEDIA_NAMES, *SIMILAR_NAMES}
    out = {name for name in optional if name not in rows.columns or not rows[name].notna().any()}
    span = rows["published_at"].max() - rows["published_at"].min()
    if not span >= pd.Timedelta(days=_SEASONS_D):
        out |= _SEASONAL
    return tuple(name for name in names if name not in out)


def without_groups(names: tuple[str, ...], groups: tuple[str, ...]) -> tuple[str, ...]:
    """`names` without those of some of the catalogue's groups."""
    return tuple(name for name in names if name not in BY_NAME or BY_NAME[name].group not in groups)


def matrix(rows: pd.DataFrame, names: tuple[str, ...]) -> Singles:
    """n x len(names) float32, NaN = missing; a column the rows lack is missing throughout."""
    out = np.full((len(rows), len(names)), np.nan, np.float32)
    # By place: by name pandas looks each column up again, which a single draft waits for a dozen times.
    place = rows.columns.get_indexer(_index(names))
    have = np.flatnonzero(place >= 0)
    if len(have):
        out[:, have] = rows.take(place[have], axis=1).to_numpy(np.float32)
    return out


@lru_cache(maxsize=256)
def _index(names: tuple[str, ...]) -> pd.Index:
    return pd.Index(names, dtype=object)


def horizon_ln(rows: pd.DataFrame) -> Floats:
    """ln of the age in hours the row speaks of: `horizon_h`, else `age_h` (labelled rows); NaN unknown."""
    name = "horizon_h" if "horizon_h" in rows.columns else "age_h"
    if name not in rows.columns:
        return np.full(len(rows), np.nan)
    hours = rows[name].to_numpy(np.float64)
    ln: Floats = np.log(np.clip(hours, 1.0, LONGEST_H))
    return ln


def outcome_ln(rows: pd.DataFrame) -> Floats:
    ln: Floats = np.log1p(rows["outcome"].to_numpy(np.float64).clip(min=0))
    return ln


def floor_ln(rows: pd.DataFrame) -> Floats:
    """ln(1 + floor); NaN where the channel has no matured outcome."""
    ln: Floats = np.log1p(rows["floor"].to_numpy(np.float64).clip(min=0))
    return ln


def moments(times: Any) -> NDArray[np.int64]:
    """Microseconds since 1970."""
    return pd.DatetimeIndex(times).as_unit("us").asi8


def observations(rows: pd.DataFrame) -> Floats:
    """n: how many of the rows are of the same post. Over it, a post observed often counts once in all."""
    out: Floats = rows.groupby("post_id")["post_id"].transform("size").to_numpy(np.float64)
    return out


def row_weights(rows: pd.DataFrame, fade: float = FADE) -> Floats:
    """Mean 1, for rows in the order their outcomes became known: a row `fade` of the rows older weighs half as much,
    since platforms drift, and a post observed often counts once in all.

    Targets are logarithms against the channel's own base, so huge channels weigh no more than others;
    weighing channels with many posts down as well made every platform worse (docs/experiments.md).
    """
    rank = np.arange(len(rows)) / max(1, len(rows) - 1)
    weight: Floats = 0.5 ** ((1.0 - rank) / fade) / observations(rows)
    return weight / weight.mean()
