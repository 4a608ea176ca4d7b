"""Feature rows: one row per post or draft, the same function whatever the history is read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from creatorlens.platforms import Platform
from features.asof import DAY_US, HOUR_US, Floats, Ints, micros, moments
from features.catalogue import NAMES
from features.content import content_features
from features.histories import Histories, Known, build_histories, expected_ln
from features.outcomes import labels
from features.post_media import read_post_media
from features.posting_time import local_clock
from features.sequences import SEQUENCE
from features.terms import TermKeys, term_features, term_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from creatorlens.records import Draft
    from creatorlens.settings import Settings
    from features.encoder import ReadsText
    from features.feature_store import OnlineStore

KEYS = ("post_id", "channel_id", "platform", "published_at", "as_of")
BAND = ("floor", "floor_n", "base_ln", "band_p10", "band_p50", "band_p90")
POST_COLUMNS = (
    "post_id", "channel_id", "published_at", "media_type", "title", "text", "hashtags", "duration_s",
    "followers", "category",
)  # fmt: skip


def labelled_rows(
    posts: pd.DataFrame,
    observations: pd.DataFrame,
    stats: pd.DataFrame,
    channels: pd.DataFrame,
    platform: Platform,
    *,
    default_timezone: str = "UTC",
) -> pd.DataFrame:
    """Training rows from frames as `creatorlens.database.frames` returns them; pure.

    One row per (post, observation with a known primary metric), by publishing time: feature columns as
    known when the post was published, plus outcome, outcome_known_at, observed_at, age_h, backfilled,
    metric_definition, is_last, outcome_views, outcome_likes, outcome_comments and outcome_shares.
    """
    posts = posts.reset_index(drop=True)
    zones = timezones(channels, default_timezone)
    histories = build_histories(posts, observations, stats, zones, platform)
    rows = feature_rows(posts, micros(posts["published_at"]), zones, histories)
    return with_labels(rows, observations, platform)


def with_labels(rows: pd.DataFrame, observations: pd.DataFrame, platform: Platform) -> pd.DataFrame:
    """Feature rows joined with every labelled observation of their post."""
    return join_labels(rows, labels(observations, platform))


def join_labels(rows: pd.DataFrame, label: pd.DataFrame) -> pd.DataFrame:
    place = pd.Series(np.arange(len(rows)), index=rows["post_id"].to_numpy(dtype=object))
    label = label.loc[label["post_id"].isin(place.index)].reset_index(drop=True)
    at = place.loc[label["post_id"]].to_numpy()
    joined = pd.concat([rows.iloc[at].reset_index(drop=True), label.drop(columns="post_id")], axis=1)
    by_time = ["published_at", "post_id", "outcome_known_at", "observation_key"]
    return joined.sort_values(by_time, kind="stable", ignore_index=True)


def rows_for_posts(
    engine: Engine,
    settings: Settings,
    platform: Platform,
    posts: pd.DataFrame,
    at: Literal["published"] | pd.Timestamp = "published",
    *,
    encoder: ReadsText | None = None,
) -> pd.DataFrame:
    """Feature rows of posts (columns `POST_COLUMNS`), in the order given, straight from the database.

    Posts need not be in the database; they count as publishing events of their channels, never as
    outcomes. `at` a time: what was known then, and for posts already published then, at publishing.
    With an `encoder` the column `text_embedding` is filled too (cached by the hash of the text); posts in the
    database bring what was read from their files.
    """
    from creatorlens.database.frames import read_channel_stats, read_channels, read_observations, read_posts

    known_posts = read_posts(engine, settings.workspace, platform)
    observations = read_observations(engine, settings.workspace, platform)
    stats = read_channel_stats(engine, settings.workspace, platform)
    channels = read_channels(engine, settings.workspace, platform)
    asked = posts.reset_index(drop=True)
    new = asked.loc[~asked["post_id"].isin(known_posts["post_id"]), list(POST_COLUMNS)]
    together = (
        pd.concat([known_posts, new.drop_duplicates("post_id")], ignore_index=True)
        if len(new)
        else known_posts
    )
    zones = timezones(channels, settings.default_timezone)
    histories = build_histories(together, observations, stats, zones, platform)
    moment = micros(asked["published_at"])
    if not isinstance(at, str):
        moment = np.minimum(moment, micros(pd.Series([at]))[0])
    rows = feature_rows(asked, moment, zones, histories)
    media = read_post_media(engine, settings.workspace, platform, post_ids=asked["post_id"].tolist())
    rows = media.beside(rows)
    if encoder is not None:
        from features.embedding_cache import embed
        from features.remembering import recalled
        from features.text import headlines

        vectors = embed(settings, encoder, headlines(asked["title"], asked["text"]))
        rows["text_embedding"] = list(vectors)
        memory = recalled(settings, platform, encoder, together, histories.residuals)
        rows = pd.concat([rows, memory.similar(asked["channel_id"], moment, vectors)], axis=1)
    return rows


def training_rows(settings: Settings, platform: Platform) -> pd.DataFrame:
    """`labelled_rows` read through Feast's point-in-time retrieval, with `text_embedding` where there are
    embeddings. Raises NotReadyError before the platform's first `featurize`."""
    from features.historical import historical_rows

    rows, label = historical_rows(settings, platform)
    return join_labels(rows, label)


