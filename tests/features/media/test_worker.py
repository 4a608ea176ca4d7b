"""A file may hang, swell or crash its reader: the reader goes, the parent and the next job do not notice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from creatorlens.reading.files import FrameHash, Refusal
from creatorlens.settings import Settings
from features.media.limits import MIB, Limits
from features.media.worker import Workers

FEW = Limits(seconds=1.5, memory_bytes=300 * MIB)


@pytest.fixture(scope="module")
def workers(readers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    settings = Settings(home=tmp_path_factory.mktemp("home"), database_url="postgresql://u:secret@h/d")
    with Workers(1, f"{readers}:make_obedient", settings, FEW) as made:
        yield made


def refused(workers: Workers, job: tuple[str, object]) -> Refusal:
    found = workers.run(job)
    assert isinstance(found, Refusal), found
    return found


def test_plain_values_arrays_and_our_records_come_back(workers: Workers) -> None:
    assert workers.run(("echo", {"a": [1, None, "ä", b"\x00"]})) == {"a": [1, None, "ä", b"\x00"]}
    picture = np.arange(2_000_000, dtype=np.uint8).reshape(1000, 2000)
    assert np.array_equal(workers.run(("echo", picture)), picture)
    assert workers.run(("echo", np.float32(0.5))) == np.float32(0.5)
    assert workers.run(("record", 1.5)) == FrameHash(at_s=1.5, hash="00ff00ff00ff00ff")


def test_the_reader_is_made_once_per_process(workers: Workers) -> None:
    assert workers.run(("made", None)) == workers.run(("made", None))


def test_what_takes_too_long_is_ended_and_the_next_job_goes_on(workers: Workers) -> None:
    _, before = workers.run(("made", None))
    for job in (("sleep", 60), ("spin", None)):
        assert refused(workers, job).reason == "over_time"
    _, after = workers.run(("made", None))
    assert after != before
    assert not alive(before)


def test_a_job_may_be_given_more_time(workers: Workers) -> None:
    assert workers.run(("sleep", 2.0), seconds=30) is None


def test_what_takes_too_much_memory_is_ended(workers: Workers) -> None:
    outcome = workers.measure(("hold", None), seconds=60)
    assert isinstance(outcome.result, Refusal)
    assert outcome.result.reason == "over_memory"
    assert outcome.peak_bytes < 2 * FEW.memory_bytes
    assert workers.run(("echo", 1)) == 1


def test_what_earlier_jobs_left_is_not_held_against_a_file(readers: str, tmp_path: Path) -> None:
    with Workers(1, f"{readers}:make_obedient", Settings(home=tmp_path), FEW) as fresh:
        _, before = fresh.run(("made", None))
        fresh.run(("keep", 150))
        assert fresh.run(("need", 140)) == 140
        _, after = fresh.run(("made", None))
    assert after != before


def test_one_huge_allocation_is_refused_by_the_system(workers: Workers) -> None:
    assert refused(workers, ("ask", 64 * 1024 * MIB)).reason == "over_memory"
    assert workers.run(("echo", 1)) == 1


@pytest.mark.parametrize(("job", "how"), [(("crash", None), "SIGSEGV"), (("exit", 3), "exit code 3")])
def test_a_crash_is_a_broken_file(workers: Workers, job: tuple[str, object], how: str) -> None:
    found = refused(workers, job)
    assert found.reason == "broken"
    assert how in found.words
    assert workers.run(("echo", 1)) == 1


def test_errors_become_refusals_with_their_reason(workers: Workers) -> None:
    found = refused(workers, ("refuse", None))
    assert (found.reason, found.hint) == ("too_many_pixels", "Shrink it.")
    assert refused(workers, ("bad input", None)).reason == "broken"
    ours = refused(workers, ("fail", "nose"))
    assert ours.reason == "failed"
    assert "nose" in ours.words


def test_a_worker_that_lies_cannot_run_code_in_the_parent(workers: Workers, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    assert refused(workers, ("lie", str(mark))).reason == "failed"
    assert not mark.exists()
    assert refused(workers, ("unpicklable", None)).reason == "failed"
    assert workers.run(("echo", 1)) == 1


def test_what_a_library_prints_does_not_disturb_the_answer(workers: Workers) -> None:
    assert workers.run(("print", "x" * 100_000)) == "said"


def test_no_secret_reaches_a_worker(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    assert workers.run(("settings", None))[0] is True
    assert not [name for name in workers.run(("environment", None)) if name.startswith("CREATORLENS_")]


def test_no_core_is_dumped(workers: Workers) -> None:
    assert workers.run(("core", None)) == (0, 0)


def test_temporary_files_go_with_the_job(workers: Workers) -> None:
    folder = Path(workers.run(("leave", None)))
    assert Path(tempfile.gettempdir()) in folder.parents
    assert not folder.exists()
    assert list(folder.parent.iterdir()) == []


def test_processes_a_reader_started_end_with_it(workers: Workers) -> None:
    pid = workers.run(("child", None))
    assert alive(pid)
    refused(workers, ("exit", 1))
    until(lambda: not alive(pid))


def test_a_reader_that_cannot_be_made_is_our_fault_and_says_why(readers: str, tmp_path: Path) -> None:
    with (
        Workers(1, f"{readers}:make_broken", Settings(home=tmp_path), FEW) as broken,
        pytest.raises(RuntimeError, match="the weights are nowhere"),
    ):
        broken.run(("echo", 1))


def test_many_jobs_on_two_workers_each_with_its_outcome(readers: str, tmp_path: Path) -> None:
    jobs = [("echo", number) for number in range(40)]
    jobs[7] = ("crash", 0)
    heard: list[int] = []
    with Workers(2, f"{readers}:make_obedient", Settings(home=tmp_path), FEW) as two:
        found = list(two.map(iter(jobs), heard.append))
    assert heard == list(range(1, 41))
    assert sorted(job[1] for job, _ in found if job[0] == "echo") == [n for n in range(40) if n != 7]
    for (what, number), outcome in found:
        if what == "echo":
            assert outcome.result == number
        else:
            assert outcome.result.reason == "broken"


def test_closing_leaves_no_process_and_no_file(readers: str, tmp_path: Path) -> None:
    workers = Workers(1, f"{readers}:make_obedient", Settings(home=tmp_path), FEW)
    _, pid = workers.run(("made", None))
    folder = workers._keeper._folder
    guard = workers._keeper._guard
    assert folder is not None
    assert guard is not None
    workers.close()
    workers.close()
    assert not alive(pid)
    assert not alive(guard.pid)
    assert not folder.exists()
    with pytest.raises(RuntimeError, match="closed"):
        workers.run(("echo", 1))


def test_closing_does_not_wait_for_a_busy_worker_nor_blame_its_file(readers: str, tmp_path: Path) -> None:
    workers = Workers(1, f"{readers}:make_obedient", Settings(home=tmp_path), Limits(seconds=600))
    workers.run(("echo", 1))
    raised: list[BaseException] = []

    def read() -> None:
        try:
            workers.run(("sleep", 600))
        except RuntimeError as error:
            raised.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(0.3)
    workers.close()
    thread.join(20)
    assert not thread.is_alive()
    assert "closed while one was reading" in str(raised[0])


def test_whoever_stops_listening_waits_for_what_runs_alone(readers: str, tmp_path: Path) -> None:
    jobs = iter([("echo", number) for number in range(1000)])
    with Workers(1, f"{readers}:make_obedient", Settings(home=tmp_path), FEW) as workers:
        for job, outcome in workers.map(jobs):
            assert outcome.result == job[1]
            break
        assert len(list(jobs)) > 990
        assert workers.run(("echo", 1)) == 1


PARENT = """
import sys
sys.path[:0] = {path!r}
from creatorlens.settings import Settings
from features.media.limits import Limits
from features.media.worker import Workers
workers = Workers(1, "{readers}:make_obedient", Settings(home={home!r}), Limits(seconds=600))
print(workers.run(("made", None))[1], workers._keeper._guard.pid, workers._keeper._folder, flush=True)
workers.run(("{what}", 600))
"""


@pytest.mark.parametrize("what", ["spin", "sleep"])
def test_a_killed_parent_leaves_no_process_and_no_file(readers: str, tmp_path: Path, what: str) -> None:
    code = PARENT.format(path=sys.path, readers=readers, home=str(tmp_path), what=what)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker, guard, folder = parent.stdout.readline().split()
        time.sleep(0.3)  # busy in its job by now
        assert alive(int(worker))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    until(lambda: not alive(int(worker)))
    until(lambda: not Path(folder).exists() and not alive(int(guard)))


def alive(pid: int) -> bool:
    """Running; a zombie that its parent has not looked at is not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def until(true: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    assert callable(true)
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


assert os.name == "posix"
