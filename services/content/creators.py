"""The creators table: a channel's audience as seen at one moment, and its time zone."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, bindparam, select, update

from creatorlens.database import tables
from services.content import storing
from services.content.batches import Batch, Stored, keys_of
from services.content.channels import add_channels, stored_channels
from services.content.tables import STATS


def prepare(_: Connection, batch: Batch) -> pd.DataFrame:
    frame = batch.frame
    channel_ids = keys_of(frame, ["platform"]) + ":" + keys_of(frame, ["creator_id"])
    return _with_moment(frame.assign(channel_id=channel_ids))


def key(frame: pd.DataFrame) -> pd.Series:
    return keys_of(frame, ["channel_id", "moment"])


def file_key(frame: pd.DataFrame) -> pd.Series:
    """Within one file a channel may have one row without time."""
    moment = frame["moment"].where(frame["observed_at"].notna(), "zone")
    return keys_of(frame.assign(moment=moment), ["channel_id", "moment"])


def fingerprint(frame: pd.DataFrame) -> pd.Series:
    """The statistic; a row without time holds nothing but the time zone, told by its moment."""
    return storing.fingerprints(frame, STATS).where(frame["observed_at"].notna(), frame["moment"])


def stored(connection: Connection, batch: Batch, frame: pd.DataFrame) -> pd.Series:
    c = tables.channel_stats.c
    channel_ids = frame["channel_id"].unique().tolist()
    stats = storing.fetch_for_keys(
        connection,
        select(c.channel_id, c.observed_at, *(c[name] for name in STATS)),
        c.workspace_id == batch.workspace,
        c.channel_id,
        channel_ids,
        ["observed_at"],
    ).astype(dict.fromkeys(STATS, "float64"))
    zones = stored_channels(connection, batch.workspace, channel_ids).reindex(
        columns=["channel_id", "timezone", "observed_at", *STATS]
    )
    zones["observed_at"] = pd.to_datetime(zones["observed_at"], utc=True).astype(stats["observed_at"].dtype)
    return pd.concat([_by_key(_with_moment(stats.assign(timezone=None))), _by_key(_with_moment(zones))])


def _with_moment(frame: pd.DataFrame) -> pd.DataFrame:
    """`moment`: the time of a statistic, or the time zone that a row without time tells."""
    timed = storing.moments(frame["observed_at"])
    zones = "zone:" + frame["timezone"].astype(object).fillna("").astype(str)
    return frame.assign(moment=timed.where(frame["observed_at"].notna(), zones))


def _by_key(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(fingerprint(frame).to_numpy(), index=key(frame).to_numpy(), dtype=object)


def store(connection: Connection, batch: Batch, new: pd.DataFrame, unchanged: pd.DataFrame) -> Stored:
    channels = add_channels(connection, batch, new)
    stats = new.loc[new["observed_at"].notna()]
    rows = pd.DataFrame(
        {
            "workspace_id": batch.workspace,
            **{name: stats[name] for name in ("channel_id", "observed_at", *STATS)},
            "import_id": batch.import_id,
        },
        index=stats.index,
    )
    storing.insert_frame(connection, tables.channel_stats, rows)
    # a time zone may be told later, in a column added to a table that was imported without
    known = stored_channels(connection, batch.workspace, unchanged["channel_id"].unique().tolist())
    without = known.loc[known["timezone"].isna(), "channel_id"]
    late = unchanged.loc[unchanged["channel_id"].isin(without)]
    _set_timezones(connection, batch, pd.concat([late, new]) if len(late) else new)
    return Stored(channels, amended=int(late.loc[late["timezone"].notna(), "channel_id"].nunique()))


def _set_timezones(connection: Connection, batch: Batch, frame: pd.DataFrame) -> None:
    """The newest time zone told of each channel; a row without time is newer than any other."""
    told = frame.loc[frame["timezone"].notna()].sort_values("observed_at", na_position="last", kind="stable")
    told = told.drop_duplicates("channel_id", keep="last")
    if told.empty:
        return
    c = tables.channels.c
    connection.execute(
        update(tables.channels)
        .where(c.workspace_id == batch.workspace, c.channel_id == bindparam("channel"))
        .values(timezone=bindparam("zone")),
        [
            {"channel": channel, "zone": zone}
            for channel, zone in zip(told["channel_id"], told["timezone"], strict=True)
        ],
    )
