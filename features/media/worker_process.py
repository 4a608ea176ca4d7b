"""One worker as its parent sees it, and the keeper who starts and ends them."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from creatorlens.reading.files import Refusal
from creatorlens.settings import Settings
from features.media.worker_wire import MOST_BYTES, SIZE, frame, load_result

log = structlog.get_logger(__name__)

GLANCE_SECONDS = 0.02  # how often the memory of a busy worker is looked at
PASSED_ON = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONHASHSEED",
    "CUDA_VISIBLE_DEVICES", "CUDA_HOME",
)  # fmt: skip
PASSED_ON_PREFIXES = (
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "HF_HUB_",
    "HF_HOME",
    "TRANSFORMERS_",
    "NUMBA_",
    "XDG_",
    "COV",
)
CHILD = "import sys; sys.path[:] = {path!r}; from features.media.worker_child import main; main({jobs}, {results}, {parent})"
GUARD = 'read -r _; rm -rf -- "$1"; sleep 1; rm -rf -- "$1"'  # reads until the parent is gone


@dataclass(frozen=True)
class Recipe:
    """What a worker is told when it starts."""

    make_reader: str
    settings: Settings
    memory_bytes: int


class WorkerDied(Exception):
    """The process ended while it was reading; `code` as in `Popen.returncode`."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"worker ended with {code}")
        self.code = code
        self.said = said

    def refusal(self) -> Refusal:
        if self.code == -signal.SIGKILL:  # not by us: the system was short of memory
            return Refusal(reason="over_memory", words="its reader was ended by the system: out of memory.")
        how = signal.Signals(-self.code).name if self.code < 0 else f"exit code {self.code}"
        return Refusal(
            reason="broken",
            words=f"a decoder crashed over it ({how}).",
            hint="The file is damaged or made to do harm; export it again from its source.",
        )


