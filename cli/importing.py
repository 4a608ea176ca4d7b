"""`creatorlens import`, `quarantine` and `quality`: tables in, and what was wrong with them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import emit, say

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object as the last line of stdout.")]


def register(app: typer.Typer) -> None:
    app.command("import")(import_tables)
    app.command()(quarantine)
    app.command()(quality)


def import_tables(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Parquet or CSV tables, or folders of them. Their kind is told by their columns."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Take in posts, observations, creators, experiments and media. The same file again changes nothing."""
    from cli.revising import revise_after_import
    from creatorlens.database import open_database
    from creatorlens.database.faults import telling_faults
    from creatorlens.settings import load_settings
    from services.content.importing import import_files

    settings = load_settings()
    with telling_faults("opening the database"):
        engine = open_database(settings)
    reports = [asdict(report) for report in import_files(engine, settings, files, progress=say)]
    seen = [report for report in reports if report["kind"] == "observations" and report["rows_taken"]]
    revised = revise_after_import(engine, settings, [name for report in seen for name in report["platforms"]])
    counts = ("rows_read", "rows_taken", "rows_unchanged", "rows_duplicate", "rows_quarantined")
    total = {name: sum(report[name] for report in reports) for name in counts}
    emit(
        {"files": reports, "total": total, "revised": revised},
        as_json=as_json,
        lines=lambda: _import_lines(reports, total),
    )


def quarantine(
    limit: Annotated[int, typer.Option(min=1, help="How many rows to show, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the rows that were not taken, each with the rule it breaks."""
    from creatorlens.database import open_database
    from creatorlens.settings import load_settings
    from services.content.quarantining import quarantined

    settings = load_settings()
    rows, reasons = quarantined(open_database(settings), settings.workspace, limit)
    payload = {"total": sum(reasons.values()), "reasons": reasons, "rows": [asdict(row) for row in rows]}

    def lines() -> list[str]:
        if not reasons:
            return ["Nothing in quarantine."]
        shown = [f"{row.file} row {row.row_number}: {row.expectation}: {row.detail}" for row in rows]
        return [*shown, f"{payload['total']:,} rows in quarantine: {_reasons(reasons)}."]

    emit(payload, as_json=as_json, lines=lines)


def quality(as_json: AsJson = False) -> None:
    """Check everything stored against the row rules and write data docs to look at."""
    from creatorlens.database import open_database
    from creatorlens.database.faults import telling_faults
    from creatorlens.settings import load_settings
    from services.content.quality import report_quality

    settings = load_settings()
    say("Checking what is stored")
    with telling_faults("writing the data docs"):
        report = report_quality(open_database(settings), settings)

    def lines() -> list[str]:
        told = [
            f"{one.table:<13} {one.rows:>9,} rows  {one.expectations:>3} expectations  "
            + (f"broken: {', '.join(one.failed)}" if one.failed else "all met")
            for one in report.tables
        ]
        apart = (
            f"In quarantine: {_reasons(report.quarantined)}."
            if report.quarantined
            else "Nothing in quarantine."
        )
        return [*told, apart, f"Data docs: {report.index}"]

    emit(asdict(report), as_json=as_json, lines=lines)


def _import_lines(reports: list[dict[str, Any]], total: dict[str, int]) -> list[str]:
    width = max(len(report["file"]) for report in reports)
    lines = [f"{'file':<{width}}  {'kind':<12} {'rows':>9} {'taken':>9} {'unchanged':>9} {'quarantined':>11}"]
    for report in reports:
        lines.append(_row(report["file"], report["kind"], report, width))
        if report["rows_duplicate"]:
            lines.append(f"  {report['rows_duplicate']:,} of the unchanged stand more than once in the file")
        if report["reasons"]:
            lines.append(f"  quarantined: {_reasons(report['reasons'])}")
        lines += [f"  note: {remark}" for remark in report["remarks"]]
    if len(reports) > 1:
        lines.append(_row("all", "", total, width))
    if total["rows_quarantined"]:
        lines.append("`creatorlens quarantine` shows the rows that were not taken and why.")
    return lines


def _row(file: str, kind: str, counts: dict[str, Any], width: int) -> str:
    read, taken, unchanged, apart = (
        counts[f"rows_{name}"] for name in ("read", "taken", "unchanged", "quarantined")
    )
    return f"{file:<{width}}  {kind:<12} {read:>9,} {taken:>9,} {unchanged:>9,} {apart:>11,}"


def _reasons(reasons: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in reasons.items())
