"""Fetching weights: into a folder of their own beside the others, whole and checked, or not at all.

Parts of an interrupted download stay under home/weights/.pulling and are gone on with; what has a wrong checksum is
thrown away. A folder takes its place by one rename.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from creatorlens.errors import InputError, NotReadyError
from creatorlens.settings import Settings
from features.weights.catalogue import File, Weight
from features.weights.fetching import Fetched, Fetcher, HttpFetcher, hub_files
from features.weights.verifying import MANIFEST, checksums, damage, manifest, standing, write_manifest

CHUNK = 1 << 20
LEFT_OUT = {MANIFEST, ".gitattributes", "README.md"}
T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Hears the file, bytes there, and bytes in all (0 where unknown)."""


@dataclass(frozen=True)
class Pulled:
    """`fetched` False: they were there already."""

    folder: Path
    fetched: bool


def pull(
    weight: Weight, settings: Settings, progress: Progress | None = None, fetcher: Fetcher | None = None
) -> Pulled:
    """Download `weight`. Raises NotReadyError where the network fails (what came is kept), InputError where a checksum
    is wrong (nothing is kept) or the weights are published nowhere."""
    there = standing(weight.name, settings, checksums(settings), [weight])
    if there.state == "present" and there.where is not None:
        return Pulled(there.where, fetched=False)
    if not weight.published:
        raise InputError(
            f"{weight.note or 'published nowhere in this form'}.",
            field=weight.name,
            hint=f"From a folder that holds them: creatorlens weights pull {weight.name} --from FOLDER",
        )
    fetcher = fetcher or HttpFetcher()
    with _place(weight, settings) as place:
        revision, files = weight.revision, weight.files
        if weight.from_hub:
            revision, files = _offline_told(weight, lambda: hub_files(weight, fetcher))
        found = [_download(weight, file, place, fetcher, progress) for file in files]
        return Pulled(_settle(weight, place, settings, revision, found), fetched=True)


def pull_from(folder: Path, weight: Weight, settings: Settings, progress: Progress | None = None) -> Pulled:
    """Copy `weight` out of `folder` (or its subfolder of that name), checking as `pull` does."""
    there = standing(weight.name, settings.model_copy(update={"weights": ""}), checksums(settings), [weight])
    if there.state == "present" and there.where is not None:
        return Pulled(there.where, fetched=False)
    source = folder / weight.name if (folder / weight.name).is_dir() else folder
    if not source.is_dir():
        raise InputError(f"{folder} is not a folder.", field="--from")
    files = weight.files or manifest(source) or _all_files(source)
    if not files:
        raise InputError(f"{source} holds no files.", field="--from")
    with _place(weight, settings) as place:
        found = []
        for file in files:
            if not (source / file.path).is_file():
                raise InputError(
                    f"{source} holds no {file.path}.", field=weight.name, hint="Name the folder that does."
                )
            found.append(_check(weight, file, _copy(source / file.path, place / file.path, progress), place))
        return Pulled(_settle(weight, place, settings, weight.revision, found), fetched=True)


