"""The DVC pipeline on a tiny sample: nothing to do the second time, the same bytes when built from nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

REPO = Path(__file__).parents[2]
CODE = ("creatorlens", "features", "services", "training")
STAGE = "backtest@tiktok"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The repository's pipeline and code in a folder of its own, on one platform and a small corpus."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in CODE:
        shutil.copytree(REPO / name, tmp_path / name, ignore=ignored)
    for name in ("dvc.yaml", ".dvcignore"):
        shutil.copy(REPO / name, tmp_path / name)
    params = yaml.safe_load((REPO / "params.yaml").read_text("utf-8"))
    params["sample"] |= {"channels": 2, "weeks": 60}
    params["platforms"] = {"tiktok": {"until": "2026-09-21", "from": "2026-07-01"}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params), "utf-8")
    dvc(tmp_path, "init", "--no-scm")
    shutil.copy(REPO / ".dvc" / "config", tmp_path / ".dvc" / "config")
    (tmp_path / ".dvc" / "config.local").write_text("[core]\n    no_scm = true\n")
    for folder in ("work", "metrics"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    return tmp_path


def dvc(project: Path, *words: str) -> str:
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(project / "site-cache"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *words], cwd=project, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def test_a_second_build_does_nothing_and_one_from_scratch_gives_the_same_bytes(
    project: Path, train_quickly: Callable[[Path], None]
) -> None:
    train_quickly(project / "data" / "work")
    metrics = project / "data" / "metrics" / "backtest-tiktok.json"
    dvc(project, "repro", STAGE)
    first = metrics.read_bytes()
    found = json.loads(first)
    assert found["n"] > 20
    assert {"mae_ln", "spearman", "coverage80", "floor", "plain_xgboost"} <= found.keys()
    assert "tiktok" in dvc(project, "metrics", "show", "--json")

    again = dvc(project, "repro", STAGE)
    assert "Running stage" not in again
    assert "up to date" in again

    shutil.rmtree(project / "data" / "work")
    metrics.unlink()
    (project / "data" / "work").mkdir()
    train_quickly(project / "data" / "work")
    dvc(project, "repro", "--force", "--no-run-cache", STAGE)
    assert metrics.read_bytes() == first


def test_the_repositorys_pipeline_is_well_formed(tmp_path: Path) -> None:
    stages = yaml.safe_load((REPO / "dvc.yaml").read_text("utf-8"))["stages"]
    assert list(stages) == ["sample", "import", "featurize", "train", "backtest"]
    params = yaml.safe_load((REPO / "params.yaml").read_text("utf-8"))
    assert set(params["platforms"]) == {"youtube", "tiktok", "instagram"}
