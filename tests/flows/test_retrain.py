"""Training again where it is due, and back-fill of past dates that goes on after a kill."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from creatorlens.errors import InputError, NotReadyError
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from tests.services.insights.conftest import MEDIAN_MODEL, register_median

YOUTUBE = Platform.YOUTUBE
START = datetime(2026, 1, 5, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def registers(home: Settings, tmp_path: Any) -> Callable[[Platform, datetime], Any]:
    """Training as a flow sees it, quickly: a real registry gets a small model that tells what it knew."""
    from training import tracking

    source = tmp_path / "median_model.py"
    source.write_text(MEDIAN_MODEL)

    def train(platform: Platform, until: datetime) -> Any:
        version = register_median(home, source, platform, alias=None)
        client = tracking.connect(home)
        name = tracking.model_name(platform)
        client.log_param(client.get_model_version(name, version).run_id, "until", until.isoformat())
        client.set_model_version_tag(name, version, "known_until", until.isoformat())
        return SimpleNamespace(version=version, skipped=False)

    return train


def test_a_killed_backfill_goes_on_where_it_was(
    home: Settings, monkeypatch: pytest.MonkeyPatch, registers: Callable[[Platform, datetime], Any]
) -> None:
    from flows import backfill as module

    trained: list[datetime] = []
    promoted: list[str] = []

    def train(platform: Platform, until: datetime) -> Any:
        if until == START:
            raise NotReadyError("3 known outcomes")
        if len(trained) == 1 and not promoted:
            promoted.append("killed")
            raise KeyboardInterrupt
        trained.append(until)
        return registers(platform, until)

    def judged(platform: Platform, version: str) -> Any:
        promoted.append(version)
        return SimpleNamespace(reason=f"version {version} serves")

    monkeypatch.setattr(module, "featurize", lambda platforms: None)
    monkeypatch.setattr(module, "train_platform", train)
    monkeypatch.setattr(module, "promote", judged)
    week = timedelta(days=7)
    with pytest.raises(KeyboardInterrupt):
        _run(module.backfill, YOUTUBE, START, START + 3 * week)
    assert trained == [START + week]

    done = _run(module.backfill, YOUTUBE, START, START + 3 * week)
    assert trained == [START + week, START + 2 * week, START + 3 * week]
    assert [one.version for one in done.dates] == [None, "1", "2", "3"]
    assert [one.skipped for one in done.dates] == ["3 known outcomes", "trained before", None, None]
    # only the newest goes before the gate
    assert promoted == ["killed", "3"]
    assert done.promoted == "version 3 serves"

    again = _run(module.backfill, YOUTUBE, START, START + 3 * week)
    assert [one.version for one in again.dates] == [None, "1", "2", "3"]
    assert len(trained) == 3


def test_past_versions_do_not_replace_one_that_knows_more(
    home: Settings, monkeypatch: pytest.MonkeyPatch, registers: Callable[[Platform, datetime], Any]
) -> None:
    from flows import backfill as module
    from training import tracking

    serving = registers(YOUTUBE, START + timedelta(days=100)).version
    tracking.connect(home).set_registered_model_alias("creatorlens-youtube", "champion", serving)
    monkeypatch.setattr(module, "featurize", lambda platforms: None)
    monkeypatch.setattr(module, "train_platform", registers)
    monkeypatch.setattr(module, "promote", lambda *_: pytest.fail("an older version was promoted"))
    assert _run(module.backfill, YOUTUBE, START, START).promoted is None


def test_only_what_is_due_is_trained(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import retrain as module

    steps: list[str] = []

    def look(platforms: list[Platform]) -> list[Any]:
        steps.append("watch")
        return [
            SimpleNamespace(platform=Platform.YOUTUBE, retrain=True, reason="inputs moved"),
            SimpleNamespace(platform=Platform.TIKTOK, retrain=False, reason="no reason"),
        ]

    monkeypatch.setattr(module, "watch", look)
    monkeypatch.setattr(module, "featurize", lambda platforms: steps.append(f"featurize {platforms[0]}"))
    monkeypatch.setattr(
        module,
        "train",
        lambda p: [SimpleNamespace(version=str(len(steps)))] if not steps.append(f"train {p[0]}") else [],
    )

    def promote(platform: Platform, version: str, actor: str) -> Any:
        steps.append(f"promote {platform} {version} by {actor}")
        return SimpleNamespace(serves="model", reason="beats")

    monkeypatch.setattr(module, "promote", promote)
    asked = [Platform.YOUTUBE, Platform.TIKTOK, Platform.X]
    done = {one.platform: one for one in _run(module.retrain, asked)}
    assert steps[:3] == ["watch", "featurize youtube", "train youtube"]
    assert steps[3] == "promote youtube 3 by flow retrain"
    assert (done["youtube"].retrained, done["youtube"].why, done["youtube"].serves) == (
        True,
        "inputs moved",
        "model",
    )
    assert (done["tiktok"].retrained, done["tiktok"].why) == (False, "no reason")
    assert done["x"].why == "no model serves it yet"
    assert not any("tiktok" in step for step in steps)
    assert all(one.retrained for one in _run(module.retrain, asked, force=True))


@pytest.mark.parametrize(("days", "every", "n"), [(21, 7, 4), (20, 7, 3), (0, 7, 1), (1, 0.5, 3)])
def test_dates_run_from_the_first_to_the_last(days: float, every: float, n: int) -> None:
    from flows.backfill import dates

    found = dates(START, START + timedelta(days=days), every)
    assert len(found) == n
    assert found[0] == START
    assert found[-1] <= START + timedelta(days=days)


@pytest.mark.parametrize(("days", "every"), [(-1, 7), (7, 0), (10_000, 1)])
def test_dates_that_make_no_sense_are_refused(days: float, every: float) -> None:
    from flows.backfill import dates

    with pytest.raises(InputError):
        dates(START, START + timedelta(days=days), every)


def test_a_platform_without_a_model_is_watched_by_saying_so(home: Settings) -> None:
    from flows.watch import watch

    assert watch([Platform.TIKTOK]) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--until", "2026-01-01"], "--since"),
        (["--since", "2026-01-01"], "--platform"),
        (["--platform", "tiktok", "--since", "soon"], "not a date"),
        (["--platform", "tiktok", "--since", "2026-01-01", "--every", "often"], "--every"),
    ],
)
def test_bad_dates_on_the_command_line_are_refused_before_anything_runs(
    home: Settings, words: list[str], said: str
) -> None:
    from typer.testing import CliRunner

    from cli.main import build

    done = CliRunner().invoke(build(), ["retrain", *words])
    assert isinstance(done.exception, InputError)
    assert said in str(done.exception)


def _run(flow: Any, *args: Any, **kwargs: Any) -> Any:
    return flow(*args, **kwargs)
