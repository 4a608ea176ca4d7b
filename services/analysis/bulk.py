"""Many stored files read, on all cores, each kept as soon as it is done: a run that is cut off goes on later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from creatorlens.errors import InputError
from creatorlens.reading.analysis import FileReading, RefusedFile
from creatorlens.settings import Settings
from features.analysis import Options
from services.analysis.desk import KINDS, Desk
from services.analysis.reading_files import FileReader
from services.content import assets
from services.content.assets import Asset
from services.content.intake import Given, Intake

Say = Callable[[str], None]
TOLD_EVERY_S = 5.0
PICTURES_TOGETHER = 16


@dataclass(frozen=True)
class BulkReport:
    """`cached` were read before. `refused`: name and reason."""

    read: int = 0
    cached: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0

    def __add__(self, other: BulkReport) -> BulkReport:
        return BulkReport(
            self.read + other.read,
            self.cached + other.cached,
            self.refused + other.refused,
            self.seconds + other.seconds,
        )


def waiting(
    engine: Engine, settings: Settings, desk: Desk, options: Options, sha256s: set[str] | None = None
) -> list[Asset]:
    """Stored files that today's extractors have not read; of those named where they are."""
    current = {str(kind): desk.keys(kind).read_with(options) for kind in KINDS}
    return list(assets.of_kinds(engine, settings.workspace, current, sha256s))


def take_folder(
    engine: Engine, settings: Settings, folder: Path, source: str, say: Say
) -> tuple[set[str], list[tuple[str, str]]]:
    """Every file beneath `folder` taken in: sha256 of those that may be read, name and reason of the others."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    if not found:
        raise InputError("there are no files in it.", field=str(folder))
    taken: set[str] = set()
    refused: list[tuple[str, str]] = []
    intake = Intake(engine, settings, source, many=True)
    told = time.monotonic()
    for done, one in enumerate(
        intake.take(Given(path, str(path.relative_to(folder))) for path in found), start=1
    ):
        if isinstance(one, Asset):
            taken.add(one.file.sha256)
        else:
            refused.append((one.name, one.refusal.reason))
        if time.monotonic() - told > TOLD_EVERY_S:
            told = time.monotonic()
            say(f"{done:,} of {len(found):,} files taken in")
    return taken, refused


def read_assets(
    engine: Engine,
    settings: Settings,
    desk: Desk,
    chosen: Sequence[Asset],
    *,
    source: str,
    options: Options = Options(),
    progress: Callable[[int], None] | None = None,
    together: int | None = None,
) -> BulkReport:
    """Read each; `progress` hears how many are done. Two files for each worker are under way, so that none waits for
    the database. `together`: pictures read in one batch [default: 16 on a GPU, else each alone]."""
    started = time.monotonic()
    reader = FileReader(engine, settings, desk, source)
    read = cached = 0
    refused: list[tuple[str, str]] = []
    if together is None:
        together = 1 if settings.device == "cpu" else PICTURES_TOGETHER
    left = _units(chosen, together)
    with ThreadPoolExecutor(2 * desk.count, thread_name_prefix="bulk") as pool:
        under_way: set[Future[list[FileReading | RefusedFile]]] = set()
        while True:
            for unit in islice(left, 2 * desk.count - len(under_way)):
                under_way.add(pool.submit(reader.read_many, unit, options))
            if not under_way:
                break
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for outcome in (one for future in done for one in future.result()):
                if isinstance(outcome, RefusedFile):
                    refused.append((outcome.name, outcome.refusal.reason))
                elif outcome.seconds:
                    read += 1
                else:
                    cached += 1
                if progress is not None:
                    progress(read + cached + len(refused))
    return BulkReport(read, cached, tuple(refused), time.monotonic() - started)


def _units(chosen: Sequence[Asset], together: int) -> Iterator[list[Asset]]:
    """Pictures in batches, everything else alone."""
    waiting: list[Asset] = []
    for asset in chosen:
        if asset.file.kind != "image" or together == 1:
            yield [asset]
            continue
        waiting.append(asset)
        if len(waiting) == together:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


class Progress:
    """Turns counts into lines: how many are done, how fast, how long it will take."""

    def __init__(self, total: int, say: Say, done_before: int = 0) -> None:
        self._total = total
        self._say = say
        self._before = done_before
        self._started = self._told = time.monotonic()

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self._told < TOLD_EVERY_S:
            return
        self._told = now
        speed = done / (now - self._started)
        left = (self._total - self._before - done) / speed
        self._say(
            f"{self._before + done:,} of {self._total:,} files read, {speed:.1f} a second, "
            f"about {left / 60:.0f} min left"
        )
