"""What grading reads: open predictions of some channels, the posts that drafts became, and outcomes.

Rows come from the driver as they are and are taken apart by column: a million of them through typed rows would take
longer than everything else. Times are microseconds since 1970 (int64), `NO_TIME` where there is none.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import ARRAY, Connection, Engine, Select, String, and_, any_, case, cast, func, select

from creatorlens.database import tables
from creatorlens.platforms import SPECS, Platform

FORECASTS_AT_ONCE = 150_000
CACHE_KB, USUAL_CACHE_KB = 128_000, 2_000
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
    with reading(engine) as connection:
        counts = connection.execute(query).all()
    ranges, first, held = [], None, 0
    for i, (channel, count) in enumerate(counts):
        first, held = first or channel, held + count
        if held >= FORECASTS_AT_ONCE or i == len(counts) - 1:
            ranges.append(Channels(first, channel))
            first, held = None, 0
    return ranges


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the garbage collector: it would look through millions of rows again and again, and they hold no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that keeps more pages in memory: grading visits rows all over a large file."""
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KB}")
        try:
            yield connection
        finally:
            if sqlite:
                connection.exec_driver_sql(f"PRAGMA cache_size=-{USUAL_CACHE_KB}")


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


def outcomes_of(
    connection: Connection, workspace: str, platform: Platform, post_ids: Sequence[str]
) -> pd.DataFrame:
    """Of the posts: post_id, observation_key, observed_us, published_us, imported_us (where nobody told when it was
    seen), backfilled, outcome."""
    metric = _O[SPECS[platform].primary_metric]
    query = (
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
        .where(_among(connection, _O.post_id, post_ids))
    )  # fmt: skip
    return _frame(connection, query)


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
    return _frame(connection, query.where(_among(connection, c.channel_id, channels)))


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


def _among(connection: Connection, column: Any, values: Sequence[str]) -> Any:
    """Is the column one of the values, however many: they travel as one parameter."""
    if connection.dialect.name == "sqlite":
        every = func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(select(every.c.value))
    return column == any_(cast(list(values), ARRAY(String)))


def _frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """Columns as the driver gives them, but times as microseconds. Their names end in `_us`."""
    result = connection.execute(query)
    names = list(result.keys())
    # The driver's own rows: typed ones would be made one by one.
    with uncollected():
        rows = result.cursor.fetchall() if result.cursor is not None else []
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pd.DataFrame(
        {
            name: _micros(values) if name.endswith("_us") else _column(values)
            for name, values in zip(names, columns, strict=True)
        }
    )


def _column(values: Sequence[Any]) -> NDArray[Any]:
    """Words stay objects; numbers, with missing ones as NaN, and truths become what they are."""
    kind = next((type(value) for value in values if value is not None), str)
    if kind is str:
        return np.array(values, object)
    return np.array(values, float if kind is float or None in values else None)


def _micros(values: Sequence[Any]) -> NDArray[np.int64]:
    """Of SQLite's text, PostgreSQL's aware datetimes, and None."""
    plain = np.array(values, object)
    missing = pd.isna(plain)
    told = plain[~missing]
    found = np.full(len(values), NO_TIME)
    if len(told) and isinstance(told[0], str):
        found[~missing] = told.astype("datetime64[us]").astype(np.int64)
    elif len(told):
        found[~missing] = pd.to_datetime(told, utc=True).as_unit("us").asi8
    return found


def _moments(*microseconds: int) -> Iterator[Any]:
    for value in microseconds:
        yield pd.Timestamp(int(value), unit="us", tz="UTC").to_pydatetime()
