"""The promotion log: who moved which version where, why, on what figures. Append-only."""

from __future__ import annotations

import getpass
import socket
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, select

from creatorlens.api_operations import Promotion, Promotions
from creatorlens.database import tables
from creatorlens.database.engine import insert_ignore
from creatorlens.platforms import Platform

MOST = 1_000


def append(engine: Engine, workspace: str, promotion: Promotion) -> None:
    """One line. The same `promotion_id` again changes nothing."""
    row = promotion.model_dump(mode="python") | {
        "workspace_id": workspace,
        "platform": promotion.platform.value,
    }
    with engine.begin() as connection:
        connection.execute(insert_ignore(connection, tables.promotions), row)


def promotions(
    engine: Engine, workspace: str, platform: Platform | None = None, *, limit: int = MOST
) -> Promotions:
    """Newest first."""
    c = tables.promotions.c
    query = select(tables.promotions).where(c.workspace_id == workspace)
    if platform is not None:
        query = query.where(c.platform == platform.value)
    newest = query.order_by(c.decided_at.desc(), c.promotion_id.desc()).limit(limit)
    with engine.connect() as connection:
        return Promotions(promotions=tuple(_line(row) for row in connection.execute(newest)))


def whoami() -> str:
    """The actor where none is named: user@host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"  # a container may run under a number that has no name
    return f"{user}@{socket.gethostname()}"[:120]


def next_moment(previous: datetime | None, now: datetime) -> datetime:
    """`now`, or just after the line before where a clock was set back: the order of the log is that of its times."""
    return now if previous is None or now > previous else previous + timedelta(microseconds=1)


def _line(row: Row[Any]) -> Promotion:
    told = dict(row._mapping)
    told.pop("workspace_id")
    return Promotion.model_validate(told)
