"""Flows run the real rooms, have readable names, leave artifacts, and know what is worth another try."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from creatorlens.database import open_database
from creatorlens.errors import InputError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings

pytestmark = pytest.mark.usefixtures("prefect_server")
Ask = Callable[[Callable[[Any], Any]], Any]


def run_names(ask: Ask) -> set[str]:
    return {run.name for run in ask(lambda client: client.read_flow_runs())}


def artifact(ask: Ask, key: str) -> Any:
    """The newest one: the server is shared with other tests."""
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
    from prefect.client.schemas.sorting import ArtifactSort

    chosen = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
    newest = ArtifactSort.CREATED_DESC
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = ask(lambda client: client.read_artifacts(artifact_filter=chosen, sort=newest))
        if found:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"no artifact {key}")


def test_ingest_takes_posts_before_observations_and_says_what_it_took(
    corpus: Path, home: Settings, ask: Ask
) -> None:
    from flows.ingest import ingest

    # named in the wrong order on purpose
    files = [corpus / "tiktok.observations.parquet", corpus / "tiktok.posts.parquet"]
    reports = ingest(files)
    assert [report.kind for report in reports] == ["posts", "observations"]
    assert reports[0].rows_quarantined == 2
    assert reports[1].rows_quarantined == 0
    assert "ingest 2 files" in run_names(ask)
    assert "published_at_not_in_future" in artifact(ask, "import").data

    again = ingest(files)
    assert sum(report.rows_taken for report in again) == 0


def test_ingest_without_names_takes_what_lies_in_the_inbox(corpus: Path, home: Settings, ask: Ask) -> None:
    from flows.ingest import ingest

    inbox = home.home / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "tiktok.posts.parquet").write_bytes((corpus / "tiktok.posts.parquet").read_bytes())
    assert [report.file for report in ingest()] == ["tiktok.posts.parquet"]
    assert "ingest the inbox" in run_names(ask)


def test_featurize_skips_what_is_unchanged(corpus: Path, home: Settings, ask: Ask) -> None:
    from flows.featurize import featurize
    from flows.ingest import ingest

    ingest([corpus / "tiktok.posts.parquet", corpus / "tiktok.observations.parquet"])
    first = featurize(embeddings=False)
    assert [report.platform for report in first] == ["tiktok"]
    assert not first[0].skipped
    assert featurize([Platform.TIKTOK], embeddings=False)[0].skipped
    assert {"featurize every platform", "featurize tiktok"} <= run_names(ask)


def test_a_broken_file_is_the_users_to_mend_and_is_not_tried_again(home: Settings, tmp_path: Path) -> None:
    from flows.ingest import import_file, ingest

    broken = tmp_path / "x.posts.parquet"
    broken.write_bytes(b"PAR1 and then nothing")
    started = time.monotonic()
    with pytest.raises(InputError, match=r"x\.posts\.parquet"):
        ingest([broken])
    # the first retry would have waited five seconds
    assert time.monotonic() - started < 5 or import_file.retries == 0


def test_transient_faults_are_tried_again_and_our_own_errors_are_not() -> None:
    from prefect import flow, task

    from flows.retrying import transient

    tried: list[str] = []

    @task(retries=2, retry_delay_seconds=0, retry_condition_fn=transient)
    def stumbles(error: Exception) -> str:
        tried.append(type(error).__name__)
        if len(tried) < 3:
            raise error
        return "done"

    @flow
    def with_trouble(error: Exception) -> str:
        return stumbles(error)

    assert with_trouble(ConnectionError("the database is away")) == "done"
    assert tried == ["ConnectionError"] * 3
    tried.clear()
    with pytest.raises(InputError):
        with_trouble(InputError("no such file"))
    assert tried == ["InputError"]


def test_every_task_retries_and_every_run_has_a_limit() -> None:
    from flows import analyze, featurize, forecast, grade, ingest, promote, train

    tasks = [
        ingest.import_file, featurize.featurize_platform, train.train_platform, promote.promote_version,
        forecast.forecast_platform, grade.grade_outcomes, analyze.take_in, analyze.read_files,
    ]  # fmt: skip
    for task in tasks:
        assert task.retries > 0
        assert task.retry_condition_fn is not None
        assert task.timeout_seconds is not None
        assert task.task_run_name is not None
    for flow in (
        ingest.ingest,
        featurize.featurize,
        train.train,
        promote.promote,
        forecast.forecast,
        grade.grade,
        analyze.analyze,
    ):
        assert flow.timeout_seconds is not None
        assert flow.flow_run_name is not None


def test_the_schedules_are_offered_to_the_server(home: Settings, tmp_path: Path, ask: Ask) -> None:
    """`python -m flows.serve` registers its deployments and waits for their time."""
    import os

    from prefect.settings import PREFECT_API_URL

    env = os.environ | {"PREFECT_API_URL": PREFECT_API_URL.value() or "", "CREATORLENS_HOME": str(home.home)}
    log = tmp_path / "serve.log"
    with log.open("wb") as out:
        serving = subprocess.Popen([sys.executable, "-m", "flows.serve"], env=env, stdout=out, stderr=out)
    try:
        wanted = {"hourly", "daily", "weekly"}
        deadline = time.monotonic() + 90
        found: list[Any] = []
        while time.monotonic() < deadline and serving.poll() is None and len(found) < 8:
            found = ask(lambda client: client.read_deployments())
            time.sleep(0.5)
        assert {deployment.name for deployment in found} == wanted, log.read_text()
        assert len(found) == 8
        assert all(deployment.schedules for deployment in found)
    finally:
        serving.terminate()
        serving.wait(timeout=30)


def test_flows_do_nothing_when_imported(tmp_path: Path) -> None:
    code = "import flows.demo, flows.serve; import os; assert 'PREFECT_HOME' not in os.environ"
    import os

    env = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "CREATORLENS"))}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env=env | {"HOME": str(tmp_path)})
    assert not (tmp_path / ".creatorlens").exists()


def test_nothing_to_grade_is_no_fault(home: Settings) -> None:
    from flows.grade import grade

    open_database(home)
    assert grade().graded == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["grade"], 0, "0 graded"),
        (["grad"], 2, "Did you mean grade?"),
        (["grade", "--set", "platform=nonsense"], 2, "platform"),
    ],
)
def test_one_flow_can_be_run_from_the_command_line(
    home: Settings, words: list[str], code: int, said: str
) -> None:
    import os

    from prefect.settings import PREFECT_API_URL

    env = os.environ | {"PREFECT_API_URL": PREFECT_API_URL.value() or "", "CREATORLENS_HOME": str(home.home)}
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "flow", *words], env=env, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    assert said in done.stderr


def test_models_of_tests_say_why_there_is_nothing_to_learn_from(home: Settings, ask: Ask) -> None:
    from flows.headlines import headlines

    told = headlines()
    assert "creatorlens import" in told["headlines"]
    assert "creatorlens experiments" in told["click-through"]
    assert "models of headlines and pictures" in run_names(ask)
