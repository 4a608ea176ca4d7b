"""Which live predictions speak of posts that have been seen since: what there is to revise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, func, select

from creatorlens import api
from creatorlens.database import tables
from creatorlens.platforms import SPECS, Platform
from services.insights.grading import LINK_WITHIN
from services.insights.ids import draft_hash

KEYS_AT_ONCE = 500
OLDEST = timedelta(hours=api.MAX_HORIZON_H) + LINK_WITHIN
UTC_US = "datetime64[us, UTC]"


@dataclass(frozen=True)
class Observed:
    """A live prediction and the post it became. `seen`: ascending by age; `key` names the newest observation, made at
    `seen_at`."""

    prediction_id: str
    post_id: str
    published_at: datetime
    seen: tuple[api.Seen, ...]
    seen_at: datetime
    key: str


def observed_predictions(
    engine: Engine, workspace: str, platform: Platform, now: datetime, post_ids: Sequence[str] | None = None
) -> list[Observed]:
    """The last live prediction made of each post before it was first seen, where a horizon is still to come.

    post_ids: only of these posts. Cheap where nobody has forecast anything: it starts from the ledger.
    """
    with engine.connect() as connection:
        made = _live(connection, workspace, platform, now)
        if made.empty:
            return []
        linked = _linked(connection, workspace, platform, made, post_ids)
        if linked.empty:
            return []
        seen = _seen(connection, workspace, platform, linked["post_id"].unique().tolist(), now)
    first = seen.groupby("post_id")["observed_at"].min().rename("first_seen_at")
    open_ = linked.merge(first, left_on="post_id", right_index=True)
    open_ = open_[open_["created_at"] < open_["first_seen_at"]]
    newest = open_.sort_values(["created_at", "prediction_id"]).drop_duplicates("post_id", keep="last")
    of_post = {str(post): rows for post, rows in seen.groupby("post_id", sort=False)}
    found = [_observed(row, of_post[row.post_id]) for row in newest.itertuples()]
    longest = newest["longest_h"].tolist()
    return [one for one, hours in zip(found, longest, strict=True) if one.seen and one.seen[-1].age_h < hours]


def _observed(row: Any, seen: pd.DataFrame) -> Observed:
    published: datetime = row.published_at.to_pydatetime()
    ages = ((seen["observed_at"] - row.published_at).dt.total_seconds() / 3600).tolist()
    told = [
        api.Seen(age_h=age, value=value)
        for age, value in zip(ages, seen["value"].tolist(), strict=True)
        if 0 < age <= api.MAX_HORIZON_H
    ]
    last = seen.iloc[-1]
    return Observed(
        row.prediction_id,
        row.post_id,
        published,
        tuple(told),
        last["observed_at"].to_pydatetime(),
        str(last["observation_key"]),
    )


def _live(connection: Connection, workspace: str, platform: Platform, now: datetime) -> pd.DataFrame:
    p = tables.predictions.c
    query = (
        select(
            p.prediction_id, p.channel_id, p.post_id, p.draft_hash, p.planned_at, p.created_at,
            func.max(p.horizon_h).label("longest_h"),
        )
        .where(
            p.workspace_id == workspace, p.platform == platform.value, p.revises.is_(None),
            p.retrospective.is_(False), p.planned_at > now - OLDEST,
        )
        .group_by(p.prediction_id, p.channel_id, p.post_id, p.draft_hash, p.planned_at, p.created_at)
    )  # fmt: skip
    return _frame(connection, query, ["planned_at", "created_at"])


def _linked(
    connection: Connection,
    workspace: str,
    platform: Platform,
    made: pd.DataFrame,
    post_ids: Sequence[str] | None,
) -> pd.DataFrame:
    """Predictions with the post they name, or else the channel's post with the same words, and when it came out."""
    named = made[made["post_id"].notna()]
    drafts = made[made["post_id"].isna()].drop(columns="post_id")
    c = tables.posts.c
    base = select(c.post_id, c.channel_id, c.published_at).where(
        c.workspace_id == workspace, c.platform == platform.value
    )
    wanted = named["post_id"].unique().tolist()
    if post_ids is not None:
        wanted = sorted(set(wanted) & set(post_ids))
    parts = [_frame(connection, base.where(c.post_id.in_(some)), ["published_at"]) for some in _keys(wanted)]
    posts = (
        pd.concat(parts, ignore_index=True) if parts else _frame(connection, base.limit(0), ["published_at"])
    )
    known = named.merge(posts.drop(columns="channel_id"), on="post_id")
    found = _by_words(connection, base, drafts, post_ids)
    return pd.concat([frame for frame in (known, found) if not frame.empty] or [known], ignore_index=True)


def _by_words(
    connection: Connection, base: Any, drafts: pd.DataFrame, post_ids: Sequence[str] | None
) -> pd.DataFrame:
    if drafts.empty:
        return drafts
    c = tables.posts.c
    since = (drafts["planned_at"].min() - LINK_WITHIN).to_pydatetime()
    query = base.add_columns(c.title, c.text).where(c.published_at >= since)
    if post_ids is not None:
        frames = [
            _frame(connection, query.where(c.post_id.in_(some)), ["published_at"]) for some in _keys(post_ids)
        ]
    else:
        channels = drafts["channel_id"].unique().tolist()
        frames = [
            _frame(connection, query.where(c.channel_id.in_(some)), ["published_at"])
            for some in _keys(channels)
        ]
    posts = pd.concat(frames, ignore_index=True)
    posts["draft_hash"] = [draft_hash(a, b) for a, b in zip(posts["title"], posts["text"], strict=True)]
    pairs = drafts.merge(posts.drop(columns=["title", "text"]), on=["channel_id", "draft_hash"])
    pairs = pairs.assign(apart=(pairs["published_at"] - pairs["planned_at"]).abs())
    pairs = pairs[pairs["apart"] <= LINK_WITHIN].sort_values(["apart", "post_id"])
    return pairs.drop_duplicates("prediction_id").drop(columns="apart")


def _seen(
    connection: Connection, workspace: str, platform: Platform, post_ids: Sequence[str], now: datetime
) -> pd.DataFrame:
    """Observations of a known time with the primary metric, in the order of time."""
    o = tables.observations.c
    metric = o[SPECS[platform].primary_metric]
    query = select(o.post_id, o.observation_key, o.observed_at, metric.label("value")).where(
        o.workspace_id == workspace,
        o.platform == platform.value,
        o.observed_at.is_not(None),
        o.observed_at <= now,
        metric.is_not(None),
    )
    frames = [
        _frame(connection, query.where(o.post_id.in_(some)), ["observed_at"]) for some in _keys(post_ids)
    ]
    together = pd.concat(frames, ignore_index=True)
    return together.sort_values(["post_id", "observed_at", "observation_key"], ignore_index=True)


def _keys(values: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), KEYS_AT_ONCE):
        yield list(values[start : start + KEYS_AT_ONCE])


def _frame(connection: Connection, query: Any, times: Sequence[str]) -> pd.DataFrame:
    result = connection.execute(query)
    frame = pd.DataFrame.from_records(result.fetchall(), columns=list(result.keys()))
    for column in times:
        frame[column] = pd.to_datetime(frame[column], utc=True).astype(UTC_US)
    return frame
