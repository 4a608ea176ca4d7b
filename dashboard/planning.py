"""Planned times: a wall clock and a zone become one moment; a week becomes 168 of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK_H = 168


@dataclass(frozen=True)
class Planned:
    """`shifted`: the clock was put forward at that moment, so the wall time does not exist."""

    at: datetime
    shifted: bool


def planned(day: date, clock: time, zone_name: str) -> Planned:
    """The moment of a wall-clock time. A time skipped by daylight saving moves on by the gap."""
    wall = datetime.combine(day, clock)
    at = wall.replace(tzinfo=ZoneInfo(zone_name))
    real = at.astimezone(UTC).astimezone(at.tzinfo)
    return Planned(real, shifted=real.replace(tzinfo=None) != wall)


def default_planned(now: datetime, zone_name: str) -> datetime:
    """The next full hour on the creator's clock, at least half an hour away."""
    local = (now + timedelta(minutes=30)).astimezone(ZoneInfo(zone_name))
    return local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def known_zone(candidates: Sequence[str | None]) -> str:
    """The first candidate that is a real zone; UTC where none is."""
    for name in candidates:
        if name:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
            return name
    return "UTC"


def zones(first: str) -> list[str]:
    """Every zone of the world by name, `first` leading."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [first, *[name for name in ["UTC", *names] if name != first]]


def week_hours(now: datetime, chosen: datetime) -> list[datetime]:
    """The 168 full hours on the clock of `chosen` that the heat map tries: the coming week, or, where
    the plan lies beyond it, the seven days around the plan. Hours skipped by daylight saving are left out."""
    zone = chosen.tzinfo
    first = now.astimezone(zone).replace(minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(hours=1)
    plan = chosen.replace(tzinfo=None)
    if not first <= plan + timedelta(hours=1) <= first + timedelta(hours=WEEK_H):
        first = max(first, datetime.combine(plan.date(), time()) - timedelta(days=3))
    hours = []
    for step in range(WEEK_H):
        wall = first + timedelta(hours=step)
        at = wall.replace(tzinfo=zone)
        if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall:
            hours.append(at)
    return hours


def on_clock(at: datetime, zone_name: str) -> datetime:
    """The same moment as the clocks of the zone show it."""
    return at.astimezone(ZoneInfo(zone_name))


def zone_of(at: datetime) -> str | None:
    """The name of the zone that a moment is told in, where it has one."""
    return at.tzinfo.key if isinstance(at.tzinfo, ZoneInfo) else None


def quarter(clock: time) -> time:
    """The quarter of an hour that has begun."""
    return time(clock.hour, clock.minute // 15 * 15)
