"""A draft read whole: its files, its words, beside what the channel did before; stored under an id."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from creatorlens.reading.analysis import Analysis, FileReading, Note, RefusedFile
from creatorlens.reading.files import Refusal, Safety
from creatorlens.reading.text import TextReading
from creatorlens.settings import Settings
from features.analysis import Options
from features.media.safety import judge, together
from services.analysis.channel_context import channel_key, channel_look, earlier_titles
from services.analysis.desk import Desk
from services.analysis.notes import notes_on
from services.analysis.numbers import numbers_of_draft
from services.analysis.reading_files import FileReader
from services.analysis.reading_words import read_words, words_of
from services.analysis.stored import store
from services.content import assets
from services.content.assets import Asset
from services.content.intake import Given, Intake

MOST_FILES = 50


@dataclass(frozen=True)
class DraftContent:
    """What is to be read. `blobs`: sha256 of bytes that were taken in before."""

    files: tuple[Given, ...] = ()
    blobs: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    platform: Platform | None = None
    channel: str | None = None


def analyze(
    engine: Engine,
    settings: Settings,
    desk: Desk,
    draft: DraftContent,
    *,
    source: str,
    options: Options = Options(),
    now: datetime | None = None,
    analysis_id: str | None = None,
) -> Analysis:
    """Read and stored; nothing is stored where every file is refused and there are no words. `analysis_id`: a new one of
    the caller's own; without it one is drawn.

    Raises InputError where there is nothing to read, a file is not there, or the channel is not of the platform.
    """
    started, now = time.monotonic(), now or datetime.now(UTC)
    check(settings, draft)
    channel = channel_key(draft.channel, draft.platform)
    known = [assets.find(engine, settings.workspace, sha256) for sha256 in draft.blobs]
    taken = [*Intake(engine, settings, source, desk.limits).take(draft.files), *known]
    if len(taken) > MOST_FILES:
        raise InputError(f"{len(taken)} files; at most {MOST_FILES} are read together.", field="file")
    read, refused = _read(FileReader(engine, settings, desk, source), taken, options, desk.count)
    if channel is not None:
        read = [_beside(engine, settings, channel, now, one) for one in read]
    words, notes = _words(engine, settings, desk, draft, read, channel, now)
    analysis = Analysis(
        analysis_id=analysis_id or str(uuid.uuid4()),
        created_at=now,
        platform=draft.platform or (None if channel is None else Platform(channel.partition(":")[0])),
        channel_id=channel,
        title=draft.title,
        text=draft.text,
        words=words,
        files=tuple(read),
        refused=tuple(refused),
        safety=together([*(one.safety for one in read if one.safety), *_of_words(words)]),
        features=numbers_of_draft(read),
        notes=notes_on(read, words, notes),
        seconds=time.monotonic() - started,
    )
    if read or words is not None:
        store(engine, settings.workspace, analysis)
    return analysis


def check(settings: Settings, draft: DraftContent) -> None:
    """Raises InputError where there is nothing to read, or too many words."""
    if not draft.files and not draft.blobs and not draft.title.strip() and not draft.text.strip():
        raise InputError("there is nothing to read.", hint="Give files, a title or a text.")
    for name, text, most in (
        ("title", draft.title, settings.max_title_chars),
        ("text", draft.text, settings.max_text_chars),
    ):
        if len(text) > most:
            raise InputError(f"{len(text):,} characters; at most {most:,} are taken.", field=name)


def _read(
    reader: FileReader, taken: Iterable[Asset | RefusedFile], options: Options, at_once: int
) -> tuple[list[FileReading], list[RefusedFile]]:
    """In the order given; the same bytes twice are one file."""
    refused = [one for one in taken if isinstance(one, RefusedFile)]
    files = {one.file.sha256: one for one in taken if isinstance(one, Asset)}
    with ThreadPoolExecutor(max(1, at_once), thread_name_prefix="analysis") as pool:
        outcomes = list(pool.map(lambda asset: reader.read(asset, options), files.values()))
    read = [one for one in outcomes if isinstance(one, FileReading)]
    return read, [*refused, *(one for one in outcomes if isinstance(one, RefusedFile))]


def _beside(engine: Engine, settings: Settings, channel: str, now: datetime, one: FileReading) -> FileReading:
    if one.image is None or one.image.embedding is None:
        return one
    look = channel_look(engine, settings.workspace, channel, now, one.image.embedding)
    if look is not None:
        return one.model_copy(update={"channel_look": look})
    why = "no earlier picture of the channel was read here"
    return one.model_copy(update={"absent": {**one.absent, "channel_look": why}})


def _words(
    engine: Engine,
    settings: Settings,
    desk: Desk,
    draft: DraftContent,
    read: Sequence[FileReading],
    channel: str | None,
    now: datetime,
) -> tuple[TextReading | None, list[Note]]:
    earlier = earlier_titles(engine, settings.workspace, channel, now)
    words = words_of(draft.title, draft.text, read, earlier, settings.max_text_chars)
    if words is None:
        return None, []
    found = read_words(engine, settings, desk, words)
    if isinstance(found, Refusal):
        return None, [Note(what="text", why=found.words)]
    return found, []


def _of_words(words: TextReading | None) -> list[Safety]:
    return [] if words is None else [judge(words=words)]
