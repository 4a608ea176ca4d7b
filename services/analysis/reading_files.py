"""One stored file read: what is kept is taken, what is alike may lend, the rest is read in a worker and kept."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from creatorlens.blobs import BlobStore
from creatorlens.reading.analysis import FileReading, RefusedFile
from creatorlens.reading.base import Part
from creatorlens.reading.files import Identity, Malware, Refusal
from creatorlens.settings import Settings
from features.absent import Absent
from features.analysis import ALIKE, IDENTITY, Found, Options, reading_of, wanted, words_of_file
from features.analysis_jobs import Glance, ReadFile, ReadPictures
from features.media.safety import NOT_SCANNED, judge
from services.analysis.desk import KINDS, Desk, Keys
from services.analysis.likeness import Likeness
from services.analysis.numbers import numbers_of
from services.content import assets, kept_parts
from services.content.assets import Asset, Summary
from services.content.kept_parts import New
from services.content.refused_files import Use, admit, log_use, refuse

MALWARE = "malware"


@dataclass
class _Parts:
    """What is known of the file at hand so far, by extractor."""

    known: dict[str, Part | Absent] = field(default_factory=dict)
    cached: tuple[str, ...] = ()
    alike: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    passing: dict[str, str] = field(default_factory=dict)
    malware: Malware = NOT_SCANNED


class FileReader:
    """Thread-safe. `source` goes into the log of use: cli, api or flow."""

    def __init__(self, engine: Engine, settings: Settings, desk: Desk, source: str) -> None:
        self._engine = engine
        self._settings = settings
        self._desk = desk
        self._source = source
        self._blobs = BlobStore(settings.blobs)
        self._likeness = Likeness(engine, settings.workspace)

    def read_many(
        self, chosen: Sequence[Asset], options: Options = Options()
    ) -> list[FileReading | RefusedFile]:
        """As `read`, in their order; new pictures go through the learned models together."""
        found = self._together([asset for asset in chosen if asset.file.kind == "image"])
        return [self.read(asset, options, found.get(asset.file.sha256)) for asset in chosen]

    def read(
        self, asset: Asset, options: Options = Options(), found: Found | Refusal | None = None
    ) -> FileReading | RefusedFile:
        """Everything there is to know of the file, or why not: then it is in quarantine. `found` if it was read."""
        started = time.monotonic()
        if asset.file.kind not in KINDS:
            return self._words(asset)
        keys = self._desk.keys(asset.file.kind)
        parts = self._kept(asset, keys)
        if found is None and asset.file.kind == "image" and ALIKE & wanted("image", parts.known, options):
            self._borrow(asset, keys, parts)
        if wanted(asset.file.kind, parts.known, options):
            refused = self._read(asset, keys, parts, options, found)
            if refused is not None:
                return self._refuse(asset, refused, keys.read_with(options), time.monotonic() - started)
            outcome = "read"
        else:
            outcome = "cached"
        reading = self._record(asset, parts)
        self._settle(asset, reading, keys.read_with(options))
        self._log(asset, outcome, time.monotonic() - started)
        return reading

    def _together(self, pictures: Sequence[Asset]) -> dict[str, Found | Refusal]:
        """By sha256, of those of which nothing is kept. None where a batch was refused as a whole: each alone then."""
        keys = self._desk.keys("image")
        if len(pictures) < 2:
            return {}
        new = [asset for asset in pictures if not self._kept(asset, keys).known]
        with ExitStack() as files:
            paths = [files.enter_context(self._blobs.as_file(asset.blob_key)) for asset in new]
            job = ReadPictures(tuple((path, asset.file) for path, asset in zip(paths, new, strict=True)))
            answers = self._desk.ask(job)
        if isinstance(answers, Refusal):
            return {}
        return {asset.file.sha256: answer for asset, answer in zip(new, answers, strict=True)}

    def _kept(self, asset: Asset, keys: Keys) -> _Parts:
        parts = _Parts()
        kept = kept_parts.load(self._engine, self._settings.workspace, asset.file.sha256)
        for name, one in kept.items():
            if name == MALWARE and not isinstance(one.value, Absent):
                parts.malware = Malware.model_validate(one.value)
            elif keys.keys.get(name) == one.key:
                parts.known[name] = _part(keys, name, one.value)
                if one.alike is not None:
                    parts.alike[name] = one.alike
        parts.cached = tuple(sorted(name for name in parts.known if "." in name))
        return parts

    def _borrow(self, asset: Asset, keys: Keys, parts: _Parts) -> None:
        """From a picture that is the same work, what is shown in it."""
        identity = parts.known.get(IDENTITY)
        if not isinstance(identity, Identity):
            with self._blobs.as_file(asset.blob_key) as path:
                identity = self._desk.ask(Glance(path))
            if not isinstance(identity, Identity):
                return  # reading it will tell why
        for near in self._likeness.near(asset.file.sha256, identity):
            if not near.same:
                continue
            theirs = kept_parts.load(self._engine, self._settings.workspace, near.id)
            lent = {
                name: _part(keys, name, one.value)
                for name, one in theirs.items()
                if name in ALIKE and name not in parts.known and keys.keys.get(name) == one.key
                # what was itself taken over may have drifted: only first-hand parts are lent
                and one.alike is None
                and not isinstance(one.value, Absent)
            }  # fmt: skip
            if lent:
                parts.known |= lent
                parts.alike |= dict.fromkeys(lent, near.id)
                self._save(asset, keys, lent, alike=near.id)
                return

    def _read(
        self, asset: Asset, keys: Keys, parts: _Parts, options: Options, found: Found | Refusal | None
    ) -> Refusal | None:
        found = found or self._ask(asset, parts, options)
        if isinstance(found, Refusal) and found.reason == "over_time" and options.transcribe:
            if asset.file.kind == "image":
                return found
            # speech takes longest: everything else is worth having without it
            too_long = f"left out: {found.words}"
            options = Options(transcribe=False)
            found = self._ask(asset, parts, options)
            parts.passing |= dict.fromkeys(options.left_out, too_long)
        if isinstance(found, Refusal):
            return found
        new: dict[str, Part | Absent] = {
            name: Absent(why) for name, why in found.absent.items()
        } | found.parts
        self._save(asset, keys, {name: one for name, one in new.items() if name not in options.left_out})
        parts.known |= new | {name: Absent(why) for name, why in parts.passing.items()}
        parts.seconds = found.seconds
        return None

    def _ask(self, asset: Asset, parts: _Parts, options: Options) -> Found | Refusal:
        with self._blobs.as_file(asset.blob_key) as path:
            answer: Found | Refusal = self._desk.ask(ReadFile(path, asset.file, parts.known, options))
        return answer

    def _save(
        self, asset: Asset, keys: Keys, parts: Mapping[str, Part | Absent], alike: str | None = None
    ) -> None:
        new = {name: New(keys.keys[name], part, alike) for name, part in parts.items() if name in keys.keys}
        kept_parts.save(self._engine, self._settings.workspace, asset.file.sha256, new, datetime.now(UTC))

    def _record(self, asset: Asset, parts: _Parts) -> FileReading:
        reading = reading_of(
            asset.file, parts.known, seconds=parts.seconds, from_cache=parts.cached, from_alike=parts.alike
        )
        safety = judge(reading.image, reading.video, malware=parts.malware)
        identity = reading.identity
        if identity is not None:
            self._likeness.add(asset.file.sha256, identity)
            near = self._likeness.near(asset.file.sha256, identity)
            identity = identity.model_copy(update={"near": near})
        return reading.model_copy(update={"safety": safety, "identity": identity})

    def _settle(self, asset: Asset, reading: FileReading, read_with: str) -> None:
        if asset.read_with != read_with:
            embedding = reading.image.embedding if reading.image is not None else None
            summary = Summary(read_with, datetime.now(UTC), reading.identity, numbers_of(reading), embedding)
            assets.settle(self._engine, self._settings.workspace, asset.file.sha256, summary)
            admit(self._engine, self._settings.workspace, asset.file.sha256)

    def _refuse(self, asset: Asset, why: Refusal, read_with: str, seconds: float) -> RefusedFile:
        named = why.model_copy(update={"field": asset.file.name})
        refused = RefusedFile(
            name=asset.file.name, bytes=asset.file.bytes, sha256=asset.file.sha256, refusal=named
        )
        now = datetime.now(UTC)
        with self._blobs.as_file(asset.blob_key) as path:
            refuse(self._engine, self._settings, refused, path, now)
        if why.reason != "failed":  # our own fault: another try may go better
            assets.settle(self._engine, self._settings.workspace, asset.file.sha256, Summary(read_with, now))
        self._log(asset, why.reason, seconds)
        return refused

    def _words(self, asset: Asset) -> FileReading:
        with self._blobs.as_file(asset.blob_key) as path:
            words = words_of_file(path, self._desk.limits)
        self._log(asset, "read", 0.0)
        return FileReading(file=asset.file, words=words[: self._settings.max_text_chars])

    def _log(self, asset: Asset, outcome: str, seconds: float) -> None:
        use = Use(asset.file.sha256, asset.file.name, outcome, seconds)
        log_use(self._engine, self._settings.workspace, self._source, [use], datetime.now(UTC))


def _part(keys: Keys, name: str, value: Any) -> Part | Absent:
    if isinstance(value, Absent) or name not in keys.types:
        return value
    part: Part = keys.types[name].model_validate(value)
    return part
