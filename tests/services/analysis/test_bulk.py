"""Many files at once: all cores, what a kill leaves is kept, and what was kept is not read again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from creatorlens.database import open_database, tables
from creatorlens.settings import Settings
from features.analysis import Options
from services.analysis.bulk import Progress, read_assets, take_folder, waiting
from services.analysis.desk import Desk
from tests.services.analysis.conftest import Room, jpeg, plain

PICTURES = 60
RUN = """
import sys
from pathlib import Path
from creatorlens.database import open_database
from creatorlens.settings import Settings
from features.analysis import Options
from services.analysis.bulk import read_assets, take_folder, waiting
from services.analysis.desk import Desk
settings = Settings(home=Path(sys.argv[1]), text_encoder="none", malware_scanner="none")
engine = open_database(settings)
with Desk(settings, 2) as desk:
    taken, _ = take_folder(engine, settings, Path(sys.argv[2]), "flow", print)
    left = waiting(engine, settings, desk, Options(), taken)
    read_assets(engine, settings, desk, left, source="flow", progress=lambda n: print("done", n, flush=True))
"""


def test_a_folder_is_read_and_every_file_accounted_for(room: Room) -> None:
    for seed in range(6):
        room.file(f"in/{seed}.jpg", jpeg(seed, size=(160, 90)))
    room.file("again.jpg", jpeg(0, size=(160, 90)))
    room.file("program.exe", b"MZ" + bytes(100))
    room.file("cut.jpg", jpeg(8)[:300])
    taken, refused = take_folder(room.engine, room.settings, room.folder, "flow", print)
    assert len(taken) == 7
    assert refused == [("program.exe", "not_media")]
    left = waiting(room.engine, room.settings, room.desk, Options(), taken)
    heard: list[int] = []
    report = read_assets(room.engine, room.settings, room.desk, left, source="flow", progress=heard.append)
    assert (report.read, report.cached) == (6, 0)
    assert [reason for _, reason in report.refused] == ["broken"]
    assert heard == list(range(1, 8))
    assert waiting(room.engine, room.settings, room.desk, Options(), taken) == []
    room.desk.changed = {"image.look": "image.look:2"}
    assert len(waiting(room.engine, room.settings, room.desk, Options(), taken)) == 7


def test_pictures_read_in_batches_are_read_as_alone_and_a_broken_one_costs_no_other(room: Room) -> None:
    """As on a GPU, where a batch goes through each learned model at once."""
    for seed in range(5):
        room.file(f"{seed}.jpg", jpeg(seed, size=(160, 90)))
    room.file("cut.jpg", jpeg(8)[:300])
    alone = room.analyze(room.file("elsewhere.jpg", jpeg(3, quality=91, size=(160, 90)))).files[0]
    taken, _ = take_folder(room.engine, room.settings, room.folder, "flow", print)
    left = waiting(room.engine, room.settings, room.desk, Options(), taken)
    room.desk.forget()
    report = read_assets(room.engine, room.settings, room.desk, left, source="flow", together=3)
    assert report.read == 5
    assert [reason for _, reason in report.refused] == ["broken"]
    assert len(room.desk.asked) == 2
    batched = room.analyze(room.file("3.jpg", jpeg(3, size=(160, 90)))).files[0]
    assert batched.seconds == {}
    assert batched.image.look.brightness == pytest.approx(alone.image.look.brightness, abs=0.01)
    assert set(batched.image.absent) == set(alone.image.absent)


def test_a_run_that_was_killed_goes_on_without_doing_finished_files_again(tmp_path: Path) -> None:
    folder, home = tmp_path / "pictures", tmp_path / "home"
    folder.mkdir()
    for seed in range(PICTURES):
        (folder / f"{seed}.jpg").write_bytes(jpeg(seed, size=(160, 90)))
    code = [sys.executable, "-c", RUN, str(home), str(folder)]
    running = subprocess.Popen(code, stdout=subprocess.PIPE, text=True, env=_quiet())
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith("done") and int(line.split()[1]) >= 10:
            break
    children = _children(running.pid)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert len(children) >= 2
    _gone(children)

    settings = plain(home)
    engine = open_database(settings)
    before = _read_files(engine)
    assert 10 <= before < PICTURES
    with Desk(settings, 2) as desk:
        left = waiting(engine, settings, desk, Options())
        assert len(left) == PICTURES - before
        report = read_assets(engine, settings, desk, left, source="flow")
    # the few under way when it was killed may have kept their parts, not yet their summary
    assert report.read + report.cached == PICTURES - before
    assert report.cached <= 4
    assert _read_files(engine) == PICTURES
    engine.dispose()


def test_progress_tells_how_far_it_is_and_how_long_it_will_take(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 4.0, 10.0])
    monkeypatch.setattr("services.analysis.bulk.time.monotonic", lambda: next(clock))
    said: list[str] = []
    told = Progress(1_000, said.append, done_before=500)
    told(20)
    told(100)
    assert said == ["600 of 1,000 files read, 10.0 a second, about 1 min left"]


def test_what_is_shown_is_taken_over_from_the_same_picture_at_another_quality(
    room: Room, shared_weights: Path, tmp_path: Path
) -> None:
    """With learned models: scene and embedding are lent, light and sharpness are read of the picture's own bytes."""
    from tests.services.analysis.conftest import WatchedDesk

    settings = room.settings.model_copy(update={"weights": str(shared_weights)})
    with WatchedDesk(settings, workers=1) as desk:
        learned = Room(room.engine, settings, desk, tmp_path / "learned")
        first = learned.analyze(learned.file("cover.jpg", jpeg(1))).files[0]
        assert first.image.embedding is not None
        again = learned.analyze(learned.file("again.jpg", jpeg(1, quality=55, size=(240, 135)))).files[0]
        third = learned.analyze(learned.file("third.jpg", jpeg(1, quality=45, size=(300, 169)))).files[0]
    assert {"image.scene", "image.objects", "image.safety", "image.embedding"} <= set(again.from_alike)
    assert set(again.from_alike.values()) == {first.file.sha256}
    assert again.image.embedding == first.image.embedding
    assert {"image.look", "image.words", "image.technical_quality"} <= set(again.seconds)
    assert again.image.look != first.image.look
    # what is lent is first-hand, never lent on
    assert set(third.from_alike.values()) == {first.file.sha256}
    assert not {"image.look", "image.technical_quality", "image.words"} & set(third.from_alike)


def _read_files(engine: object) -> int:
    a = tables.assets.c
    with engine.connect() as connection:  # type: ignore[attr-defined]
        return int(connection.execute(select(func.count()).where(a.read_at.is_not(None))).scalar_one())


def _quiet() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1"}


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task")
    return [int(one) for task in listed.iterdir() for one in (task / "children").read_text().split()]


def _gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()], "workers outlived their parent"


def test_settings_say_how_many_workers_there_are(tmp_path: Path) -> None:
    with Desk(Settings(home=tmp_path, analysis_workers=3)) as desk:
        assert desk.count == 3
