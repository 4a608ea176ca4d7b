"""What grading reads: open predictions of some channels, the posts that drafts became, and outcomes.

Rows come from the driver as they are and are taken apart by column: a million of them through typed rows would take
longer than everything else. Times are microseconds since 1970 (int64), `NO_TIME` where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Select, and_, case, func, select

from creatorlens.database import tables
from creatorlens.platforms import SPECS, Platform

FORECASTS_AT_ONCE = 150_000
KEYS_PER_QUERY = 500
NO_TIME = np.iinfo(np.int64).min
LINK_WITHIN_US = 48 * 3_600_000_000

_P, _G, _O, _POSTS, _I = (
    table.c
    for table in (tables.predictions, tables.grades, tables.observations, tables.posts, tables.imports)
)


@dataclass(frozen=True)
class Channels:
    """Channels of one platform from `first` to `last`, both included, in the database's own order."""

    first: str
    last: str


def channel_ranges(engine: Engine, workspace: str, platform: Platform) -> list[Channels]:
    """Channels with open predictions, in ranges of about `FORECASTS_AT_ONCE` of them."""
    query = (
        select(_P.channel_id, func.count())
        .where(_P.workspace_id == workspace, _P.platform == platform.value, _is_open())
        .group_by(_P.channel_id)
        .order_by(_P.channel_id)
    )
    with engine.connect() as connection:
        counts = connection.execute(query).all()
    ranges, first, held = [], None, 0
    for i, (channel, count) in enumerate(counts):
        first, held = first or channel, held + count
        if held >= FORECASTS_AT_ONCE or i == len(counts) - 1:
            ranges.append(Channels(first, channel))
            first, held = None, 0
    return ranges


def open_predictions(
    connection: Connection, workspace: str, platform: Platform, channels: Channels
) -> pd.DataFrame:
    """Per ungraded (prediction_id, horizon_h): created_us, retrospective, channel_id, post_id, draft_hash, planned_us,
    p10, p50, p90, floor, longest (the longest horizon asked for with it)."""
    every = tables.predictions.alias()
    longest = (
        select(func.max(every.c.horizon_h)).where(every.c.prediction_id == _P.prediction_id).scalar_subquery()
    )
    query = select(
        _P.prediction_id, _P.horizon_h, _P.created_at.label("created_us"), _P.retrospective, _P.channel_id, _P.post_id,
        _P.draft_hash, _P.planned_at.label("planned_us"), _P.p10, _P.p50, _P.p90, _P.floor, longest.label("longest"),
    ).where(_of_channels(workspace, platform, channels), _is_open())  # fmt: skip
    frame = _frame(connection, query)
    return frame.assign(retrospective=frame["retrospective"].astype(bool))


def outcomes_of_named(
    connection: Connection, workspace: str, platform: Platform, channels: Channels
) -> pd.DataFrame:
    """Outcomes of the posts that open predictions of the channels name (see `_outcomes`)."""
    wanted = select(_P.post_id).where(
        _of_channels(workspace, platform, channels), _P.post_id.is_not(None), _is_open()
    )
    return _frame(connection, _outcomes(workspace, platform).where(_O.post_id.in_(wanted)))


def outcomes_of_posts(
    connection: Connection, workspace: str, platform: Platform, post_ids: Sequence[str]
) -> pd.DataFrame:
    query = _outcomes(workspace, platform)
    frames = [_frame(connection, query.where(_O.post_id.in_(some))) for some in _keys(post_ids)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def posts_of(
    connection: Connection, workspace: str, platform: Platform, drafts: pd.DataFrame
) -> pd.DataFrame:
    """Posts that the drafts may have become: post_id, channel_id, published_us, title, text."""
    if drafts.empty:
        return pd.DataFrame()
    first, last = _moments(
        drafts["planned_us"].min() - LINK_WITHIN_US, drafts["planned_us"].max() + LINK_WITHIN_US
    )
    c = _POSTS
    query = select(c.post_id, c.channel_id, c.published_at.label("published_us"), c.title, c.text).where(
        c.workspace_id == workspace, c.platform == platform.value, c.published_at.between(first, last)
    )
    channels = drafts["channel_id"].unique().tolist()
    frames = [_frame(connection, query.where(c.channel_id.in_(some))) for some in _keys(channels)]
    return pd.concat(frames, ignore_index=True)


def _outcomes(workspace: str, platform: Platform) -> Select[Any]:
    """post_id, observation_key, observed_us, published_us, imported_us (where nobody told when it was seen), backfilled,
    outcome."""
    metric = _O[SPECS[platform].primary_metric]
    return (
        select(
            _O.post_id, _O.observation_key, _O.observed_at.label("observed_us"), _POSTS.published_at.label("published_us"),
            case((_O.observed_at.is_(None), _I.imported_at)).label("imported_us"), _O.backfilled,
            metric.label("outcome"),
        )
        .select_from(tables.observations)
        .join(
            tables.posts,
            and_(_O.workspace_id == _POSTS.workspace_id, _O.platform == _POSTS.platform, _O.post_id == _POSTS.post_id),
        )
        .join(tables.imports, _O.import_id == _I.import_id)
        .where(_O.workspace_id == workspace, _O.platform == platform.value, metric.is_not(None))
    )  # fmt: skip


def _is_open() -> Any:
    graded = select(_G.prediction_id).where(
        _G.prediction_id == _P.prediction_id, _G.horizon_h == _P.horizon_h
    )
    return ~graded.exists()


def _of_channels(workspace: str, platform: Platform, channels: Channels) -> Any:
    return and_(
        _P.workspace_id == workspace,
        _P.platform == platform.value,
        _P.channel_id.between(channels.first, channels.last),
    )


def _frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """Columns as the driver gives them, but times as microseconds. Their names end in `_us`."""
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    result = connection.exec_driver_sql(str(compiled), _parameters(compiled))
    names = list(result.keys())
    columns = list(zip(*result.fetchall(), strict=True)) or [()] * len(names)
    return pd.DataFrame(
        {
            name: _micros(values)
            if name.endswith("_us")
            else pd.Series(values, dtype=None if values else object)
            for name, values in zip(names, columns, strict=True)
        }
    )


def _parameters(compiled: Any) -> Any:
    values = compiled.construct_params()
    bound = {
        key: processor(values[key]) if (processor := compiled._bind_processors.get(key)) else values[key]
        for key in values
    }
    return tuple(bound[key] for key in compiled.positiontup) if compiled.positional else bound


def _micros(values: Sequence[Any]) -> NDArray[np.int64]:
    """Of SQLite's text, PostgreSQL's aware datetimes, and None."""
    missing = np.array([value is None for value in values], bool)
    if missing.all():
        return np.full(len(values), NO_TIME)
    if all(value is None or isinstance(value, str) for value in values[:1] + values[-1:]):
        plain = np.array(["NaT" if value is None else value for value in values], "datetime64[us]")
    else:
        plain = pd.to_datetime(list(values), utc=True).tz_localize(None).to_numpy("datetime64[us]")
    return np.where(missing, NO_TIME, plain.astype(np.int64))


def _moments(*microseconds: int) -> Iterator[Any]:
    for value in microseconds:
        yield pd.Timestamp(int(value), unit="us", tz="UTC").to_pydatetime()


def _keys(values: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), KEYS_PER_QUERY):
        yield list(values[start : start + KEYS_PER_QUERY])