@contextmanager
def _place(weight: Weight, settings: Settings) -> Iterator[Path]:
    """A folder to gather in; one pull of a name at a time. Stays where a download was cut off."""
    home = settings.home / "weights"
    gathering = home / ".pulling"
    gathering.mkdir(parents=True, exist_ok=True)
    place = gathering / weight.name.replace("/", "--")
    with (gathering / f"{place.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NotReadyError(f"{weight.name} is being pulled by another process.") from None
        place.mkdir(exist_ok=True)
        try:
            yield place
        except InputError:
            shutil.rmtree(place, ignore_errors=True)
            raise
        finally:
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()
            (gathering / f"{place.name}.lock").unlink(missing_ok=True)
            if not any(gathering.iterdir()):
                gathering.rmdir()


def _download(weight: Weight, file: File, place: Path, fetcher: Fetcher, progress: Progress | None) -> File:
    target = place / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.content is not None:
        target.write_bytes(file.content)
        return _check(weight, file, _sha256(target), place)
    if target.is_file():  # of an earlier try; a hash is cheaper than a download
        return _check(weight, file, _sha256(target), place)
    part = target.with_name(target.name + ".part")
    assert file.url is not None
    for attempt in (1, 2):
        _offline_told(weight, lambda: _receive(file, part, fetcher, progress))
        digest = _sha256(part)
        if digest == file.sha256 or not file.sha256:
            break
        part.unlink()  # the part may have been of other bytes: once more from the start
        if attempt == 2:
            raise _wrong(weight, file, digest)
    part.replace(target)
    return File(file.path, target.stat().st_size, digest)


def _receive(file: File, part: Path, fetcher: Fetcher, progress: Progress | None) -> None:
    assert file.url is not None
    start = part.stat().st_size if part.is_file() else 0
    with fetcher.get(file.url, start) as fetched:
        _write(file, part, fetched, start, progress)


def _write(file: File, part: Path, fetched: Fetched, start: int, progress: Progress | None) -> None:
    there = start if fetched.resumed else 0
    with part.open("ab" if fetched.resumed else "wb") as out:
        for chunk in fetched.chunks:
            out.write(chunk)
            there += len(chunk)
            if progress is not None:
                progress(file.path, there, file.size or fetched.total)
            if file.size and there > file.size:
                return  # more than it should be: the checksum will say so, the disk need not fill
    if fetched.total and there < fetched.total:
        raise ConnectionError(f"{file.path} ended after {there:,} of {fetched.total:,} bytes")


def _offline_told(weight: Weight, do: Callable[[], T]) -> T:
    """`do`, with failures of the network in words."""
    import httpx

    try:
        return do()
    except (httpx.HTTPError, ConnectionError) as error:
        raise NotReadyError(
            f"{weight.name} could not be fetched from {weight.source}: {str(error) or type(error).__name__}. "
            "What came so far is kept; pull again to go on. Without a network, fetch it on another machine and "
            f"run: creatorlens weights pull {weight.name} --from FOLDER"
        ) from error


def _copy(source: Path, target: Path, progress: Progress | None) -> str:
    """Copies and gives the sha256 of what was written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, there, size = hashlib.sha256(), 0, source.stat().st_size
    with source.open("rb") as data, target.open("wb") as out:
        while chunk := data.read(CHUNK):
            out.write(chunk)
            digest.update(chunk)
            there += len(chunk)
            if progress is not None:
                progress(source.name, there, size)
    return digest.hexdigest()


def _check(weight: Weight, file: File, digest: str, place: Path) -> File:
    if file.sha256 and digest != file.sha256:
        raise _wrong(weight, file, digest)
    return File(file.path, (place / file.path).stat().st_size, digest)


def _wrong(weight: Weight, file: File, digest: str) -> InputError:
    return InputError(
        f"{file.path} has sha256 {digest} instead of {file.sha256}; nothing of it was kept.",
        field=weight.name,
        hint="The source has changed or something on the way did; do not use it.",
    )


def _settle(weight: Weight, place: Path, settings: Settings, revision: str, files: Iterable[File]) -> Path:
    """The gathered folder takes its place; a damaged one that stood there goes."""
    write_manifest(place, weight, revision, files)
    target = settings.home / "weights" / weight.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        old = place.with_name(place.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        target.replace(old)
        place.replace(target)
        shutil.rmtree(old)
    else:
        place.replace(target)
    why = damage(target, weight, checksums(settings))
    if why is not None:
        raise InputError(f"the disk gave back something else: {why}.", field=weight.name)
    return target


def _all_files(folder: Path) -> tuple[File, ...]:
    """Every file of a folder whose contents nobody has written down."""
    found = []
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(parent) / name
            if name not in LEFT_OUT and path.is_file():
                found.append(File(str(path.relative_to(folder)), path.stat().st_size, ""))
    return tuple(found)


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
