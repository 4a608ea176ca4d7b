"""`creatorlens doctor` on a bare home, a broken one, and for scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli import checkup
from creatorlens.settings import Settings

REPO = Path(__file__).resolve().parents[2]


def doctor(home: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CREATORLENS_")}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "doctor", *arguments],
        env={**clean, "CREATORLENS_HOME": str(home), "CREATORLENS_TEXT_ENCODER": "none", **env},
        cwd=REPO, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_a_bare_machine_is_in_order_and_nothing_is_made(tmp_path):
    home = tmp_path / "home"
    ran = doctor(home, "--json")
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout.splitlines()[-1])
    assert report["ok"]
    checks = {check["name"]: check for check in report["checks"]}
    assert checks["Python"]["status"] == "ok"
    assert "pandas" in checks["kernel"]["detail"]
    assert "made by the first import" in checks["database"]["detail"]
    assert not home.exists()


def test_what_is_degraded_comes_with_its_cost_and_what_to_do(tmp_path):
    ran = doctor(tmp_path)
    assert "switched off: titles and texts count only by their form" in ran.stdout
    assert "→ unset CREATORLENS_TEXT_ENCODER" in ran.stdout


def test_a_database_that_cannot_be_reached_is_broken_and_its_password_hidden(tmp_path):
    url = "postgresql+psycopg://me:hunter2@127.0.0.1:1/nowhere"
    ran = doctor(tmp_path, CREATORLENS_DATABASE_URL=url)
    assert ran.returncode == 1
    assert "cannot be reached" in ran.stdout
    assert "hunter2" not in ran.stdout + ran.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_broken(tmp_path):
    tmp_path.chmod(0o500)
    assert doctor(tmp_path / "home").returncode == 1


def test_a_check_that_fails_unexpectedly_does_not_end_the_examination(tmp_path, monkeypatch):
    def burst(_: Settings) -> list[checkup.Check]:
        raise RuntimeError("boom")

    monkeypatch.setattr(checkup, "_database", burst)
    checks = checkup.examine(Settings(home=tmp_path, text_encoder="none"))
    (found,) = [check for check in checks if check.name == "database"]
    assert found.status == "degraded"
    assert "boom" in found.detail
    assert any(check.name == "GPU" for check in checks)
