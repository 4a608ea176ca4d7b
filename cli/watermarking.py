"""A visible mark on a picture, into a new file."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.output import emit


def register(app: typer.Typer) -> None:
    app.command("watermark")(watermark)


def watermark(
    picture: Path = typer.Argument(..., help="The picture; it stays as it is."),
    out: Path = typer.Option(..., help="The marked copy: .jpg, .png or .webp."),
    words: str = typer.Option("", help="What the mark says; or give --logo."),
    logo: Path | None = typer.Option(None, help="A picture as the mark, transparent or not."),
    corner: str = typer.Option("bottom right", help="top left, top right, bottom left, bottom right, centre"),
    size: float = typer.Option(0.06, help="Height of the mark as a share of the picture's."),
    opacity: float = typer.Option(0.6, help="0 to 1."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line of stdout."),
) -> None:
    """Put words or a logo into a corner of a picture."""
    from typing import get_args

    from creatorlens.errors import InputError
    from features.media.watermark import Corner, Mark
    from features.media.watermark import watermark as mark

    for file in (picture, *([logo] if logo else [])):
        if not file.is_file():
            raise InputError("there is no such file.", field=str(file))
    if corner not in get_args(Corner):
        raise InputError(f"{corner!r} is not a place.", field="--corner", hint=", ".join(get_args(Corner)))
    wanted = Mark(words=words, logo=logo, corner=corner, size=size, opacity=opacity)  # type: ignore[arg-type]
    mark(picture, out, wanted)
    emit({"out": out}, as_json=as_json, lines=lambda: [f"{out}: {picture.name} with a mark at the {corner}"])
