"""`creatorlens watch`, `card`, `retrain`: how models hold up, what they are, and training again where it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from cli.output import emit, say

if TYPE_CHECKING:
    from creatorlens.api_operations import DriftReport

SHOWN = 8


def register(app: typer.Typer) -> None:
    app.command("watch")(watch)
    app.command("card")(card)
    app.command("retrain")(retrain)


def watch(
    platform: str = typer.Option("", "--platform", help="One platform; all that a model serves otherwise."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Compare recent inputs and errors with what the serving models were trained on."""
    from creatorlens.database import open_database
    from creatorlens.errors import NotReadyError
    from creatorlens.platforms import Platform, parse_platform
    from creatorlens.settings import load_settings
    from services.insights.registry import ChampionSource
    from services.monitoring.watching import watch as look

    settings = load_settings()
    engine, source = open_database(settings), ChampionSource(settings)
    chosen = [parse_platform(platform)] if platform else [p for p in Platform if source.standing(p)]
    if not chosen:
        raise NotReadyError("no model serves yet: run `creatorlens train` first.")
    reports = [look(engine, settings, one, progress=say) for one in chosen]
    told = {"reports": [report.model_dump(mode="json") for report in reports]}
    emit(told, as_json=as_json, lines=lambda: [line for report in reports for line in _lines(report)])


def card(
    platform: str = typer.Option(..., "--platform", help="Whose model."),
    version: str = typer.Option("", "--version", help="Default: the one that serves."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """What a version was trained on, how it did by segment, its limits and what it is for (Markdown)."""
    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from services.monitoring.cards import model_card

    found = model_card(load_settings(), parse_platform(platform), version or None)
    lines = [f"(version {found.model_version})", *found.markdown.splitlines()]
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: lines)


def retrain(
    platform: str = typer.Option("", "--platform", help="One platform; all with posts otherwise."),
    since: str = typer.Option("", "--since", help="Back-fill: first date, as 2026-01-31 (UTC)."),
    until: str = typer.Option("", "--until", help="Back-fill: last date [default: now]."),
    every: str = typer.Option("7d", "--every", help="Back-fill: step in days, as 7d."),
    force: bool = typer.Option(
        False, "--force", help="Train although nothing fired, or the date has a version."
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Look, and train again where a trigger fired; with --since, train as of past dates instead (back-fill)."""
    from cli.flow_server import flow_server
    from creatorlens.errors import InputError
    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings

    chosen = parse_platform(platform) if platform else None
    if until and not since:
        raise InputError("it needs --since.", field="--until", hint="Back-fill is from one date to another.")
    if since and chosen is None:
        raise InputError("back-fill is of one platform.", field="--platform", hint="Name it.")
    span = (_day(since, "--since"), _day(until, "--until") if until else None, _step(every))
    with flow_server(load_settings()) as wait_until_ready:
        wait_until_ready()
        from flows.environment import quiet_console, without_heartbeat

        quiet_console()
        with without_heartbeat():
            told = _backfill(chosen, *span, force) if since else _retrain(chosen, force)
    emit(told, as_json=as_json, lines=lambda: _told(told))


def _retrain(platform: Any, force: bool) -> dict[str, Any]:
    from flows.retrain import retrain as run

    done = run([platform] if platform else None, force)
    return {"platforms": [vars(one) for one in done]}


def _backfill(platform: Any, since: Any, until: Any, every_d: float, force: bool) -> dict[str, Any]:
    from dataclasses import asdict

    from flows.backfill import backfill

    return asdict(backfill(platform, since, until, every_d, force))


def _day(text: str, option: str) -> Any:
    from datetime import UTC, datetime

    from creatorlens.errors import InputError

    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is not a date.", field=option, hint="Write 2026-01-31.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _step(text: str) -> float:
    from creatorlens.errors import InputError

    try:
        days = float(text.strip().removesuffix("d"))
    except ValueError:
        days = 0.0
    if not 0 < days < 10_000:
        raise InputError(f"{text!r} is no number of days.", field="--every", hint="As 7d.")
    return days


def _lines(report: DriftReport) -> list[str]:
    verdict = "train again" if report.retrain else "nothing to do"
    head = (
        f"{report.platform.value} version {report.model_version}, "
        f"{report.window_from:%Y-%m-%d} to {report.window_until:%Y-%m-%d}: {verdict}: {report.reason}"
    )
    every = [*([report.embedding] if report.embedding else []), *report.features]
    moved = sorted((one for one in every if one.drifted), key=lambda one: -one.harm)[:SHOWN]
    return [head] + [f"  {one.words:<42} distance {one.distance:5.2f}  harm {one.harm:.3f}" for one in moved]


def _told(told: dict[str, Any]) -> list[str]:
    if "dates" in told:
        lines = [
            f"{one['until'][:10]}: " + (f"version {one['version']}" if one["version"] else "none")
            + (f" ({one['skipped']})" if one["skipped"] else "")
            for one in told["dates"]
        ]  # fmt: skip
        return [*lines, told["promoted"] or "what serves knows as much or more: it serves on"]
    return [
        f"{one['platform']}: {one['why']}"
        + (f"; version {one['version']}: {one['decision']}" if one["retrained"] else "")
        for one in told["platforms"]
    ]
