"""The flow that reads files in bulk: a folder, then what belongs to posts; a summary stays behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from creatorlens.settings import Settings
from tests.services.analysis.conftest import jpeg

pytestmark = pytest.mark.usefixtures("prefect_server")
Ask = Callable[[Callable[[Any], Any]], Any]


@pytest.fixture
def settings(home: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in (("TEXT_ENCODER", "none"), ("MALWARE_SCANNER", "none"), ("ANALYSIS_WORKERS", "1")):
        monkeypatch.setenv(f"CREATORLENS_{name}", value)
    return home


def test_a_folder_is_read_once_and_the_run_says_so(settings: Settings, tmp_path: Path, ask: Ask) -> None:
    from flows.analyze import analyze

    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(4):
        (folder / f"{seed}.jpg").write_bytes(jpeg(seed, size=(160, 90)))
    (folder / "program.exe").write_bytes(b"MZ" + bytes(100))
    report = analyze(folder=folder)
    assert (report.read, report.cached, report.refused) == (4, 0, (("program.exe", "not_media"),))
    again = analyze(folder=folder)
    assert (again.read, again.cached) == (0, 4)
    assert "analyze pictures" in {run.name for run in ask(lambda client: client.read_flow_runs())}
    found = ask(lambda client: client.read_artifacts())
    assert {"analysis", "analysis-refused"} <= {one.key for one in found}


def test_files_of_posts_wait_until_they_are_read_and_then_are_features(
    settings: Settings, tmp_path: Path
) -> None:
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from features.post_media import read_post_media
    from flows.analyze import analyze
    from flows.ingest import ingest

    (tmp_path / "posts.csv").write_text(
        "post_id,platform,creator_id,published_at,media_type,title,text\n"
        "1,youtube,me,2026-01-01T10:00:00Z,video,One,\n2,youtube,me,2026-01-02T10:00:00Z,video,Two,\n"
    )
    for post in "12":
        (tmp_path / f"{post}.jpg").write_bytes(jpeg(int(post), size=(160, 90)))
    links = pd.DataFrame({"post_id": ["1", "2"], "role": "thumbnail", "path": ["1.jpg", "2.jpg"]})
    links.assign(platform="youtube").to_csv(tmp_path / "media.csv", index=False)
    assert [one.kind for one in ingest([tmp_path / "media.csv", tmp_path / "posts.csv"])] == [
        "posts",
        "media",
    ]
    assert analyze().read == 2
    assert analyze().read == 0
    media = read_post_media(open_database(settings), "local", Platform.YOUTUBE)
    assert list(media.post_ids) == ["1", "2"]
    assert media.numbers["image_brightness"].between(0.2, 0.8).all()
