"""The demo: the whole way through real rooms; a second run skips; a kill in the middle leaves no trace."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

from creatorlens.database import open_database, tables
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from flows.demo import DemoReport

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Finished:
    settings: Settings
    report: DemoReport


def run_demo(settings: Settings, folder: Path) -> DemoReport:
    """In this process, on the tests' Prefect server."""
    from flows.demo import demo
    from services.content.sample import read_manifest

    manifest = read_manifest(folder)
    assert manifest is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREATORLENS_HOME", str(settings.home))
        return demo(folder, datetime.fromisoformat(manifest["cut"]), embeddings=False)


@pytest.fixture(scope="session")
def one_platform(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one-platform") / "tables"
    (folder / "later").mkdir(parents=True)
    for table in corpus.rglob("tiktok.*.parquet"):
        shutil.copy(table, folder / table.relative_to(corpus))
    shutil.copy(corpus / "sample.json", folder)
    return folder


@pytest.fixture(scope="session")
def finished(
    prefect_server: None,
    one_platform: Path,
    tmp_path_factory: pytest.TempPathFactory,
    train_quickly: Callable[[Path], None],
) -> Finished:
    settings = Settings(home=tmp_path_factory.mktemp("finished") / "home")
    train_quickly(settings.home)
    return Finished(settings, run_demo(settings, one_platform))


def ledger_of(settings: Settings) -> pd.DataFrame:
    """What was forecast and how it came out, without what differs between any two runs (ids, clocks)."""
    p, g = tables.predictions.c, tables.grades.c
    query = select(
        p.post_id, p.horizon_h, p.as_of, p.p10, p.p50, p.p90, p.floor, p.model_version, p.input_hash, g.outcome,
        g.ae_ln,
    ).join(
        tables.grades, (p.prediction_id == g.prediction_id) & (p.horizon_h == g.horizon_h), isouter=True
    )  # fmt: skip
    with open_database(settings).connect() as connection:
        rows = connection.execute(query).fetchall()
    frame = pd.DataFrame(rows)
    return frame.sort_values(["post_id", "horizon_h"], ignore_index=True)


def registered(settings: Settings) -> list[tuple[str, list[str]]]:
    """Versions of the model with their aliases."""
    from training.tracking import connect, model_name, versions

    client = connect(settings)
    model = client.get_registered_model(model_name(Platform.TIKTOK))
    aliases: dict[str, list[str]] = {}
    for alias, version in model.aliases.items():
        aliases.setdefault(str(version), []).append(alias)
    found = versions(client, Platform.TIKTOK)
    return [(str(one.version), sorted(aliases.get(str(one.version), []))) for one in found]


def test_it_ends_with_graded_forecasts_of_posts_the_model_had_not_seen(finished: Finished) -> None:
    report = finished.report
    assert [one.kind for one in report.imports[:3]] == ["posts", "creators", "observations"]
    trained = report.trained[Platform.TIKTOK]
    assert trained.version == "1"
    assert report.decisions[Platform.TIKTOK].serves in ("model", "floor")
    assert report.track_record is not None
    assert report.track_record.graded > 10
    book = ledger_of(finished.settings)
    assert book["outcome"].notna().sum() == report.track_record.graded
    # everything was forecast from what was known at the cut, before the later tables were imported
    assert book["as_of"].nunique() == 1
    assert {
        "import and validation",
        "features",
        "training and registration",
        "grading",
    } <= report.seconds.keys()


def test_what_it_found_is_told_in_a_few_lines(finished: Finished, one_platform: Path) -> None:
    from cli.findings import findings, lines

    found = findings(finished.settings, one_platform, finished.report, 12.3)
    told = "\n".join(lines(found))
    assert "synthetic sample corpus" in told
    assert "creatorlens up" in told
    assert "against" in told
    assert found["posts"]["tiktok"] > 200
    assert len(told.splitlines()) < 20


def test_a_second_run_skips_what_is_unchanged(finished: Finished, one_platform: Path) -> None:
    before, versions = ledger_of(finished.settings), registered(finished.settings)
    again = run_demo(finished.settings, one_platform)
    assert sum(one.rows_taken for one in again.imports) == 0
    assert again.trained[Platform.TIKTOK].skipped
    assert [one["forecast_now"] for one in again.forecasts] == [0]
    assert registered(finished.settings) == versions
    pd.testing.assert_frame_equal(ledger_of(finished.settings), before)


def test_runs_have_readable_names_and_leave_artifacts(
    finished: Finished, ask: Callable[[Callable[[Any], Any]], Any]
) -> None:
    names = {run.name for run in ask(lambda client: client.read_flow_runs())}
    assert {
        "demo on tables",
        "train tiktok until 2026-09-21",
        "promote tiktok version 1",
        "grade forecasts",
    } <= names
    assert "forecast tiktok from 2026-09-21 on" in names
    keys = {one.key for one in ask(lambda client: client.read_artifacts())}
    assert {
        "import", "data-docs", "features", "training", "mlflow-tiktok", "promotion-tiktok", "forecasts",
        "track-record",
    } <= keys  # fmt: skip


def test_killed_in_the_middle_and_run_again_it_ends_in_the_same_state(
    finished: Finished, one_platform: Path, tmp_path: Path, train_quickly: Callable[[Path], None]
) -> None:
    from cli.children import MARK, marked

    settings = Settings(home=tmp_path / "home")
    train_quickly(settings.home)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_API")}
    env |= {
        "CREATORLENS_HOME": str(settings.home),
        "PREFECT_HOME": str(settings.home / "prefect"),
        # everything the demo starts carries it on
        MARK: str(tmp_path),
    }
    command = [sys.executable, "-m", "cli.main", "demo", "--data", str(one_platform), "--no-embeddings"]
    running = subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    assert running.stderr is not None
    heard = []
    for line in running.stderr:
        heard.append(line)
        if "log the model" in line:
            break
    assert running.poll() is None, "".join(heard)
    running.send_signal(signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + 20
    while marked({str(tmp_path)}) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not marked({str(tmp_path)}), "the Prefect server outlived the killed demo"

    report = run_demo(settings, one_platform)
    assert sum(one.rows_unchanged for one in report.imports) > 0
    pd.testing.assert_frame_equal(ledger_of(settings), ledger_of(finished.settings))
    assert registered(settings) == registered(finished.settings)


def test_a_folder_without_tables_is_refused_before_anything_starts(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "demo", "--data", str(tmp_path)],
        env=os.environ | {"CREATORLENS_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "canonical tables" in done.stderr
    assert not (tmp_path / "home").exists()


def test_the_notebook_reproduces_a_recorded_forecast_from_the_same_inputs(finished: Finished) -> None:
    import nbformat
    from nbclient import NotebookClient

    path = Path(__file__).parents[2] / "notebooks" / "one_forecast.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "keep outputs out of the repository"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREATORLENS_HOME", str(finished.settings.home))
        NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    said = [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("inputs, all equal" in text for text in said)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    assert any("image/png" in output["data"] for output in shown)
