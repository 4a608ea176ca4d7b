"""Does any feature of the past depend on the future? Change the future and see what moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from creatorlens.errors import CreatorLensError
from features.catalogue import AT_MATURITY, BY_NAME
from features.rows import BAND, KEYS
from features.sequences import SEQUENCE

Compute = Callable[[pd.DataFrame, pd.DataFrame, pd.DataFrame], pd.DataFrame]
"""(posts, observations, stats) → feature rows with post_id, channel_id, published_at and the features."""

METRICS = ("views", "likes", "comments", "shares", "saves")


class LeakageError(CreatorLensError):
    """A feature of the past moved with the future."""

    def __init__(self, feature: str, channel_id: str, post_id: str, rule: str) -> None:
        super().__init__(
            f"feature {feature!r} of post {post_id} (channel {channel_id}) changed with what became known only "
            f"later; it may use: {rule}."
        )
        self.feature = feature
        self.channel_id = channel_id
        self.post_id = post_id


@dataclass(frozen=True)
class Future:
    """The tables with everything after `moment` changed for some channels."""

    moment: pd.Timestamp
    channels: tuple[str, ...]
    posts: pd.DataFrame
    observations: pd.DataFrame
    stats: pd.DataFrame


def check_leakage(
    compute: Compute,
    posts: pd.DataFrame,
    observations: pd.DataFrame,
    stats: pd.DataFrame,
    *,
    moment: pd.Timestamp,
    channels: Sequence[str],
    seed: int = 0,
) -> int:
    """Compare, to the bit, every column (but `KEYS`) of posts published up to `moment` before and after changing
    the future of `channels`, whether the catalogue knows the column or not; the number of values compared.

    Raises LeakageError naming feature and channel.
    """
    future = change_future(posts, observations, stats, moment=moment, channels=channels, seed=seed)
    before = _past(compute(posts, observations, stats), moment)
    after = _past(compute(future.posts, future.observations, future.stats), moment)
    after = after.reindex(index=before.index, columns=before.columns)
    compared = 0
    for name in before.columns.difference(KEYS, sort=False):
        same = _same(before[name], after[name])
        compared += sum(np.size(value) for value in before[name])
        if not same.all():
            post = before.index[int(np.argmin(same))]
            raise LeakageError(name, str(before.loc[post, "channel_id"]), str(post), _rule(name))
    return compared


def _rule(name: str) -> str:
    if name in BY_NAME:
        return BY_NAME[name].known_at
    return AT_MATURITY if name in (*BAND, SEQUENCE) else "nothing, since the catalogue does not know it"


def _same(old: pd.Series, new: pd.Series) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where both hold the same to the bit; gaps equal gaps alone."""
    if pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new):
        a, b = old.to_numpy(), new.to_numpy()
        return np.asarray((a == b) | (pd.isna(a) & pd.isna(b)), dtype=bool)
    pairs = zip(old.tolist(), new.tolist(), strict=True)
    return np.array([_same_value(a, b) for a, b in pairs], dtype=bool)


def _same_value(old: object, new: object) -> bool:
    """Arrays: of equal shape and numbers, gaps at the same places."""
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        return old.shape == new.shape and np.array_equal(old, new, equal_nan=True)
    if isinstance(old, np.ndarray) or isinstance(new, np.ndarray):
        return False
    return bool(old == new or (pd.isna(old) and pd.isna(new)))


def change_future(
    posts: pd.DataFrame,
    observations: pd.DataFrame,
    stats: pd.DataFrame,
    *,
    moment: pd.Timestamp,
    channels: Sequence[str],
    seed: int,
) -> Future:
    """After `moment`, and for these channels only: other counts, outcomes that never came, posts that were
    never published, new ones, other texts and audiences. Nothing up to `moment` changes."""
    rng = np.random.default_rng(seed)
    mine = set(channels)
    late = ((posts["published_at"] > moment) & posts["channel_id"].isin(mine)).to_numpy()
    dropped = set(posts.loc[late & (rng.random(len(posts)) < 0.3), "post_id"])
    changed = posts.loc[~posts["post_id"].isin(dropped)].copy()
    late = ((changed["published_at"] > moment) & changed["channel_id"].isin(mine)).to_numpy()
    changed.loc[late, "title"] = "another title, 7 of them?"
    changed["followers"] = _scaled(changed["followers"], late, rng)
    seen = observations.loc[~observations["post_id"].isin(dropped)].copy()
    unknown = ((seen["known_at"] > moment) & seen["channel_id"].isin(mine)).to_numpy()
    for metric in METRICS:
        if metric in seen.columns:
            seen[metric] = _scaled(seen[metric], unknown, rng)
    seen = seen.loc[~(unknown & (rng.random(len(seen)) < 0.2))]
    # New posts after the moment: copies of late ones with outcomes of their own.
    copies = changed.loc[late & (rng.random(len(changed)) < 0.3)]
    copied = seen.loc[seen["post_id"].isin(copies["post_id"])]
    changed = pd.concat([changed, copies.assign(post_id="new-" + copies["post_id"])], ignore_index=True)
    seen = pd.concat([seen, copied.assign(post_id="new-" + copied["post_id"])], ignore_index=True)
    audience = stats.copy()
    later = ((audience["observed_at"] > moment) & audience["channel_id"].isin(mine)).to_numpy()
    audience["followers"] = _scaled(audience["followers"], later, rng)
    return Future(moment, tuple(channels), changed, seen, audience)


def _scaled(
    values: pd.Series, rows: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], rng: np.random.Generator
) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    return numbers.where(~rows, numbers * np.exp(rng.normal(0, 2, len(numbers))) + 1)


def _past(rows: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    return rows.loc[rows["published_at"] <= moment].drop_duplicates("post_id").set_index("post_id")
