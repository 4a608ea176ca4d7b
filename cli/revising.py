"""`creatorlens revise`: forecasts of posts that have been seen since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli.output import emit, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine

    from creatorlens.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("revise")(revise)


def revise(
    platform: str = typer.Option(None, help="Only this platform."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Revise the forecasts of posts that have been seen. Doing it twice changes nothing."""
    from creatorlens.database import open_database
    from creatorlens.platforms import parse_platform
    from creatorlens.settings import load_settings
    from services.insights.revising import revise as revise_ledger

    settings = load_settings()
    one = None if platform is None else parse_platform(platform)
    report = revise_ledger(open_database(settings), settings, platform=one, progress=say)
    emit(
        {"revised": report.revised, "unchanged": report.unchanged, "by_platform": report.by_platform},
        as_json=as_json,
        lines=lambda: [
            f"{report.revised:,} forecasts revised, {report.unchanged:,} were revised before.",
            *(f"  {name}: {count:,}" for name, count in report.by_platform.items()),
        ],
    )


def revise_after_import(engine: Engine, settings: Settings, platforms: Iterable[str]) -> int:
    """How many forecasts were revised. Where a model is missing that is said; the import itself is done."""
    from creatorlens.errors import NotReadyError
    from creatorlens.platforms import Platform
    from services.insights.revising import revise as revise_ledger

    revised = 0
    for name in sorted(set(platforms)):
        try:
            revised += revise_ledger(engine, settings, platform=Platform(name), progress=say).revised
        except NotReadyError as error:
            say(f"{name}: forecasts are not revised: {error}")
    return revised
