"""Real tables as database-shaped frames without the importer; the known_at rules of the importer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from creatorlens.metric_definitions import definition_ids
from creatorlens.platforms import MATURE_AGE_H, Platform

UTC_US = "datetime64[us, UTC]"
DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
MATURE = pd.Timedelta(hours=MATURE_AGE_H)


@dataclass(frozen=True)
class Tables:
    posts: pd.DataFrame
    observations: pd.DataFrame
    stats: pd.DataFrame
    channels: pd.DataFrame
    platform: Platform


def load(
    platform: Platform, stem: str | None = None, *, folder: Path = DATA, limit: int | None = None
) -> Tables:
    """`stem`: name of the files where it is not the platform's; `limit`: the newest posts only."""
    stem = stem or platform.value
    posts = pd.read_parquet(folder / f"{stem}.posts.parquet").drop_duplicates("post_id")
    posts["channel_id"] = platform.value + ":" + posts["creator_id"].astype(str)
    posts["published_at"] = pd.to_datetime(posts["published_at"], utc=True).astype(UTC_US)
    posts["media_type"] = posts["media_type"].replace({"photo": "image"})
    posts["hashtags"] = [list(tags) for tags in posts["hashtags"]]
    posts["category"] = posts["category"].astype(object).where(posts["category"].notna(), None)
    posts = posts.sort_values(["published_at", "post_id"], ignore_index=True)
    if limit is not None:
        posts = posts.tail(limit).reset_index(drop=True)
    observations = _observations(pd.read_parquet(folder / f"{stem}.observations.parquet"), posts, platform)
    channels = pd.DataFrame(
        {"channel_id": posts["channel_id"].unique(), "platform": platform.value, "timezone": None}
    )
    return Tables(
        posts, observations, _stats(folder / f"{stem}.creators.parquet", platform), channels, platform
    )


def _observations(raw: pd.DataFrame, posts: pd.DataFrame, platform: Platform) -> pd.DataFrame:
    of = posts.set_index("post_id")
    frame = raw.loc[raw["post_id"].isin(of.index)].copy()
    for column in ("channel_id", "published_at", "duration_s"):
        frame[column] = of[column].loc[frame["post_id"]].array
    frame["observed_at"] = pd.to_datetime(frame["observed_at"], utc=True).astype(UTC_US)
    frame = frame.sort_values(["post_id", "observed_at"], kind="stable", ignore_index=True)
    unknown = frame["observed_at"].isna()
    first = ~frame["post_id"].duplicated()
    old = frame["observed_at"] - frame["published_at"] > MATURE
    before_channel = frame["published_at"] < frame.groupby("channel_id")["observed_at"].transform("min")
    frame["backfilled"] = (unknown | (first & old & before_channel)).to_numpy()
    frame["known_at"] = frame["observed_at"].where(~frame["backfilled"], frame["published_at"] + MATURE)
    frame["observation_key"] = np.where(unknown, "unknown:", frame["observed_at"].astype(str))
    frame["metric_definition"] = definition_ids(platform, frame["published_at"], frame["duration_s"])
    columns = [
        "post_id", "channel_id", "published_at", "observation_key", "observed_at", "known_at", "backfilled",
        "metric_definition", "views", "likes", "comments", "shares", "saves",
    ]  # fmt: skip
    return frame.sort_values(["published_at", "post_id"], kind="stable", ignore_index=True)[columns]


def _stats(path: Path, platform: Platform) -> pd.DataFrame:
    columns = ["channel_id", "observed_at", "followers", "total_views", "posts"]
    if not path.exists():
        empty = pd.DataFrame(columns=columns).astype(
            {"followers": float, "total_views": float, "posts": float}
        )
        return empty.assign(observed_at=pd.Series(dtype=UTC_US))
    frame = pd.read_parquet(path)
    frame["channel_id"] = platform.value + ":" + frame["creator_id"]
    frame["observed_at"] = pd.to_datetime(frame["observed_at"], utc=True).astype(UTC_US)
    return frame.sort_values(["channel_id", "observed_at"], ignore_index=True)[columns]
