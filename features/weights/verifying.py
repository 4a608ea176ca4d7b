"""Whether weights on disk are the ones the catalogue means: size and sha256 of every file.

A checksum is computed once and remembered with the file's size and time of change, in memory and under home, since a
large model takes seconds to hash. A folder that was pulled without known checksums carries a manifest of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from creatorlens.settings import Settings
from features.weights.catalogue import File, Weight, find

MANIFEST = "weights.json"
State = Literal["present", "absent", "damaged"]


@dataclass(frozen=True)
class Standing:
    """`where` is its folder, also of a damaged one; `why` says what is damaged."""

    state: State
    where: Path | None = None
    why: str = ""


class Checksums:
    """Remembers sha256 by path, size and time of change. Thread-safe; failing to remember does no harm."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._lock = threading.Lock()
        self._known: dict[str, list[Any]] | None = None

    def sha256(self, path: Path) -> str:
        about = path.stat()
        key, stamp = str(path.absolute()), [about.st_size, about.st_mtime_ns]
        with self._lock:
            if self._known is None:
                self._known = self._load()
            kept = self._known.get(key)
            if kept is not None and kept[:2] == stamp:
                return str(kept[2])
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
        with self._lock:
            self._known[key] = [*stamp, digest]
            self._save()
        return digest

    def _load(self) -> dict[str, list[Any]]:
        try:
            known = json.loads(self._memory.read_text())
        except (OSError, ValueError):
            return {}
        if not isinstance(known, dict):
            return {}
        return {key: value for key, value in known.items() if isinstance(value, list) and len(value) == 3}

    def _save(self) -> None:
        if not self._memory.parent.is_dir():
            return  # nothing was ever pulled here: no folder for the sake of a memory
        with contextlib.suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self._memory.parent, prefix=self._memory.name)
            with os.fdopen(handle, "w") as out:
                json.dump(self._known, out)
            Path(name).replace(self._memory)


def checksums(settings: Settings) -> Checksums:
    return Checksums(settings.home / "weights" / ".checked.json")


def standing(
    name: str, settings: Settings, sums: Checksums, among: Iterable[Weight] | None = None
) -> Standing:
    """The first folder that holds sound weights of that name; else the first damaged one; else absent."""
    damaged: Standing | None = None
    for parent in settings.weights_folders:
        folder = parent / name
        if not folder.is_dir():
            continue
        why = damage(folder, find(name, among), sums)
        if why is None:
            return Standing("present", folder)
        damaged = damaged or Standing("damaged", folder, why)
    return damaged or Standing("absent")


def damage(folder: Path, weight: Weight | None, sums: Checksums) -> str | None:
    """What is wrong with `folder` as `weight`; None where nothing is, or nothing is known of how it should be."""
    expected = weight.files if weight is not None and weight.files else manifest(folder)
    for file in expected:
        path = folder / file.path
        if not path.is_file():
            return f"{file.path} is missing"
        if file.size and path.stat().st_size != file.size:
            return f"{file.path} has {path.stat().st_size:,} bytes instead of {file.size:,}"
        found = sums.sha256(path)
        if found != file.sha256:
            return f"{file.path} has sha256 {found[:12]}... instead of {file.sha256[:12]}..."
    return None


def manifest(folder: Path) -> tuple[File, ...]:
    """The files a pull wrote down; empty for a folder that somebody made by hand."""
    try:
        told = json.loads((folder / MANIFEST).read_text())["files"]
        return tuple(File(str(one["path"]), int(one["bytes"]), str(one["sha256"])) for one in told)
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def write_manifest(folder: Path, weight: Weight, revision: str, files: Iterable[File]) -> None:
    (folder / MANIFEST).write_text(
        json.dumps(
            {
                "name": weight.name,
                "source": weight.source,
                "revision": revision,
                "licence": weight.licence,
                "files": [{"path": f.path, "bytes": f.size, "sha256": f.sha256} for f in files],
            },
            indent=1,
        )
    )
