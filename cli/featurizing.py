"""`creatorlens featurize`: database → feature store."""

from __future__ import annotations

import typer

from cli.output import emit, say


def register(app: typer.Typer) -> None:
    app.command("featurize")(featurize)


def featurize(
    platform: str = typer.Option("", "--platform", help="One platform; all that have posts otherwise."),
    embeddings: bool = typer.Option(
        True, help="Embed titles and texts too (cached by the hash of the text)."
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line."),
) -> None:
    """Compute what is known of every post and channel, point in time, into the feature store."""
    from dataclasses import asdict

    from creatorlens.database import open_database
    from creatorlens.platforms import Platform, parse_platform
    from creatorlens.settings import load_settings
    from features.featurize import featurize as run

    settings = load_settings()
    engine = open_database(settings)
    chosen = [parse_platform(platform)] if platform else list(Platform)
    reports = [run(engine, settings, one, embeddings=embeddings, progress=say) for one in chosen]
    told = [asdict(report) for report in reports if report.posts or platform]

    def lines() -> list[str]:
        if not told:
            return ["Nothing imported yet: run `creatorlens import FILE...` first."]
        return [
            f"{row['platform']}: {row['posts']} posts of {row['channels']} channels, {row['features']} features"
            + (" (unchanged)" if row["skipped"] else f" in {row['seconds']:.1f} s")
            + f"; embeddings: {row['encoder']}"
            for row in told
        ]

    emit({"platforms": told}, as_json=as_json, lines=lines)
