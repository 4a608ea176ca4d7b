"""Numbers and facts in words that a creator would use."""

from __future__ import annotations

from datetime import datetime, timedelta

from creatorlens.platforms import SPECS, Platform

_STEPS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
NBSP = "\u00a0"


def count(value: float) -> str:
    """12345 → '12.3k'; three figures are as many as a forecast deserves."""
    if value < 0:
        return "−" + count(-value)
    for size, letter in _STEPS:
        # 999,950 would otherwise be printed as '1000k'
        if value >= size * 0.9995:
            scaled = value / size
            digits = 0 if scaled >= 99.95 else 1
            return f"{scaled:.{digits}f}".removesuffix(".0") + letter
    return f"{value:.0f}"


def change(effect: float) -> str:
    """0.042 → '+4 %'; -0.3 → '−30 %'. From double on as a factor: 1.4 → '×2.4'."""
    if effect >= 1:
        return f"×{1 + effect:.1f}"
    percent = round(effect * 100)
    if percent == 0:
        return f"0{NBSP}%"
    return f"{'+' if percent > 0 else '−'}{abs(percent)}{NBSP}%"


def share(part: float) -> str:
    return f"{round(part * 100)}{NBSP}%"


def chance(probability: float) -> str:
    """A probability, never as certain as 0 or 100 %."""
    if probability < 0.01:
        return f"under 1{NBSP}%"
    if probability > 0.99:
        return f"over 99{NBSP}%"
    return share(probability)


def horizon(hours: float) -> str:
    """24 → '1 day', 168 → '7 days', 36 → '36 hours'."""
    if hours % 24:
        return f"{hours:g} hours"
    days = int(hours // 24)
    return "1 day" if days == 1 else f"{days} days"


def metric(platform: Platform, name: str) -> str:
    """What people on the platform call the primary metric."""
    return "points" if platform is Platform.REDDIT else name


def platform(value: Platform) -> str:
    return SPECS[value].label


def ago(moment: datetime, now: datetime) -> str:
    """'today', '3 days ago', '5 months ago'."""
    days = (now - moment) // timedelta(days=1)
    if days < 1:
        return "today"
    for size, word in ((365, "year"), (30, "month"), (7, "week"), (1, "day")):
        number = days // size
        if number >= 1:
            return f"{number} {word}{'' if number == 1 else 's'} ago"
    return "today"


def day(moment: datetime) -> str:
    """'Tue 3 Nov 2026'."""
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def day_short(moment: datetime) -> str:
    """'Tue 3'."""
    return f"{moment:%a} {moment.day}"


def moment(at: datetime) -> str:
    """'Tue 3 Nov, 18:00'."""
    return f"{at:%a} {at.day} {at:%b, %H:%M}"


def short(title: str, limit: int = 60) -> str:
    flat = " ".join(title.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def between(low: float, high: float) -> str:
    """Two changes as a range: (-0.12, 0.01) → '−12 % to +1 %'."""
    return f"{change(low)} to {change(high)}"
