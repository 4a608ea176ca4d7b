"""Forecasting and its record: predict, grade, track-record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.output import emit, say

if TYPE_CHECKING:
    import pandas as pd

    from creatorlens import api
    from creatorlens.platforms import Platform


def register(app: typer.Typer) -> None:
    app.command("predict")(predict)
    app.command("grade")(grade)
    app.command("track-record")(track_record)


def predict(
    posts: Path = typer.Option(..., help="Parquet or CSV with the columns of a posts table."),
    out: Path = typer.Option(..., help="Where the forecasts go: .parquet or .csv."),
    at: str = typer.Option("published", help="'published', or a date: forecast with what was known then."),
    horizon: str = typer.Option(
        "24,168,720", help="Hours after publishing; a horizon_h column in the posts file overrides it."
    ),
    record: bool = typer.Option(True, help="Write the forecasts to the ledger."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Forecast posts: one row per post and horizon. Only what was known at the moment is used."""
    from creatorlens.database import open_database
    from creatorlens.settings import load_settings
    from services.insights.posts_file import read_posts_file, write_forecasts
    from services.insights.predicting import predict_posts

    moment, horizons = _moment(at), _horizons(horizon)
    settings = load_settings()
    table = read_posts_file(posts, settings.max_import_bytes)
    forecasts = predict_posts(
        open_database(settings), settings, table, moment, horizons, record=record, progress=say
    )
    write_forecasts(forecasts, out)
    summary = _summary(forecasts, out)
    emit(
        summary,
        as_json=as_json,
        lines=lambda: [
            f"{summary['rows']:,} forecasts of {summary['posts']:,} posts in {out}; "
            f"for {summary['share_abstained']:.0%} the floor answers."
        ],
    )


def grade(
    platform: str = typer.Option(None, help="Only this platform."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Grade recorded predictions whose outcome has arrived. Doing it twice changes nothing."""
    from creatorlens.database import open_database
    from creatorlens.settings import load_settings
    from services.insights.grading import grade as grade_predictions

    settings = load_settings()
    report = grade_predictions(open_database(settings), settings, _platform(platform))
    emit(
        {"graded": report.graded, "waiting": report.waiting, "by_platform": report.by_platform},
        as_json=as_json,
        lines=lambda: [
            f"{report.graded:,} graded, {report.waiting:,} wait for their outcome.",
            *(f"  {name}: {count:,}" for name, count in report.by_platform.items()),
        ],
    )


def track_record(
    platform: str = typer.Option(None, help="Only this platform."),
    channel: str = typer.Option(None, help="Only this channel, as youtube:UC123."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """How graded predictions came out: coverage, and skill against the floor."""
    from creatorlens.database import open_database
    from creatorlens.settings import load_settings
    from services.analytics.track_record import track_record as read_track_record

    settings = load_settings()
    record = read_track_record(open_database(settings), settings, _platform(platform), channel)
    emit(record.model_dump(mode="json"), as_json=as_json, lines=lambda: _record_lines(record))


def _moment(at: str) -> Any:
    from datetime import UTC

    from creatorlens.errors import InputError

    if at == "published":
        return at
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise InputError(
            f"{at!r} is neither 'published' nor a date such as 2026-03-01.", field="--at"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _horizons(text: str) -> list[float]:
    from creatorlens.errors import InputError

    try:
        horizons = sorted({float(part) for part in text.split(",")})
    except ValueError:
        raise InputError(f"{text!r} is not a list of hours such as 24,168,720.", field="--horizon") from None
    if not all(0 < hours < float("inf") for hours in horizons):
        raise InputError("every horizon must be above 0 hours.", field="--horizon")
    return horizons


def _platform(name: str | None) -> Platform | None:
    from creatorlens.platforms import parse_platform

    return None if name is None else parse_platform(name)


def _summary(forecasts: pd.DataFrame, out: Path) -> dict[str, Any]:
    return {
        "out": out,
        "rows": len(forecasts),
        "posts": int(forecasts["post_id"].nunique()),
        "share_abstained": float(forecasts["abstained"].astype(float).mean()) if len(forecasts) else 0.0,
        "models": sorted(forecasts["model_version"].unique()),
    }


def _record_lines(record: api.TrackRecord) -> list[str]:
    if not record.graded:
        return [
            f"{record.predictions:,} predictions recorded, none graded yet. Import outcomes, then run grade."
        ]
    lines = [f"{record.predictions:,} predictions recorded, {record.graded:,} graded."]
    for one in (*record.totals, *record.by_horizon):
        skill = one.skill
        what = f"{one.platform.value} at {one.horizon_h:g} h" if one.platform and one.horizon_h else "in all"
        against = "no floor" if skill.skill is None else f"{skill.skill:+.1%} against the floor"
        lines.append(
            f"  {one.made}, {one.outcomes} outcomes, {what}: n {skill.n:,}, "
            f"80 % intervals held {skill.coverage80:.0%}, off by {skill.mae_ln:.3f} (ln), {against}"
        )
    return lines
