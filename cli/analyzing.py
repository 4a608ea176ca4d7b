"""`creatorlens analyze`: everything read from one piece of content, or from many files at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.analysis_lines import lines_of
from cli.output import emit, say

if TYPE_CHECKING:
    from creatorlens.reading.analysis import Analysis
    from creatorlens.settings import Settings
    from services.analysis.desk import Desk


def register(app: typer.Typer) -> None:
    app.command("analyze")(analyze)


def analyze(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Pictures, recordings, videos, texts, archives of them; or one folder of many."),
    ] = None,
    title: str = typer.Option("", help="The draft's title."),
    text: str = typer.Option("", help="Its caption or text."),
    platform: str | None = typer.Option(None, help="Where it is to be published."),
    channel: str | None = typer.Option(
        None, help="As youtube:UC123: read beside the channel's earlier posts."
    ),
    transcript: bool = typer.Option(True, help="Write down what is said (takes longest)."),
    denoise: Path | None = typer.Option(
        None, help="Write the sound, with less noise, to this WAV or FLAC file."
    ),
    pending: bool = typer.Option(False, help="Read every file of imported posts that was not read yet."),
    workers: int | None = typer.Option(None, min=1, help="Processes that read [default: one for each core]."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line of stdout."),
) -> None:
    """Read a draft as a viewer would meet it: pictures, words, sound, video. The same bytes are never read twice."""
    from creatorlens.settings import load_settings

    settings = load_settings()
    given = files or []
    folder = given[0] if len(given) == 1 and given[0].is_dir() else None
    if pending or folder is not None:
        _many(settings, folder, transcript, workers, as_json)
        return
    found = _one(settings, given, (title, text, platform, channel), transcript, denoise, workers)
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: lines_of(found))
    if found.refused and not found.files:
        raise typer.Exit(2)


def _one(
    settings: Settings,
    files: list[Path],
    words: tuple[str, str, str | None, str | None],
    transcript: bool,
    denoise: Path | None,
    workers: int | None,
) -> Analysis:
    from creatorlens.database import open_database
    from creatorlens.database.faults import telling_faults
    from creatorlens.platforms import parse_platform
    from features.analysis import Options
    from services.analysis.analyzing import DraftContent, analyze, check
    from services.analysis.desk import Desk
    from services.content.intake import Given

    title, text, platform, channel = words
    draft = DraftContent(
        files=tuple(Given(path, path.name) for path in files),
        title=title,
        text=text,
        platform=None if platform is None else parse_platform(platform),
        channel=channel,
    )
    check(settings, draft)
    with telling_faults("opening the database"):
        engine = open_database(settings)
    with Desk(settings, workers) as desk, telling_faults("analysing"):
        if denoise is not None:
            _clean(desk, files, denoise)
        found = analyze(engine, settings, desk, draft, source="cli", options=Options(transcribe=transcript))
    for one in found.refused:
        say(
            f"{one.name}: not read ({one.refusal.reason}): {one.refusal.words} {one.refusal.hint or ''}".rstrip()
        )
    return found


def _clean(desk: Desk, files: list[Path], target: Path) -> None:
    from creatorlens.errors import InputError
    from creatorlens.reading.files import Refusal
    from features.analysis_jobs import CleanSound

    if len(files) != 1:
        raise InputError("give one file to write with less noise.", field="--denoise")
    if target.suffix.lower() not in (".wav", ".flac"):
        raise InputError("the result is a .wav or a .flac.", field="--denoise")
    if target.exists() and target.samefile(files[0]):
        raise InputError("the original is not written over.", field="--denoise", hint="Name another file.")
    refused = desk.ask(CleanSound(files[0].absolute(), target.absolute()))
    if isinstance(refused, Refusal):
        raise InputError(refused.words, field=files[0].name, hint=refused.hint)
    say(f"{target}: the sound of {files[0].name} with less noise")


def _many(
    settings: Settings, folder: Path | None, transcript: bool, workers: int | None, as_json: bool
) -> None:
    from dataclasses import asdict

    from cli.flow_server import flow_server

    with flow_server(settings) as wait_until_ready:
        from flows.analyze import analyze as flow
        from flows.environment import quiet_console, without_heartbeat

        wait_until_ready()
        quiet_console()
        with without_heartbeat():
            report = flow(folder=folder, transcribe=transcript, workers=workers)
    told = asdict(report)

    def lines() -> list[str]:
        shown = [f"{name}: {reason}" for name, reason in report.refused[:20]]
        more = [f"and {len(report.refused) - 20} more"] if len(report.refused) > 20 else []
        return [
            *shown,
            *more,
            f"{report.read:,} files read, {report.cached:,} were read before, {len(report.refused):,} refused, "
            f"in {report.seconds:.0f} s.",
        ]

    emit(told, as_json=as_json, lines=lines)
    if report.refused and not report.read and not report.cached:
        raise typer.Exit(2)
