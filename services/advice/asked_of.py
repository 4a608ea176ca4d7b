"""Content that advice is asked of by name: a kept draft, an own post, a file with a draft, or a draft's own material."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from creatorlens.advice.content import Content, ContentRequest
from creatorlens.errors import InputError
from creatorlens.platforms import MediaType, Platform, parse_platform
from creatorlens.reading.analysis import Analysis
from creatorlens.settings import Settings
from services.content.contents import find_content, keep, unsaved
from services.content.draft_files import draft_from, is_draft, read_draft

MEDIA = {"image": MediaType.IMAGE, "video": MediaType.VIDEO, "audio": MediaType.AUDIO}
USUAL_AHEAD = timedelta(days=1)


def content_of(
    engine: Engine,
    settings: Settings,
    name: str,
    told: Mapping[str, Any],
    *,
    keeping: bool = False,
    now: datetime | None = None,
) -> Content:
    """`told`: fields of a draft that are given besides, which a draft in a file overrides. Nothing of a file's draft is
    kept unless `keeping`; material (a picture, a video) is read as `analyze` reads it, and stored.

    Raises NotFoundError where there is no such content or channel, InputError where the draft is at fault.
    """
    path = Path(name)
    if not path.is_file():
        if _is_path(name):
            raise InputError("there is no such file.", field=name)
        return find_content(engine, settings.workspace, name)
    moment = now or datetime.now(UTC)
    usual = {"planned_at": usual_time(settings, moment).isoformat(), **told}
    if is_draft(path):
        wanted = read_draft(path, settings, usual)
    else:
        wanted = _of_material(engine, settings, path, usual)
    make = keep if keeping else unsaved
    return make(engine, settings.workspace, wanted, moment)


def usual_time(settings: Settings, now: datetime) -> datetime:
    """Where no time is told: in a day, on the hour."""
    local = (now + USUAL_AHEAD).astimezone(ZoneInfo(settings.default_timezone))
    return local.replace(minute=0, second=0, microsecond=0)


def _is_path(name: str) -> bool:
    """Ids have no slash; a post's id may have a dot, but then it comes after its platform's name."""
    head, colon, _ = name.partition(":")
    if colon and head in Platform._value2member_map_:
        return False
    return "/" in name or Path(name).suffix != "" or Path(name).exists()


def _of_material(engine: Engine, settings: Settings, path: Path, told: Mapping[str, Any]) -> ContentRequest:
    # judged before anything is read, which takes seconds
    first = draft_from(told, settings).to_draft()
    read = _read(engine, settings, path, told, first.channel_id)
    kind = read.files[0].file.kind
    usual: dict[str, Any] = {"analysis_id": read.analysis_id}
    if kind in MEDIA:
        usual["media_type"] = MEDIA[kind].value
    if kind == "image":
        usual["thumbnail"] = read.files[0].file.sha256
    video = read.files[0].video
    if video is not None and video.container is not None:
        usual["duration_s"] = video.container.duration_s
    return draft_from({**usual, **told}, settings)


def _read(engine: Engine, settings: Settings, path: Path, told: Mapping[str, Any], channel: str) -> Analysis:
    from services.analysis.analyzing import DraftContent, analyze
    from services.analysis.desk import Desk
    from services.content.intake import Given

    draft = DraftContent(
        files=(Given(path, path.name),),
        title=told.get("title", ""),
        text=told.get("text", ""),
        platform=parse_platform(channel.partition(":")[0]),
        channel=channel,
    )
    with Desk(settings) as desk:
        found = analyze(engine, settings, desk, draft, source="advice")
    if not found.files:
        refusal = found.refused[0].refusal if found.refused else None
        words = refusal.words if refusal else "nothing in it could be read."
        raise InputError(words, field=path.name, hint=refusal.hint if refusal else None)
    return found
