"""The observations table: metrics of a post as seen at one moment, never overwritten."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, func, select

from creatorlens.database import tables
from creatorlens.metric_definitions import definition_ids
from creatorlens.platforms import Platform
from services.content import storing
from services.content.batches import Batch, Stored, keys_of
from services.content.known_at import with_known_at
from services.content.tables import COUNTS


def prepare(connection: Connection, batch: Batch) -> pd.DataFrame:
    """The rows with what is known of their posts: channel_id, published_at (NaT = no such post), duration_s."""
    c = tables.posts.c
    frame = batch.frame
    found = storing.fetch_for_keys(
        connection,
        select(c.platform, c.post_id, c.channel_id, c.published_at, c.duration_s),
        (c.workspace_id == batch.workspace) & c.platform.in_(_platforms(frame)),
        c.post_id,
        frame["post_id"].dropna().tolist(),
        ["published_at"],
    )
    at = pd.Index(keys_of(found, ["platform", "post_id"])).get_indexer(
        keys_of(frame, ["platform", "post_id"])
    )
    joined = (
        found[["channel_id", "published_at", "duration_s"]]
        .reindex(pd.RangeIndex(-1, len(found)))
        .iloc[at + 1]
    )
    joined = joined.set_axis(frame.index)
    joined["duration_s"] = pd.to_numeric(joined["duration_s"]).astype("float64")
    # untimed rows are told apart by their counts
    counts = storing.fingerprints(frame, COUNTS)
    untimed = frame["observed_at"].isna()
    observation_key = "unknown:" + counts.str[:40]
    observation_key[~untimed] = storing.moments(frame.loc[~untimed, "observed_at"])
    return frame.join(joined).assign(observation_key=observation_key, counts=counts)


def key(frame: pd.DataFrame) -> pd.Series:
    return keys_of(frame, ["platform", "post_id", "observation_key"])


def file_key(frame: pd.DataFrame) -> pd.Series:
    """Within one file, two rows without time speak of the same moment."""
    plain = frame["observation_key"].where(frame["observed_at"].notna(), "unknown")
    return keys_of(frame.assign(observation_key=plain), ["platform", "post_id", "observation_key"])


def fingerprint(frame: pd.DataFrame) -> pd.Series:
    return frame["counts"]


def stored(connection: Connection, batch: Batch, frame: pd.DataFrame) -> pd.Series:
    found = _stored_of_posts(connection, batch.workspace, frame)
    return pd.Series(
        storing.fingerprints(found, COUNTS).to_numpy(), index=key(found).to_numpy(), dtype=object
    )


def store(connection: Connection, batch: Batch, frame: pd.DataFrame, _: pd.DataFrame) -> Stored:
    """Insert the rows with the time at which each became known."""
    if frame.empty:
        return Stored()
    timed = with_known_at(_with_first_seen(connection, batch, frame), batch.now)
    definitions = pd.concat(
        definition_ids(Platform(platform), rows["published_at"], rows["duration_s"])
        for platform, rows in timed.groupby("platform")
    )
    rows = pd.DataFrame(
        {
            "workspace_id": batch.workspace,
            **{name: timed[name] for name in (
                "platform", "post_id", "observation_key", "observed_at", "known_at", "backfilled",
            )},
            "metric_definition": definitions.reindex(timed.index),
            **{name: timed[name] for name in COUNTS},
            "import_id": batch.import_id,
        }
    )  # fmt: skip
    storing.insert_frame(connection, tables.observations, rows)
    return Stored()


def _with_first_seen(connection: Connection, batch: Batch, frame: pd.DataFrame) -> pd.DataFrame:
    before = _stored_of_posts(connection, batch.workspace, frame)
    post = keys_of(frame, ["platform", "post_id"])
    seen = before["observed_at"].groupby(keys_of(before, ["platform", "post_id"]), sort=False).min()
    observed = frame["observed_at"]
    frame = frame.assign(
        seen_before=post.isin(seen.index), post_first_seen=observed, channel_first_seen=observed
    )
    if observed.isna().all():
        return frame
    channels = _channels_first_seen(connection, batch.workspace, frame["channel_id"].unique().tolist())
    here = observed.groupby(post, sort=False).transform("min")
    frame["post_first_seen"] = _earlier(here, post.map(seen))
    here = observed.groupby(frame["channel_id"], sort=False).transform("min")
    frame["channel_first_seen"] = _earlier(here, frame["channel_id"].map(channels))
    return frame


def _earlier(one: pd.Series, other: pd.Series) -> pd.Series:
    other = pd.to_datetime(other, utc=True).astype(one.dtype)
    return one.where(other.isna() | (one <= other), other)


def _stored_of_posts(connection: Connection, workspace: str, frame: pd.DataFrame) -> pd.DataFrame:
    c = tables.observations.c
    counts = [c[name] for name in COUNTS]
    found = storing.fetch_for_keys(
        connection,
        select(c.platform, c.post_id, c.observation_key, c.observed_at, *counts),
        (c.workspace_id == workspace) & c.platform.in_(_platforms(frame)),
        c.post_id,
        frame["post_id"].tolist(),
        ["observed_at"],
    )
    return found.astype(dict.fromkeys(COUNTS, "float64"))


def _channels_first_seen(connection: Connection, workspace: str, channel_ids: list[str]) -> pd.Series:
    o, p = tables.observations.c, tables.posts.c
    query = (
        select(p.channel_id, func.min(o.observed_at).label("first"))
        .join(
            tables.posts,
            (o.workspace_id == p.workspace_id) & (o.platform == p.platform) & (o.post_id == p.post_id),
        )
        .group_by(p.channel_id)
    )
    scope = (p.workspace_id == workspace) & o.observed_at.is_not(None)
    found = storing.fetch_for_keys(connection, query, scope, p.channel_id, channel_ids, ["first"])
    return found.set_index("channel_id")["first"]


def _platforms(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame["platform"].dropna().unique()]