class Worker:
    """A running process, its two pipes and its folder. Used by one thread at a time."""

    def __init__(self, process: subprocess.Popen[bytes], jobs: int, results: int, folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.jobs = 0
        self.peak_bytes = 0
        self.fit = True
        self._jobs = jobs
        self._results = results

    def alive(self) -> bool:
        return self.process.poll() is None

    def wait_ready(self, seconds: float) -> None:
        """Raises RuntimeError with the worker's own words where it could not be set up."""
        try:
            status, answer = self._answer(time.monotonic() + seconds, None)
        except (WorkerDied, TimeoutError) as error:
            raise RuntimeError(f"a worker could not be started: {error}\n{self.said()}") from error
        if status != "ready":
            raise RuntimeError(f"a worker could not be started: {answer}\n{self.said()}")

    def send(self, job: Any) -> None:
        self.jobs += 1
        self.peak_bytes = self.resident()
        self.fit = False  # until it has answered
        rest = memoryview(frame(pickle.dumps(job)))
        try:
            while rest:
                rest = rest[os.write(self._jobs, rest) :]
        except BrokenPipeError:
            raise self._death() from None

    def receive(self, deadline: float, memory_bytes: int) -> Any:
        """The answer; TimeoutError, MemoryError or WorkerDied, after any of which the worker is of no use."""
        status, answer = self._answer(deadline, memory_bytes)
        # after a failed allocation libraries may be left half done
        self.fit = not (isinstance(answer, Refusal) and answer.reason == "over_memory")
        if status == "failed":
            log.warning("a reader failed", words=answer.words, said=self.said())
        return answer

    def resident(self) -> int:
        """Bytes of memory it holds now; 0 where the system does not tell."""
        try:
            pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def said(self) -> str:
        """The end of what it printed during the last job."""
        try:
            return (self.folder / "said").read_bytes()[-2000:].decode(errors="replace").strip()
        except OSError:
            return ""

    def tidy(self) -> None:
        """Remove what a job left in its temporary folder, and what it printed."""
        for left in (self.folder / "tmp").iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        os.truncate(self.folder / "said", 0)

    def kill(self) -> None:
        """End it with all it started. Whoever waits for its answer hears that it died."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Kill it, close its pipes, remove its folder. For the thread that uses it; twice does no harm."""
        self.kill()
        for pipe in (self._jobs, self._results):
            if pipe >= 0:
                os.close(pipe)
        self._jobs = self._results = -1
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answer(self, deadline: float, memory_bytes: int | None) -> tuple[str, Any]:
        head = self._read(SIZE.size, deadline, memory_bytes)
        (size,) = SIZE.unpack(head)
        if size > MOST_BYTES:
            raise WorkerDied(1, "an answer of impossible size")
        try:
            return load_result(self._read(size, deadline, memory_bytes))
        except (
            pickle.UnpicklingError,
            ValueError,
            TypeError,
            AttributeError,
            ImportError,
            EOFError,
        ) as error:
            log.warning("a worker gave what is not a result", error=str(error))
            refused = Refusal(reason="failed", words=f"its reader gave what is not a result ({error}).")
            return "failed", refused

    def _read(self, size: int, deadline: float, memory_bytes: int | None) -> bytes:
        data = bytearray()
        while len(data) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            ready = select.select([self._results], [], [], min(left, GLANCE_SECONDS))[0]
            held = self.resident()
            self.peak_bytes = max(self.peak_bytes, held)
            if memory_bytes is not None and held > memory_bytes:
                raise MemoryError
            if not ready:
                continue
            part = os.read(self._results, min(1 << 20, size - len(data)))
            if not part:
                raise self._death()
            data += part
        return bytes(data)

    def _death(self) -> WorkerDied:
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # closed its pipe and lives on: not to be trusted
            code = 1
        said = self.said()
        log.warning("a worker died", code=code, said=said)
        return WorkerDied(code, said)


class Keeper:
    """Starts workers from one thread of its own, because the kernel ends a process marked to die with its parent
    when the *thread* that started it ends. Owns the folder of all workers and the guard who removes it."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._owner = os.getpid()
        self._folder: Path | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._wanted: queue.SimpleQueue[Future[Worker] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._workers: set[Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> Worker:
        """A process that begins to set itself up."""
        with self._lock:
            if self._closed:
                raise RuntimeError("these workers are closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)
                self._thread.start()
        future: Future[Worker] = Future()
        self._wanted.put(future)
        return future.result()

    def end(self, worker: Worker | None) -> None:
        if worker is None:
            return
        with self._lock:
            self._workers.discard(worker)
        worker.end()

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        if self._closed or os.getpid() != self._owner:  # a forked copy must not end its parent's workers
            return
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, set()
        for worker in workers:  # not their pipes: another thread may be reading from one
            worker.kill()
        self._wanted.put(None)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._guard is not None:
            self._guard.kill()
            self._guard.wait()
            assert self._guard.stdin is not None
            self._guard.stdin.close()

    def _keep(self) -> None:
        while (future := self._wanted.get()) is not None:
            try:
                worker = self._start()
                with self._lock:
                    closed = self._closed
                    if not closed:
                        self._workers.add(worker)
                if closed:
                    worker.end()
                    raise RuntimeError("these workers are closed")
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(worker)

    def _start(self) -> Worker:
        folder = Path(tempfile.mkdtemp(dir=self._home()))
        (folder / "tmp").mkdir()
        jobs_in, jobs_out = os.pipe()
        results_in, results_out = os.pipe()
        path = [entry or str(Path.cwd()) for entry in sys.path]
        code = CHILD.format(path=path, jobs=jobs_in, results=results_out, parent=os.getpid())
        with (folder / "said").open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, pass_fds=(jobs_in, results_out),
                env=_environment(folder), start_new_session=True,
            )  # fmt: skip
        os.close(jobs_in)
        os.close(results_out)
        worker = Worker(process, jobs_out, results_in, folder)
        with contextlib.suppress(BrokenPipeError):  # it died at once; whoever waits for it will see
            os.write(jobs_out, frame(pickle.dumps(self._recipe)))
        return worker

    def _home(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="creatorlens-workers-"))
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "creatorlens-guard", str(self._folder)],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        return self._folder


def _environment(folder: Path) -> dict[str, str]:
    """What a worker may see of ours: no keys, no addresses."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in PASSED_ON or name.startswith(PASSED_ON_PREFIXES)
    }
    return {**kept, "TMPDIR": str(folder / "tmp"), "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "2"}
