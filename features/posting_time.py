"""When a post is published, as its audience sees it: local hour, weekday, season, holidays."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

HOLIDAY_COUNTRY = "US"


def local_clock(published_at: pd.Series, timezone: pd.Series) -> pd.DataFrame:
    """Local hour (0..24, fractional), weekday (0 = Monday), month position (0..12), date.

    `timezone` holds IANA names, aligned; missing or unknown names mean UTC.
    """
    at = pd.to_datetime(published_at, utc=True).reset_index(drop=True)
    zone = timezone.reset_index(drop=True).fillna("UTC").astype(str)
    wall = at.dt.tz_localize(None)
    for name in zone.unique():
        if name != "UTC":
            mine = zone == name
            theirs = at[mine].dt.tz_convert(_zone(name)).dt.tz_localize(None)
            wall = wall.where(~mine, theirs.reindex(wall.index))
    return wall_clock_parts(wall)


def wall_clock_parts(wall: pd.Series) -> pd.DataFrame:
    """The same from wall-clock times without zone."""
    at = pd.DatetimeIndex(wall)
    return pd.DataFrame(
        {
            "hour": (at.hour + at.minute / 60.0).to_numpy(),
            "weekday": at.weekday.to_numpy(),
            "month": (at.month - 1 + (at.day - 1) / 31.0).to_numpy(),
            "date": at.normalize(),
        }
    )


def wall_clock(at: datetime, zone: Any) -> datetime:
    """What a clock in the zone (an IANA name) shows, without zone; what `at` says itself where no zone is told."""
    local = at.astimezone(_zone(zone)) if isinstance(zone, str) else at
    return local.replace(tzinfo=None)


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def calendar_features(local: pd.DataFrame) -> pd.DataFrame:
    """Cycles as sine and cosine, weekend, holidays (from `local_clock`)."""
    out: dict[str, Any] = {}
    for name, period in (("hour", 24.0), ("weekday", 7.0), ("month", 12.0)):
        angle = local[name].to_numpy(dtype=float) * (2 * np.pi / period)
        out[f"{name}_sin"], out[f"{name}_cos"] = np.sin(angle), np.cos(angle)
    out["is_weekend"] = (local["weekday"].to_numpy() >= 5).astype(float)
    out["is_holiday"] = _is_holiday(local["date"])
    return pd.DataFrame(out)


def _is_holiday(dates: pd.Series) -> Any:
    codes, days = pd.factorize(dates)
    return np.array([float(day.date() in _holidays(day.year)) for day in days])[codes]


@cache
def _holidays(year: int) -> Any:
    import holidays

    return holidays.country_holidays(HOLIDAY_COUNTRY, years=[year])
