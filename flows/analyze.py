"""Files read in bulk: a folder of them, or those of imported posts that were not read yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prefect import flow, runtime, task

from creatorlens.database import open_database
from creatorlens.settings import load_settings
from flows.reporting import narrator, table
from flows.retrying import transient

if TYPE_CHECKING:
    from services.analysis.bulk import BulkReport

FILES_PER_TASK = 500
SHOWN = 200


def _run_name() -> str:
    folder = runtime.flow_run.parameters.get("folder")
    return "analyze what waits" if folder is None else f"analyze {Path(folder).name}"


@task(
    task_run_name="take in {folder.name}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=3600,
)
def take_in(folder: Path) -> tuple[set[str], list[tuple[str, str]]]:
    from services.analysis.bulk import take_folder

    settings = load_settings()
    return take_folder(open_database(settings), settings, folder, "flow", narrator())


@task(
    task_run_name="read files from {first} on, of {total}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=12 * 3600,
)
def read_files(
    sha256s: list[str], first: int, total: int, transcribe: bool, workers: int | None
) -> BulkReport:
    """Each is kept as soon as it is read: another try reads only what is left."""
    from features.analysis import Options
    from services.analysis.bulk import Progress, read_assets, waiting
    from services.analysis.desk import Desk

    settings, options = load_settings(), Options(transcribe=transcribe)
    engine = open_database(settings)
    with Desk.for_many(settings, workers) as desk:
        chosen = waiting(engine, settings, desk, options, set(sha256s))
        return read_assets(
            engine, settings, desk, chosen, source="flow", options=options,
            progress=Progress(total, narrator(), done_before=first - 1),
        )  # fmt: skip


@flow(name="analyze", flow_run_name=_run_name, timeout_seconds=24 * 3600)
def analyze(folder: Path | None = None, transcribe: bool = True, workers: int | None = None) -> BulkReport:
    """Read every file beneath `folder`, or all that belong to posts. What was read before is not read again."""
    from features.analysis import Options
    from services.analysis.bulk import BulkReport, waiting
    from services.analysis.desk import Desk
    from services.content.assets import linked

    settings = load_settings()
    engine = open_database(settings)
    refused: list[tuple[str, str]] = []
    if folder is None:
        wanted = linked(engine, settings.workspace)
    else:
        wanted, refused = take_in(folder)
    with Desk.for_many(settings, workers) as desk:
        left = [
            one.file.sha256 for one in waiting(engine, settings, desk, Options(transcribe=transcribe), wanted)
        ]
    report = BulkReport(cached=len(wanted) - len(left), refused=tuple(refused))
    narrator()(f"{len(left):,} files to read, {report.cached:,} were read before")
    for start in range(0, len(left), FILES_PER_TASK):
        part = left[start : start + FILES_PER_TASK]
        report += read_files(part, start + 1, len(left), transcribe, workers)
    _leave(report)
    return report


def _leave(report: BulkReport) -> None:
    summary = {
        "read": report.read, "read before": report.cached, "refused": len(report.refused), "seconds": report.seconds,
        "files a second": report.read / report.seconds if report.seconds else None,
    }  # fmt: skip
    table("analysis", [summary], "Files read.")
    rows = [{"file": name, "reason": reason} for name, reason in report.refused[:SHOWN]]
    table("analysis-refused", rows, f"Files that were not read (the first {SHOWN}).")
