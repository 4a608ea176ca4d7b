"""What every room's tests share: settings on a home of their own, both databases, the real tables.

A test that asks for `engine` runs twice, on SQLite and on a real PostgreSQL 15; its `settings` then
point to the same database. A test that asks for `settings` alone gets SQLite.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from creatorlens.database import open_database
from creatorlens.settings import Settings

REPO = Path(__file__).parents[1]
POSTGRES_BINARIES = Path("/usr/lib/postgresql/15/bin")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files to processes, the browser's together: their home takes minutes to fill and is filled once."""
    from xdist.scheduler import LoadFileScheduling

    class WithOneHome(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            browser = "tests/e2e/"
            return browser if nodeid.startswith(browser) else super()._split_scope(nodeid)

    return WithOneHome(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _no_outer_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the caller's shell sets for CreatorLens must not reach a test."""
    for name in [name for name in os.environ if name.startswith("CREATORLENS_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real tables beside the project."""
    return _shared("data", "real tables")


@pytest.fixture(scope="session")
def shared_weights() -> Path:
    """The folder of small real weights beside the project."""
    return _shared("weights", "small real weights")


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """The folder of real and broken media beside the project."""
    return _shared("media", "real and broken media")


def _shared(name: str, what: str) -> Path:
    folder = REPO.parent / "shared" / name
    if not folder.is_dir():
        pytest.skip(f"the {what} (../shared/{name}) are not on this machine")
    return folder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        both = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
        metafunc.parametrize("backend", both, indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


@pytest.fixture
def settings(tmp_path: Path, backend: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings on a home of this test's own."""
    if backend == "sqlite":
        yield Settings(home=tmp_path / "home")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"test_{uuid.uuid4().hex[:12]}"
    server.run_sql(f'CREATE DATABASE "{name}"')
    yield Settings(home=tmp_path / "home", database_url=server.url(name))
    server.run_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """An open, migrated database: SQLite and PostgreSQL in turn."""
    engine = open_database(settings)
    yield engine
    engine.dispose()


@dataclass(frozen=True)
class PostgresServer:
    port: int

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def run_sql(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL 15 on a free port, gone with its folder when the session ends."""
    binaries = _postgres_binaries()
    # Not under pytest's own folder: another user could not enter it.
    folder = Path(tempfile.mkdtemp(prefix="creatorlens-postgres-"))
    owner = _server_user()
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    as_owner = {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    data = folder / "data"
    initdb = [
        binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N",
    ]  # fmt: skip
    made = subprocess.run(initdb, capture_output=True, text=True, cwd=folder, **as_owner)
    if made.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"initdb does not run here: {made.stderr.strip()[-300:]}")
    server = PostgresServer(_free_port())
    options = {
        "port": server.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder,
        "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 40,
    }  # fmt: skip
    command = [binaries / "postgres", "-D", data]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **as_owner)
    try:
        _wait_for(server, process, folder / "log")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_binaries() -> Path:
    found = shutil.which("initdb")
    for folder in [POSTGRES_BINARIES, *([Path(found).resolve().parent] if found else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.skip("PostgreSQL 15's binaries (initdb, postgres) are not on this machine")


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; None where we are somebody else already."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("running as root, and there is no user to run PostgreSQL as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            server.run_sql("SELECT 1")
            return
        except Exception as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}") from error
            time.sleep(0.1)


@pytest.fixture(scope="session")
def quick() -> Any:
    """`training.parameters.Parameters` that cost a fifth of the usual."""
    from training.parameters import Parameters

    small = {"epochs": 6, "patience": 3, "hidden": 8}
    return Parameters.model_validate(
        {
            "boosting": {"rounds": 70, "spread_rounds": 40, "eta": 0.08, "bags": 1},
            "quantiles": {"rounds": 60, "patience": 10, "eta": 0.1, "bags": 1},
            "network": small,
            "sequence": small,
        }
    )


@pytest.fixture(scope="session")
def train_quickly(quick: Any) -> Callable[[Path], None]:
    """`train_quickly(home)`: trainings in this home take `quick` parameters, as tuning leaves them."""
    from creatorlens.platforms import Platform
    from training.tuned import Tuned, write_tuned

    tuned = Tuned(
        parameters=quick, study="tests", value=0.0, base_value=0.0, trials=0, data_hash="", until=""
    )

    def write(home: Path) -> None:
        for platform in Platform:
            write_tuned(home / "tuned" / f"{platform.value}.yaml", tuned)

    return write
