"""Files in: each recognised, checked, imported; what was taken and what went to quarantine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from prefect import flow, runtime, task

from creatorlens.database import open_database
from creatorlens.errors import NotReadyError
from creatorlens.settings import load_settings
from flows.reporting import link, narrator, table
from flows.retrying import transient
from flows.revise import revise
from flows.selecting import in_import_order

if TYPE_CHECKING:
    from services.content.quality import QualityReport
    from services.content.reports import ImportReport


def _run_name() -> str:
    files = runtime.flow_run.parameters.get("files")
    return "ingest the inbox" if files is None else f"ingest {len(files)} files"


@task(
    task_run_name="import {file.name}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=3600,
)
def import_file(file: Path) -> ImportReport:
    from services.content.importing import import_files

    settings = load_settings()
    return import_files(open_database(settings), settings, [file], progress=narrator())[0]


@task(
    task_run_name="check all that is stored",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    timeout_seconds=3600,
)
def write_data_docs() -> QualityReport:
    from services.content.quality import report_quality

    settings = load_settings()
    return report_quality(open_database(settings), settings)


@flow(name="ingest", flow_run_name=_run_name, timeout_seconds=4 * 3600)
def ingest(files: list[Path] | None = None) -> list[ImportReport]:
    """Import canonical tables or exports; without names, whatever lies in CREATORLENS_HOME/inbox.

    Importing a file again changes nothing, so the inbox need not be emptied.
    """
    settings = load_settings()
    found = sorted((settings.home / "inbox").glob("*.*")) if files is None else files
    reports = [import_file(file) for file in in_import_order(settings, found)]
    table("import", [_row(report) for report in reports], "Rows taken, unchanged and quarantined, by file.")
    if any(report.rows_taken for report in reports):
        docs = write_data_docs()
        link("data-docs", docs.index.as_uri(), "Data docs: every stored table against its suite")
    if any(report.rows_taken and report.kind == "observations" for report in reports):
        _revise(narrator())
    return reports


def _revise(say: Callable[[str], None]) -> None:
    """What was seen changes forecasts; without a model for them the import is done all the same."""
    try:
        revise()
    except NotReadyError as error:
        say(f"forecasts are not revised: {error}")


def _row(report: ImportReport) -> dict[str, object]:
    return {
        "file": report.file,
        "kind": report.kind,
        "read": report.rows_read,
        "taken": report.rows_taken,
        "unchanged": report.rows_unchanged,
        "duplicate": report.rows_duplicate,
        "quarantined": report.rows_quarantined,
        "why": ", ".join(f"{reason}: {n}" for reason, n in report.reasons.items()),
    }
