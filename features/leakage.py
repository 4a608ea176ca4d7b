"""Does any feature of the past depend on the future? Change the future and see what moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from creatorlens.errors import CreatorLensError
from features.catalogue import AT_MATURITY, BY_NAME, NAMES
from features.rows import BAND
from features.sequences import SEQUENCE
from features.similar_posts import SIMILAR_NAMES

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
    """Compare, to the bit, the features of posts published up to `moment` before and after changing the
    future of `channels`; the number of values compared. Raises LeakageError naming feature and channel."""
    future = change_future(posts, observations, stats, moment=moment, channels=channels, seed=seed)
    before = _past(compute(posts, observations, stats), moment)
    after = _past(compute(future.posts, future.observations, future.stats), moment)
    names = [name for name in (*BAND, *NAMES, *SIMILAR_NAMES) if name in before.columns]
    compared = 0
    for name in names:
        old, new = before[name].to_numpy(dtype=float), after[name].reindex(before.index).to_numpy(dtype=float)
        moved = ~((old == new) | (np.isnan(old) & np.isnan(new)))
        compared += len(old)
        _raise_at_first(moved, before, name)
    if SEQUENCE in before.columns:
        old, new = before[SEQUENCE].tolist(), after[SEQUENCE].reindex(before.index).tolist()
        moved = np.array([not _same_array(a, b) for a, b in zip(old, new, strict=True)], dtype=bool)
        compared += sum(np.size(one) for one in old if one is not None)
        _raise_at_first(moved, before, SEQUENCE)
    return compared


def _raise_at_first(
    moved: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], before: pd.DataFrame, name: str
) -> None:
    if moved.any():
        post = before.index[int(np.argmax(moved))]
        rule = BY_NAME[name].known_at if name in BY_NAME else AT_MATURITY
        raise LeakageError(name, str(before.loc[post, "channel_id"]), str(post), rule)


def _same_array(old: object, new: object) -> bool:
    """Of equal shape and numbers, gaps at the same places; nothing equals nothing alone."""
    if old is None or new is None:
        return old is new
    return np.array_equal(np.asarray(old), np.asarray(new), equal_nan=True)


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
