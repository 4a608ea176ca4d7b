"""`creatorlens train`, `backtest`: features → judged, registered models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.output import emit, say

if TYPE_CHECKING:
    from datetime import datetime

    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("train")(train)
    app.command("backtest")(backtest)


def train(
    platform: str = typer.Option("", "--platform", help="One platform; all with features otherwise."),
    until: str = typer.Option(
        "", "--until", help="Only what was known then: 2026-01-31, or with a time (UTC)."
    ),
    force: bool = typer.Option(False, "--force", help="Train again although data and code are unchanged."),
    promoting: bool = typer.Option(
        True, "--promote/--no-promote", help="Let the new version serve if it may."
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Train and register a model per platform; it serves only where it beats the floor on its backtest."""
    from dataclasses import asdict

    from creatorlens.database import open_database
    from creatorlens.settings import load_settings
    from training.promotion import promote as decide
    from training.train import train_platform

    moment = _moment(until, "--until") if until else None
    settings = load_settings()
    engine = open_database(settings)
    told: list[dict[str, Any]] = []
    for chosen in _platforms(settings, platform):
        report = train_platform(engine, settings, chosen, moment, say, force=force)
        decision = decide(settings, chosen, report.version) if promoting else None
        told.append({**asdict(report), "decision": asdict(decision) if decision else None})

    def lines() -> list[str]:
        return [
            f"{row['model_name']} version {row['version']}"
            + (" (unchanged)" if row["skipped"] else f", {row['rows']:,} rows")
            + (f": {row['decision']['reason']}" if row["decision"] else "")
            for row in told
        ]

    emit({"platforms": told}, as_json=as_json, lines=lines)


def backtest(
    platform: str = typer.Option(..., "--platform", help="Whose posts to forecast again."),
    start: str = typer.Option(..., "--from", help="First cut-off: 2026-01-31, or with a time (UTC)."),
    out: Path | None = typer.Option(None, "--out", help="Write the same JSON there too."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Rolling backtest: at each cut-off train on what was known then, and forecast what came after."""
    import json

    import pandas as pd

    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from training.backtest import backtest as run
    from training.train import known_rows
    from training.tuned import parameters_in_use

    chosen, moment = parse_platform(platform), _moment(start, "--from")
    settings = load_settings()
    rows, parameters = known_rows(settings, chosen, None), parameters_in_use(settings, chosen)
    summary = run(rows, pd.Timestamp(moment), chosen, parameters=parameters, progress=say).summary
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(summary, indent=2, sort_keys=True, allow_nan=False) + "\n")

    def lines() -> list[str]:
        shown = ("n", "spearman", "mae_ln", "within_creator_spearman", "pinball", "coverage80", "width80")
        contenders = {"model": summary, "floor": summary["floor"], "plain XGBoost": summary["plain_xgboost"]}
        head = f"{'':14}" + "".join(
            f"{name.replace('within_creator_spearman', 'within'):>12}" for name in shown
        )
        body = [
            f"{name:14}" + "".join(f"{'-' if part.get(key) is None else part[key]:>12}" for key in shown)
            for name, part in contenders.items()
        ]
        share = f"{summary['share_shown']:.0%} of the channels are shown a number of the model's."
        return [head, *body, share]

    emit(summary, as_json=as_json, lines=lines)


def _platforms(settings: Settings, named: str) -> list[Platform]:
    """The one named, or all that were featurized. Raises NotReadyError where none was."""
    from creatorlens.errors import NotReadyError
    from creatorlens.platforms import Platform, parse_platform
    from features.manifest import read_manifest

    if named:
        return [parse_platform(named)]
    ready = [one for one in Platform if read_manifest(settings, one) is not None]
    if not ready:
        raise NotReadyError("no features yet: run `creatorlens featurize` first.")
    return ready


def _moment(text: str, option: str) -> datetime:
    """Raises InputError naming the option."""
    from datetime import UTC, datetime

    from creatorlens.errors import InputError

    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        hint = "Write 2026-01-31, or 2026-01-31T18:00+01:00."
        raise InputError(f"{text!r} is not a date.", field=option, hint=hint) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
