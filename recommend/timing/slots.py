"""Open slots: whole hours on a channel's clock in the coming days, right where clocks are put forward or back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Slot:
    """`at`: with the zone's offset then; `hour`, `weekday` on the channel's clock."""

    at: datetime

    @property
    def hour(self) -> int:
        return self.at.hour

    @property
    def weekday(self) -> int:
        return self.at.weekday()

    @property
    def words(self) -> str:
        return f"{DAYS[self.weekday]} {self.at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Closed:
    """Local hours from `start` up to, not including, `end` (22 to 6 goes over midnight: its early hours belong to the next day),
    on `weekdays` (none: every day)."""

    start: int
    end: int
    weekdays: frozenset[int] = frozenset()

    def holds(self, hour: int, weekday: int) -> bool:
        if self.start < self.end:
            return self.start <= hour < self.end and self._on(weekday)
        if self.start == self.end:
            return self._on(weekday)
        return (hour >= self.start and self._on(weekday)) or (hour < self.end and self._on((weekday - 1) % 7))

    def _on(self, weekday: int) -> bool:
        return not self.weekdays or weekday in self.weekdays


def open_slots(
    start: datetime,
    end: datetime,
    zone: tzinfo,
    closed: Sequence[Closed] = (),
    taken: Iterable[datetime] = (),
    spacing: timedelta = timedelta(0),
) -> list[Slot]:
    """Whole local hours from `start` to `end` (aware), in order, at least `spacing` from every moment of `taken`. An hour that
    the clock leaves out is no slot; of one that comes twice the first is."""
    busy = [moment.astimezone(UTC) for moment in taken]
    found = []
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        for at in _hours(day, zone):
            moment = at.astimezone(UTC)
            if not start <= moment <= end or any(one.holds(at.hour, at.weekday()) for one in closed):
                continue
            if all(abs(moment - other) >= spacing for other in busy):
                found.append(Slot(at))
        day += timedelta(days=1)
    return found


def _hours(day: date, zone: tzinfo) -> list[datetime]:
    told = [datetime(day.year, day.month, day.day, hour, tzinfo=zone) for hour in range(24)]
    # A wall clock time that does not exist comes back from UTC as another.
    return [
        at
        for at in told
        if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == at.replace(tzinfo=None)
    ]