def rows_for_drafts(
    store: OnlineStore, drafts: Sequence[Draft], platform: Platform, *, encoder: ReadsText | None = None
) -> pd.DataFrame:
    """Feature rows of drafts from Feast's online store, in their order (see `features.drafts`)."""
    from features.drafts import draft_rows

    return draft_rows(store, drafts, platform, encoder)


def timezones(channels: pd.DataFrame, default: str) -> pd.Series:
    """channel_id → IANA name; `default` where the creator has not told."""
    return pd.Series(
        channels["timezone"].fillna(default).to_numpy(dtype=object), index=channels["channel_id"].to_numpy(dtype=object),
        dtype=object,
    )  # fmt: skip


def feature_rows(posts: pd.DataFrame, at: Ints, zones: pd.Series, histories: Histories) -> pd.DataFrame:
    """Feature rows of posts with what `histories` knew at each moment (microseconds, aligned)."""
    local = local_clock(posts["published_at"], posts["channel_id"].map(zones))
    keys = term_keys(posts, local, histories.platform.value)
    known = histories.known(posts["channel_id"], at, keys)
    return assemble(posts, at, histories.platform, content_features(posts, local), keys, known)


def assemble(
    posts: pd.DataFrame,
    at: Ints,
    platform: Platform,
    content: pd.DataFrame,
    keys: TermKeys,
    known: Known,
    told_followers: Floats | None = None,
) -> pd.DataFrame:
    """Rows of the contract from what the posts tell and what was known; the one place that combines them.

    `told_followers`: audience as told with a draft, before what the channel's history says.
    """
    followers = known.audience["followers"].to_numpy(dtype=float)
    if told_followers is not None:
        followers = np.where(np.isnan(told_followers), followers, told_followers)
    ln_followers = np.log1p(followers)
    base = expected_ln(known.state, known.level, ln_followers)
    published = micros(posts["published_at"])
    values: dict[str, Any] = _columns(content)
    values |= _history_features(known, base, published, at)
    values |= term_features(keys, known.lift, len(posts))
    values["followers_ln"] = ln_followers
    values["followers_growth"] = known.audience["followers_growth"].to_numpy(dtype=float)
    values["followers_over_base"] = ln_followers - base
    frame = {
        "post_id": posts["post_id"].to_numpy(dtype=object),
        "channel_id": posts["channel_id"].to_numpy(dtype=object),
        "platform": platform.value,
        "published_at": moments(published),
        "as_of": moments(at),
        "floor": known.state["floor"].to_numpy(dtype=float),
        "floor_n": known.state["floor_n"].fillna(0).to_numpy(dtype=np.int64),
        "base_ln": base,
        **{name: known.state[name].to_numpy(dtype=float) for name in BAND if name.startswith("band")},
    }
    # In one piece, as the text's numbers are.
    numbers = np.stack([np.asarray(values[name], dtype=np.float32) for name in NAMES])
    rows = pd.concat([pd.DataFrame(frame), pd.DataFrame(numbers.T, columns=list(NAMES))], axis=1)
    rows[SEQUENCE] = pd.Series(known.sequence, dtype=object)
    return rows


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Arrays by column; in one piece, because asking a frame for eighty columns one by one is what a single
    draft would wait for."""
    block = frame.to_numpy()
    return {name: block[:, i] for i, name in enumerate(frame.columns)}


def _history_features(known: Known, base: Floats, published: Ints, at: Ints) -> dict[str, Floats]:
    """Levels are given against the base, so that one model serves channels of every size."""
    s = _columns(known.state.astype(float))
    n_matured, n_posts = np.nan_to_num(s["n_matured"]), np.nan_to_num(s["n_posts"])
    level = known.level["level_ln"].to_numpy(dtype=float)
    return {
        "gap_ln_h": np.log1p(np.maximum(published - s["last_published_us"], 0) / HOUR_US),
        "channel_age_ln_d": np.log1p(np.maximum(published - s["first_published_us"], 0) / DAY_US),
        "base_level_ln": base,
        "base_over_platform": base - level,
        "n_matured_ln": np.log1p(n_matured),
        "floor_over_base": np.log1p(s["floor"].clip(min=0)) - base,
        "fast_over_base": s["ewma_fast"] - base,
        "last_over_base": s["last_ln"] - base,
        "median_over_base": s["median_ln"] - base,
        "p10_over_base": s["p10_ln"] - base,
        "p90_over_base": s["p90_ln"] - base,
        "max_over_base": s["max_ln"] - base,
        "sd_ln": s["sd_ln"],
        "trend_ln": s["trend_ln"],
        "outlier_share": s["outlier_share"],
        "comments_ln": s["comments_ln"],
        "engagement_ln": s["engagement_ln"],
        "history_age_ln_d": np.log1p(np.maximum(at - s["newest_matured_us"], 0) / DAY_US),
        "platform_momentum": known.level["level_recent"].to_numpy(dtype=float) - level,
        "posts_7d": np.nan_to_num(s["posts_7d"]),
        "posts_30d": np.nan_to_num(s["posts_30d"]),
        "posts_90d": np.nan_to_num(s["posts_90d"]),
        "n_posts_ln": np.log1p(n_posts),
    }
