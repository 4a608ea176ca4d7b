"""On which clock a channel lives."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from services.advice.desk import Desk

UTC_NAME = "UTC"


def channel_zone(desk: Desk, platform: Platform, channel_id: str) -> ZoneInfo:
    """The one its posts' hours were reckoned in: what the channel told, else the default; UTC where nobody knows that name."""
    told = desk.store.timezones(platform).get(channel_id) or desk.settings.default_timezone
    return _zone(str(told)) or ZoneInfo(UTC_NAME)


def named_zone(name: str, field: str) -> ZoneInfo:
    """Raises InputError."""
    found = _zone(name)
    if found is None:
        raise InputError(
            f"there is no time zone {name[:64]!r}.", field=field, hint="An IANA name, as Europe/Berlin."
        )
    return found


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
