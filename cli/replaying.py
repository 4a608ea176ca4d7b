"""Where forecasts come from: replay, lineage, definitions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import typer

from cli.output import emit

if TYPE_CHECKING:
    from creatorlens.api_operations import Lineage, Replay


def register(app: typer.Typer) -> None:
    app.command()(replay)
    app.command()(lineage)
    app.command()(definitions)


def replay(
    prediction_id: str = typer.Argument("", help="Of the ledger, as predict answered it."),
    through: str = typer.Option(
        "",
        help="Instead: replay the ledger's graded predictions through this version of --platform's model.",
    ),
    platform: str = typer.Option(None, help="Platform of --through."),
    since: str = typer.Option(None, help="With --through: only posts planned from this date on."),
    features: bool = typer.Option(True, help="Also make the features anew from the database, as of then."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Compute a prediction again, to the last bit, or say what differs."""
    from creatorlens.database import open_database
    from creatorlens.errors import InputError
    from creatorlens.settings import load_settings

    if (not prediction_id) == (not through):
        raise InputError("give a prediction's id, or --through a version.", field="PREDICTION_ID")
    if through:
        _through(through, platform, since, as_json)
        return
    from services.insights.replaying import replay as replay_prediction

    settings = load_settings()
    found = replay_prediction(open_database(settings), settings, prediction_id, features=features)
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: _replay_lines(found))


def _through(version: str, platform: str | None, since: str | None, as_json: bool) -> None:
    from dataclasses import asdict

    from creatorlens.database import open_database
    from creatorlens.errors import InputError
    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from services.insights.through import replay_through, summary

    if platform is None:
        raise InputError("needed with --through: versions are of one platform's model.", field="--platform")
    settings = load_settings()
    report = replay_through(
        open_database(settings), settings, parse_platform(platform), version, since=_date(since)
    )
    emit(asdict(report), as_json=as_json, lines=lambda: list(summary(report)))


def lineage(
    name: str = typer.Argument(..., metavar="ID", help="A lineage id, or a prediction's."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """From imported file to graded outcome."""
    from creatorlens.database import open_database
    from creatorlens.settings import load_settings
    from services.insights.lineage import lineage as trace

    settings = load_settings()
    found = trace(open_database(settings), settings, name)
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: _lineage_lines(found))


def definitions(
    platform: str = typer.Option(None, help="Only this platform."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """What each count means, and when platforms changed it, with sources."""
    from creatorlens.platforms import parse_platform
    from services.insights.definitions import metric_definitions

    found = metric_definitions(None if platform is None else parse_platform(platform))

    def lines() -> list[str]:
        told = [f"{one.id:<24} {one.meaning}" for one in found.definitions]
        for change in found.changes:
            told.append(
                f"{change.changed_on} {change.platform.value} {change.metric} ({change.handling}): {change.what}"
            )
            told.append(f"           {change.source}, {change.confidence}: {change.url}")
        return told

    emit(found.model_dump(mode="json"), as_json=as_json, lines=lines)


def _date(text: str | None) -> datetime | None:
    from datetime import UTC

    from creatorlens.errors import InputError

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a date such as 2026-03-01.", field="--since") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _replay_lines(found: Replay) -> list[str]:
    model = f"{found.model_name}/{found.model_version}"
    lines = [f"{found.prediction_id}: {'exact' if found.exact else 'not exact'}, by {model}"]
    return lines + [f"  {one.what}: {one.then} then, {one.now} now" for one in found.differences]


def _lineage_lines(found: Lineage) -> list[str]:
    lines = [
        f"{found.lineage_id} ({found.platform.value}): features {found.generation}, {found.created_at:%Y-%m-%d %H:%M}"
    ]
    lines += [f"  file   {one.file_name} ({one.kind}), sha256 {one.sha256[:16]}" for one in found.imports]
    for one in found.models:
        lines.append(
            f"  model  {one.model_name}/{one.model_version} {' '.join(one.aliases)} data {one.data_hash[:12]} "
            f"code {one.code_hash[:12]} commit {(one.git_commit or 'none')[:12]}"
        )
    lines.append(f"  {found.predictions:,} predictions, {found.graded:,} of them graded")
    if found.coverage80 is not None and found.mae_ln is not None:
        floor = "" if found.floor_mae_ln is None else f", floor {found.floor_mae_ln:.3f}"
        lines.append(f"  80 % intervals held {found.coverage80:.0%}; off by {found.mae_ln:.3f} (ln){floor}")
    return lines
