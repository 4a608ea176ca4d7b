"""When a post is published, as its audience sees it: local hour, weekday, season, holidays."""

from __future__ import annotations

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
            wall = wall.where(~mine, _wall_clock(at[mine], name).reindex(wall.index))
    return wall_clock_parts(wall)


def wall_clock_parts(wall: pd.Series) -> pd.DataFrame:
    """The same from wall-clock times without zone."""
    return pd.DataFrame(
        {
            "hour": wall.dt.hour + wall.dt.minute / 60.0,
            "weekday": wall.dt.weekday,
            "month": wall.dt.month - 1 + (wall.dt.day - 1) / 31.0,
            "date": wall.dt.normalize(),
        }
    )


def _wall_clock(at: pd.Series, name: str) -> pd.Series:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return at.dt.tz_convert(ZoneInfo(name)).dt.tz_localize(None)
    except (ZoneInfoNotFoundError, ValueError):
        return at.dt.tz_localize(None)


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
    import holidays

    codes, days = pd.factorize(dates)
    years = sorted({day.year for day in days})
    known = holidays.country_holidays(HOLIDAY_COUNTRY, years=years) if years else {}
    return np.array([float(day.date() in known) for day in days])[codes]
