"""A draft that was read, with another picture first: only the picture is read anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from creatorlens.errors import InputError
from creatorlens.reading.analysis import Analysis, FileReading, RefusedFile
from creatorlens.reading.files import Safety
from creatorlens.settings import Settings
from features.media.safety import judge, together
from services.analysis.desk import Desk
from services.analysis.notes import notes_on
from services.analysis.numbers import numbers_of_draft
from services.analysis.reading_files import FileReader
from services.analysis.stored import store
from services.content import assets


def store_with_pictures(
    engine: Engine,
    settings: Settings,
    desk: Desk,
    base: Analysis,
    pictures: Mapping[str, str],
    *,
    instead_of: Collection[str],
    source: str,
) -> None:
    """One analysis for each picture (sha256 → the analysis's id). `instead_of`: files that the draft then shows no longer.

    What was read of the words stays as it was: title, text and what is said do not change with a picture. Raises InputError
    where a picture is refused.
    """
    found = [assets.find(engine, settings.workspace, sha256) for sha256 in pictures]
    for asset, read in zip(found, FileReader(engine, settings, desk, source).read_many(found), strict=True):
        if isinstance(read, RefusedFile):
            raise InputError(read.refusal.words, field=read.name, hint=read.refusal.hint)
        away = {asset.file.sha256, *instead_of}
        files = (read, *(one for one in base.files if one.file.sha256 not in away))
        told = {
            "analysis_id": pictures[asset.file.sha256], "created_at": datetime.now(UTC), "files": files,
            "features": numbers_of_draft(files), "safety": _safety(base, files),
            "notes": notes_on(files, base.words, ()), "seconds": sum(read.seconds.values()),
        }  # fmt: skip
        with suppress(IntegrityError):  # another process was faster
            store(engine, settings.workspace, base.model_copy(update=told))


def _safety(base: Analysis, files: Collection[FileReading]) -> Safety | None:
    words = [] if base.words is None else [judge(words=base.words)]
    return together([*(one.safety for one in files if one.safety), *words])
