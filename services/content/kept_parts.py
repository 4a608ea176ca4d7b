"""What was read of a file's bytes, part by part, so that nothing is read twice.

A part is kept under the bytes' sha256 and its extractor, with the key it was read under (version, weights). Under
another key it is read anew and replaced; the others stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from creatorlens.database import tables
from creatorlens.reading.base import Part
from features.absent import Absent

PASSING = ("could not be read", "cannot be loaded")
"""How an absence begins that may be gone the next time: it is not kept."""


@dataclass(frozen=True)
class Kept:
    """`value`: the part as plain values, or why there is none. `alike`: the near-identical file it was taken from."""

    key: str
    value: Mapping[str, Any] | Absent
    alike: str | None = None


@dataclass(frozen=True)
class New:
    key: str
    value: Part | Absent
    alike: str | None = None


def load(engine: Engine, workspace: str, sha256: str) -> dict[str, Kept]:
    """By extractor, whatever key it was read under."""
    c = tables.content_parts.c
    query = select(c.extractor, c.key, c.part).where(c.workspace_id == workspace, c.sha256 == sha256)
    with engine.connect() as connection:
        return {row.extractor: _kept(row.key, row.part) for row in connection.execute(query)}


def save(engine: Engine, workspace: str, sha256: str, parts: Mapping[str, New], now: datetime) -> None:
    """Each replaces what was kept for its extractor. Absences that may pass are left out."""
    rows = [
        {
            "workspace_id": workspace, "sha256": sha256, "extractor": name, "key": part.key,
            "part": _stored(part), "read_at": now,
        }
        for name, part in sorted(parts.items())
        if not (isinstance(part.value, Absent) and part.value.reason.startswith(PASSING))
    ]  # fmt: skip
    if rows:
        with engine.begin() as connection:
            connection.execute(_replacing(connection), rows)


def _replacing(connection: Connection) -> Any:
    from sqlalchemy.dialects import postgresql, sqlite

    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(tables.content_parts)
    return statement.on_conflict_do_update(
        index_elements=["workspace_id", "sha256", "extractor"],
        set_={name: statement.excluded[name] for name in ("key", "part", "read_at")},
    )


def _stored(part: New) -> dict[str, Any]:
    told: dict[str, Any] = {"alike": part.alike} if part.alike else {}
    if isinstance(part.value, Absent):
        return {**told, "absent": part.value.reason}
    return {**told, "part": part.value.model_dump(mode="json")}


def _kept(key: str, stored: Mapping[str, Any]) -> Kept:
    value = Absent(stored["absent"]) if "absent" in stored else stored["part"]
    return Kept(key, value, stored.get("alike"))
