"""What is on the rise on a platform, in the terminal."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from cli.output import emit

if TYPE_CHECKING:
    from creatorlens.api_operations import Season, Trend, Trends

SHOWN = 12
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def register(app: typer.Typer) -> None:
    app.command("trends")(trends)


def trends(
    platform: str = typer.Option(..., "--platform", help="As youtube, tiktok, instagram."),
    as_of: str | None = typer.Option(
        None, "--as-of", help="As known then: 2026-01-31, or with a time (UTC) [default: the newest known]."
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line of stdout."),
) -> None:
    """Hashtags, topics and sounds on the rise, and what hours, weekdays and months are worth."""
    from creatorlens.database import open_database
    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from services.analytics.trends import trends as find

    settings = load_settings()
    found = find(open_database(settings), settings, parse_platform(platform), _moment(as_of))
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: _lines(found))


def _moment(as_of: str | None) -> datetime | None:
    from creatorlens.errors import InputError

    if as_of is None:
        return None
    try:
        moment = datetime.fromisoformat(as_of.strip())
    except ValueError:
        hint = "As 2026-01-31 or 2026-01-31T18:00:00+01:00."
        raise InputError(f"{as_of!r} is not a time.", field="--as-of", hint=hint) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _lines(found: Trends) -> list[str]:
    if found.as_of is None:
        return [f"{found.platform.value}: no posts yet"]
    lines = [f"{found.platform.value} as known at {found.as_of:%Y-%m-%d %H:%M} UTC"]
    for kind in ("hashtag", "topic", "sound"):
        mine = [one for one in found.trends if one.kind == kind][:SHOWN]
        if mine:
            lines.append(f"{kind}s on the rise:")
        lines += [_trend(one) for one in mine]
    loud = [one for one in found.seasons if one.low_ln > 0 or one.high_ln < 0]
    lines.append(
        "times that stand out by more than noise:" if loud else "no hour, weekday or month stands out"
    )
    return lines + [_season(one) for one in loud]


def _trend(one: Trend) -> str:
    lift = "results not known yet"
    if one.lift_ln is not None and one.lift_low_ln is not None and one.lift_high_ln is not None:
        lift = f"results {_change(one.lift_ln)} ({_change(one.lift_low_ln)} to {_change(one.lift_high_ln)})"
    return f"  {one.name:<30} use {_change(one.rise_ln):>6}  {lift}  [{one.posts} posts, {one.channels} channels]"


def _season(one: Season) -> str:
    name = f"{one.value:02d}:00" if one.kind == "hour" else str(one.value)
    name = WEEKDAYS[one.value] if one.kind == "weekday" else name
    span = f"{_change(one.low_ln)} to {_change(one.high_ln)}"
    return f"  {one.kind} {name}: {_change(one.effect_ln)} ({span}) [{one.posts} posts]"


def _change(ln: float) -> str:
    return f"{100 * math.expm1(ln):+.0f}%"
