"""`creatorlens recommend`: what could be changed in a draft, what that is expected to do, and on what evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.output import emit, say

if TYPE_CHECKING:
    from pydantic import BaseModel
    from sqlalchemy import Engine

    from creatorlens.advice.content import Content
    from creatorlens.settings import Settings
    from services.advice.desk import Desk

CHANNEL_KIND = "strategy"


def register(app: typer.Typer) -> None:
    app.command("recommend")(recommend)
    app.command("receipts")(receipts)


def recommend(
    what: str = typer.Argument(
        ...,
        metavar="CONTENT_ID|FILE",
        help="A kept draft, a post (youtube:abc), a channel (strategy only), a draft in a .json, .yaml, .csv or .parquet, or "
        "the draft's picture or video.",
    ),
    kind: str | None = typer.Option(
        None, help="titles, hashtags, thumbnails, timing or strategy [default: all]."
    ),
    channel: str | None = typer.Option(
        None, help="Of a file: the channel it is for, as youtube:UC123, or its name with --platform."
    ),
    platform: str | None = typer.Option(None, help="Of a file: where it is to be published."),
    title: str | None = typer.Option(None, help="Of a file: the draft's title."),
    text: str | None = typer.Option(None, help="Of a file: its caption or text."),
    at: str | None = typer.Option(
        None, help="Of a file: when it is to be published, as 2026-12-01T18:00:00+01:00 [default: in a day]."
    ),
    keep: bool = typer.Option(False, help="Of a file: keep the draft, so that advice can be applied to it."),
    out: Path | None = typer.Option(None, help="Write recommended thumbnails into this folder."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line of stdout."),
) -> None:
    """What to change in a draft, what that is expected to do with its interval, and the evidence."""
    from creatorlens.advice.common import KINDS
    from creatorlens.errors import InputError
    from creatorlens.settings import load_settings

    if kind is not None and kind not in KINDS:
        from creatorlens.errors import nearest

        alike = nearest(kind, list(KINDS))
        hint = f"Did you mean {alike[0]}?" if alike else f"Known: {', '.join(KINDS)}."
        raise InputError(f"there is no advice on {kind!r}.", field="--kind", hint=hint)
    given = {"channel": channel, "platform": platform, "title": title, "text": text, "planned_at": at}
    told = {name: value for name, value in given.items() if value is not None}
    settings = load_settings()
    found, absent = _ask(settings, what, told, [kind] if kind else list(KINDS), keep)
    if kind is not None and absent:
        raise absent[kind]
    if out is not None and "thumbnails" in found:
        _write_pictures(settings, found["thumbnails"], out)
    _tell(found, {name: str(error) for name, error in absent.items()}, kind, as_json)
    if not found:
        raise typer.Exit(2)


def _ask(
    settings: Settings, what: str, told: dict[str, Any], kinds: list[str], keeping: bool
) -> tuple[dict[str, BaseModel], dict[str, Exception]]:
    """By kind: what is advised, or why nothing is."""
    from creatorlens.database import open_database
    from creatorlens.database.faults import telling_faults
    from creatorlens.errors import InputError, NotReadyError
    from services.advice.kinds import entry

    with telling_faults("opening the database"):
        engine = open_database(settings)
    content = _content(engine, settings, what, told, kinds, keeping)
    found: dict[str, BaseModel] = {}
    absent: dict[str, Exception] = {}
    with _open_desk(engine, settings) as desk:
        for kind in kinds:
            of: object = what if content is None else content
            if kind == CHANNEL_KIND and content is not None:
                of = content.channel_id
            try:
                found[kind] = entry(kind)(desk, of)
            except (InputError, NotReadyError) as error:
                absent[kind] = error
    return found, absent


def _content(
    engine: Engine, settings: Settings, what: str, told: dict[str, Any], kinds: list[str], keeping: bool
) -> Content | None:
    """None where a channel is meant: strategy needs no draft."""
    from creatorlens.errors import NotFoundError
    from services.advice.asked_of import content_of

    if Path(what).is_file() and "planned_at" not in told:
        say("No time told with --at: where the file tells none either, it is taken to go out in a day.")
    try:
        content = content_of(engine, settings, what, told, keeping=keeping)
    except NotFoundError:
        if kinds == [CHANNEL_KIND] and ":" in what:
            return None
        raise
    if keeping and Path(what).is_file():
        say(f"Kept as {content.content_id}.")
    return content


@contextmanager
def _open_desk(engine: Engine, settings: Settings) -> Iterator[Desk]:
    from features.feature_store import OnlineStore
    from services.advice.desk import Desk
    from services.insights.registry import ChampionSource

    source = ChampionSource(settings)
    try:
        yield Desk(engine, settings, source, OnlineStore(settings))
    finally:
        source.close()
        engine.dispose()


def _write_pictures(settings: Settings, advice: Any, out: Path) -> None:
    from creatorlens.blobs import BlobStore
    from creatorlens.database import open_database
    from services.content.assets import find

    out.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings)
    for i, one in enumerate(advice.suggestions, 1):
        asset = find(engine, settings.workspace, one.change.thumbnail)
        file = out / f"{i:02d}-{one.made.recipe.replace(' ', '-')}.{asset.file.mime.rpartition('/')[2]}"
        content = BlobStore(settings.blobs).read(asset.blob_key)
        if content is None:
            say(f"{file.name}: its bytes are gone from the store; ask for advice anew.")
            continue
        file.write_bytes(content)
        say(f"{file}: {one.words}")
    engine.dispose()


def _tell(found: dict[str, Any], absent: dict[str, str], kind: str | None, as_json: bool) -> None:
    from cli.advice_lines import lines_of

    told = {name: one.model_dump(mode="json") for name, one in found.items()}
    payload = told[kind] if kind is not None else {**told, "absent": absent}

    def lines() -> list[str]:
        shown = [line for name, one in found.items() for line in lines_of(name, one)]
        return [*shown, *(f"{name}: {why}" for name, why in absent.items())]

    emit(payload, as_json=as_json, lines=lines)


def receipts(
    content_id: str | None = typer.Argument(None, help="Only of this kept draft."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object as the last line of stdout."),
) -> None:
    """What advice was applied, what was expected of it, and how that came out."""
    from cli.advice_lines import receipt_lines
    from creatorlens.database import open_database
    from creatorlens.settings import load_settings
    from services.advice.receipts import receipts as read
    from services.content.contents import find_content

    settings = load_settings()
    engine = open_database(settings)
    if content_id is not None:
        find_content(engine, settings.workspace, content_id)
    found = read(engine, settings.workspace, content_id)
    emit(found.model_dump(mode="json"), as_json=as_json, lines=lambda: receipt_lines(found))
