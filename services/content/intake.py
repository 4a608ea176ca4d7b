"""Files from outside: looked at without being decoded, scanned, and taken in; or refused and put into quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from creatorlens.errors import InputError
from creatorlens.reading.analysis import RefusedFile
from creatorlens.reading.files import FileFacts, Malware, Refusal
from creatorlens.settings import Settings
from features.absent import Absent
from features.media.archives import members
from features.media.limits import USUAL, Limits
from features.media.malware import SOCKETS, refused_as_malware, scan
from features.media.refusing import Refused, refusal
from features.media.sniffing import clean_name, examine
from services.content import assets, kept_parts
from services.content.assets import Asset
from services.content.kept_parts import New
from services.content.refused_files import Use, log_use, refuse

MALWARE = "malware"
FOR_MANY = "none of many files was scanned: that needs a ClamAV daemon, its command takes seconds for each"


@dataclass(frozen=True)
class Given:
    """A file and how its sender calls it."""

    path: Path
    name: str


class Intake:
    """`many`: hundreds of files, for which only a running daemon scans."""

    def __init__(
        self, engine: Engine, settings: Settings, source: str, limits: Limits = USUAL, *, many: bool = False
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._source = source
        self._limits = limits
        self._scanner = _of_many(settings.malware_scanner) if many else settings.malware_scanner

    def take(self, given: Iterable[Given]) -> Iterator[Asset | RefusedFile]:
        """Each file, and each member of an archive in the archive's place. Raises InputError for what is no file."""
        for one in given:
            if not one.path.is_file():
                raise InputError("there is no such file.", field=one.name)
            found = examine(one.path, one.name, self._limits)
            if isinstance(found, FileFacts) and found.kind == "archive":
                yield from self._unpacked(one, found)
            else:
                yield self._one(one, found)

    def _unpacked(self, archive: Given, facts: FileFacts) -> Iterator[Asset | RefusedFile]:
        infected = refused_as_malware(self._scanned(archive.path, facts.sha256), facts.name)
        if infected is not None:
            yield self._refused(archive, infected)
            return
        try:
            for member in members(archive.path, facts.mime, self._limits):
                name = f"{facts.name}/{member.name}"
                if isinstance(member.path, Refusal):
                    yield RefusedFile(name=name, bytes=0, refusal=member.path)
                else:
                    inner = Given(member.path, name)
                    yield self._one(inner, examine(member.path, member.name, self._limits))
        except Refused as error:
            yield self._refused(archive, refusal(error, facts.name))

    def _one(self, given: Given, found: FileFacts | Refusal) -> Asset | RefusedFile:
        if isinstance(found, Refusal):
            return self._refused(given, found)
        malware = self._scanned(given.path, found.sha256)
        infected = refused_as_malware(malware, found.name)
        if infected is not None:
            return self._refused(given, infected)
        now = datetime.now(UTC)
        asset = assets.take_in(self._engine, self._settings, found, given.path, now)
        if malware.status == "clean" or MALWARE not in self._kept(found.sha256):
            self._keep(found.sha256, malware, now)
        return asset

    def _scanned(self, path: Path, sha256: str) -> Malware:
        """Signatures are renewed daily: the same bytes are clean for a day."""
        kept = self._kept(sha256).get(MALWARE)
        if kept is not None and kept.key == _today() and not isinstance(kept.value, Absent):
            earlier = Malware.model_validate(kept.value)
            if earlier.status == "clean":
                return earlier
        if self._scanner is None:
            return Malware(status="not scanned", reason=FOR_MANY)
        return scan(path, self._scanner)

    def _kept(self, sha256: str) -> dict[str, kept_parts.Kept]:
        return kept_parts.load(self._engine, self._settings.workspace, sha256)

    def _keep(self, sha256: str, malware: Malware, now: datetime) -> None:
        kept_parts.save(
            self._engine, self._settings.workspace, sha256, {MALWARE: New(_today(), malware)}, now
        )

    def _refused(self, given: Given, why: Refusal) -> RefusedFile:
        size = given.path.stat().st_size
        digest = None
        if size <= self._limits.file_bytes:
            with given.path.open("rb") as source:
                digest = hashlib.file_digest(source, "sha256").hexdigest()
        name = clean_name(given.name)
        refused = RefusedFile(
            name=name, bytes=size, sha256=digest, refusal=why.model_copy(update={"field": name})
        )
        now = datetime.now(UTC)
        refuse(self._engine, self._settings, refused, given.path, now)
        use = Use(digest or "", name, why.reason, 0.0)
        log_use(self._engine, self._settings.workspace, self._source, [use], now)
        return refused


def _of_many(scanner: str) -> str | None:
    if scanner != "auto":
        return scanner
    return next((f"unix:{path}" for path in SOCKETS if Path(path).is_socket()), None)


def _today() -> str:
    return f"malware:{datetime.now(UTC):%Y-%m-%d}"
