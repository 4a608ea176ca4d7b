"""Data docs: the suites and how the store does against them, as pages to look at."""

from __future__ import annotations

import html
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.quality.checking import load, suite, with_derived
from features.quality.rules import Limits

FIRST_PAGE = "overview.html"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>CreatorLens: data quality</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:50rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem;border-bottom:1px solid #ddd}
</style></head><body>
<h1>Data quality</h1>
<p>Every table of the store against the suite of expectations that its rows had to meet on import.</p>
<table><tr><th>Table</th><th>Rows</th><th>Expectations</th><th>Result</th></tr>
ROWS
</table>
<p><a href="index.html">All pages of Great Expectations</a> (its styles need a network).</p>
</body></html>
"""


@dataclass(frozen=True)
class TableQuality:
    """How the rows of one table do: `failed` names the rules that some row breaks."""

    table: str
    rows: int
    expectations: int
    failed: tuple[str, ...]


def build_docs(
    frames: Iterable[tuple[str, pd.DataFrame]], home: Path, limits: Limits
) -> tuple[list[TableQuality], Path]:
    """Validate each (table, frame) and write data docs under `home`; what was found, and the first page.

    The folder is replaced as a whole, so that a reader or a kill never sees half of it.
    """
    home.mkdir(parents=True, exist_ok=True)
    building = home / f".docs-{uuid.uuid4().hex[:8]}.tmp"
    try:
        context = _context(building)
        found = [_validate(context, table, frame, limits) for table, frame in frames]
        context.build_data_docs()
        (building / "site" / FIRST_PAGE).write_text(_overview(found, building / "site"))
        _replace(building / "site", home / "docs")
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return found, home / "docs" / FIRST_PAGE


def _overview(found: list[TableQuality], site: Path) -> str:
    """A first page that needs no network: Great Expectations' own index draws itself with scripts from afar."""
    rows = []
    for one in found:
        page = max(site.glob(f"validations/{one.table}/**/*.html"), default=None)
        name = html.escape(one.table)
        link = f'<a href="{page.relative_to(site).as_posix()}">{name}</a>' if page else name
        verdict = "broken: " + ", ".join(one.failed) if one.failed else "all met"
        cells = (link, f"{one.rows:,}", str(one.expectations), html.escape(verdict))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return _PAGE.replace("ROWS", "\n".join(rows))


def _context(folder: Path) -> Any:
    gx = load()
    context = gx.get_context(mode="file", project_root_dir=folder)
    context.variables.progress_bars = {"globally": False}
    for name in list(context.get_site_names()):
        context.delete_data_docs_site(name)
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder / "site")}
    context.add_data_docs_site(
        "local",
        {
            "class_name": "SiteBuilder",
            "store_backend": store,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    return context


def _validate(context: Any, table: str, frame: pd.DataFrame, limits: Limits) -> TableQuality:
    gx = load()
    rows = with_derived(table, frame).rename_axis(index=None)
    asset = context.data_sources.add_pandas(f"store_{table}").add_dataframe_asset(table)
    definition = gx.ValidationDefinition(
        name=table,
        data=asset.add_batch_definition_whole_dataframe("store"),
        suite=context.suites.add(suite(table, limits)),
    )
    checkpoint = gx.Checkpoint(
        name=table,
        validation_definitions=[context.validation_definitions.add(definition)],
        result_format={"result_format": "BASIC", "partial_unexpected_count": 10},
    )
    run = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": rows})
    outcomes = [outcome for result in run.run_results.values() for outcome in result.results]
    failed = {outcome.expectation_config.meta["name"] for outcome in outcomes if not outcome.success}
    return TableQuality(table, len(frame), len(outcomes), tuple(sorted(failed)))


def _replace(new: Path, old: Path) -> None:
    """The old pages aside, the new ones in, the old ones away."""
    aside = old.with_name(f".{old.name}-{uuid.uuid4().hex[:8]}.old")
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)
