"""What pictures are made of: the draft's own files as they were read, and the frames of its video that could stand for it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from creatorlens.advice.content import Content
from creatorlens.blobs import BlobStore
from creatorlens.errors import NotFoundError
from creatorlens.reading.analysis import Analysis, FileReading
from creatorlens.reading.files import FileFacts
from creatorlens.reading.image import Embedding
from features.analysis import Options
from recommend.thumbnails.jobs import MAKER, Material
from services.advice.desk import Desk
from services.analysis.analyzing import DraftContent, analyze
from services.analysis.desk import KINDS
from services.analysis.desk import Desk as ReadingDesk
from services.analysis.other_picture import store_with_pictures
from services.analysis.stored import known_analyses, stored_analysis
from services.content import assets

MOST_PICTURES = 6
SOURCE = "advice"


def reading_desk(desk: Desk) -> ReadingDesk:
    """One worker process that reads files and makes pictures; started when first needed."""
    return desk.kept.get("thumbnails desk", lambda: ReadingDesk(desk.settings, 1, reader=MAKER))


@dataclass(frozen=True)
class Files:
    """A draft's files as they were read. `current`: sha256 of the picture that is shown; None where that is not known."""

    content: Content
    analysis: Analysis | None
    current: str | None

    @property
    def read(self) -> tuple[FileReading, ...]:
        return () if self.analysis is None else self.analysis.files

    @property
    def refused(self) -> dict[str, str]:
        """Name → why."""
        return {} if self.analysis is None else {one.name: one.refusal.words for one in self.analysis.refused}

    @property
    def aspect(self) -> float | None:
        """Of the video."""
        return next((v.video.container.aspect for v in self.read if v.video and v.video.container), None)

    @property
    def duration_s(self) -> float | None:
        told = self.content.now.duration_s
        found = (v.video.container.duration_s for v in self.read if v.video and v.video.container)
        return told if told is not None else next(found, None)

    @property
    def embedding_model(self) -> str | None:
        return next(
            (one.image.embedding.model for one in self.read if one.image and one.image.embedding), None
        )


def files_of(desk: Desk, content: Content) -> Files:
    """Reads what was not read yet. Raises NotFoundError for a file that is not held here."""
    now = content.now
    if not now.assets:
        return Files(content, None, None)
    found = _analysis(desk, content)
    pictures = [one.file.sha256 for one in found.files if one.image is not None]
    moving = any(one.video is not None for one in found.files)
    current = now.thumbnail if now.thumbnail in pictures else None
    if current is None and pictures and not moving:
        current = pictures[0]
    return Files(content, found, current)


def _analysis(desk: Desk, content: Content) -> Analysis:
    name = _name(desk, content, *content.now.assets)
    draft = DraftContent(
        blobs=content.now.assets,
        title=content.now.title,
        text=content.now.text,
        platform=content.platform,
        channel=content.channel_id,
    )
    try:
        return stored_analysis(desk.engine, desk.settings.workspace, name)
    except NotFoundError:
        pass
    try:
        return analyze(desk.engine, desk.settings, reading_desk(desk), draft, source=SOURCE, analysis_id=name)
    except IntegrityError:  # another process was faster
        return stored_analysis(desk.engine, desk.settings.workspace, name)


def with_pictures(desk: Desk, files: Files, pictures: Sequence[str]) -> list[Analysis]:
    """The draft as it is read with each picture in place of the current one, in order; stored under ids of their own. What
    models read of pictures is read of the first."""
    base, workspace = files.analysis, desk.settings.workspace
    assert base is not None
    others = [one.file.sha256 for one in files.read if one.file.sha256 != files.current]
    names = {
        one: _name(desk, files.content, one, *(sha256 for sha256 in others if sha256 != one))
        for one in pictures
    }
    known = known_analyses(desk.engine, workspace, names.values())
    new = {one: name for one, name in names.items() if name not in known}
    if new:
        away = set() if files.current is None else {files.current}
        store_with_pictures(
            desk.engine, desk.settings, reading_desk(desk), base, new, instead_of=away, source=SOURCE
        )
    return [stored_analysis(desk.engine, workspace, names[one]) for one in pictures]


def _name(desk: Desk, content: Content, *sha256s: str) -> str:
    """The same files, words and readers are the same analysis: a suggestion that is made twice names one."""
    reading = reading_desk(desk)
    told = (
        desk.settings.workspace, content.channel_id, content.now.title, content.now.text, *sha256s,
        *(reading.keys(kind).read_with(Options()) for kind in KINDS),
    )  # fmt: skip
    return hashlib.sha256("\x1f".join(told).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@contextmanager
def material(desk: Desk, files: Files) -> Iterator[tuple[Material, ...]]:
    """Pictures, the current one first, then the frames of videos that the reader of videos proposes."""
    blobs = BlobStore(desk.settings.blobs)
    with ExitStack() as held:

        def path_of(one: FileReading) -> Path:
            asset = assets.find(desk.engine, desk.settings.workspace, one.file.sha256)
            return held.enter_context(blobs.as_file(asset.blob_key))

        pictures = [one for one in files.read if one.image is not None]
        pictures.sort(key=lambda one: one.file.sha256 != files.current)
        found = [Material(path_of(one), one.file.sha256) for one in pictures[:MOST_PICTURES]]
        for one in files.read:
            proposed = one.video.thumbnails if one.video is not None else None
            if proposed is not None:
                path = path_of(one)
                found += [Material(path, one.file.sha256, frame.time_s) for frame in proposed.candidates]
        yield tuple(found)


def earlier(desk: Desk, files: Files) -> tuple[Embedding, ...]:
    """What the channel's earlier pictures look like; empty where no encoder of pictures is here."""
    if files.embedding_model is None:
        return ()
    channel, workspace = files.content.channel_id, desk.settings.workspace
    moment = datetime.now(UTC)
    return tuple(assets.pictures_of_channel(desk.engine, workspace, channel, moment, files.embedding_model))


def keep_picture(desk: Desk, data: bytes) -> str:
    """sha256 of a picture that was made here; its bytes are held as those of any file."""
    sha256 = hashlib.sha256(data).hexdigest()
    file = FileFacts(
        name=f"{sha256[:12]}.jpg", bytes=len(data), sha256=sha256, kind="image", mime="image/jpeg"
    )
    with tempfile.TemporaryDirectory(prefix="creatorlens-picture-") as folder:
        path = Path(folder) / file.name
        path.write_bytes(data)
        assets.take_in(desk.engine, desk.settings, file, path, datetime.now(UTC))
    return sha256
