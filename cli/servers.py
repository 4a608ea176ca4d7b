"""What `creatorlens up` starts: the command, environment, address and health check of each server."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from creatorlens.errors import InputError
from creatorlens.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
"""Where our packages lie side by side: the working folder of the servers."""

MLFLOW_SERVER_ENV = {
    # the job runners of `mlflow server` cost ten processes and half a minute, and we use none of them
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""The same as mlflow/server.env, which containers read."""

QUIET = {
    "BENTOML_DO_NOT_TRACK": "True",
    "DO_NOT_TRACK": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "False",
    "FEAST_USAGE": "False",
    "DVC_NO_ANALYTICS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""Nothing we start reports home."""


@dataclass(frozen=True, eq=False)
class Server:
    """`port` None: a worker without an address. `health` None: healthy once it has stayed up `settle_s`."""

    name: str
    label: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    module: str
    extra: str
    address: str | None = None
    health: str | None = None
    port: int | None = None
    port_option: str | None = None
    port_setting: str | None = None
    needs: tuple[str, ...] = ()
    settle_s: float = 3.0


@dataclass(frozen=True)
class Choice:
    """What the user asked `up` for."""

    dashboard: bool = True
    prefect: bool = True
    mlflow: bool = True
    schedules: bool = True


@dataclass(frozen=True)
class Plan:
    servers: tuple[Server, ...]
    left_out: tuple[str, ...] = field(default=())
    """One sentence for each server that was wanted and cannot be started here."""


def plan(settings: Settings, choice: Choice) -> Plan:
    """The servers to start, in the order in which they are needed. Raises InputError where the API,
    without which nothing else is of use, cannot be started."""
    wanted = [_api(settings)]
    if choice.dashboard:
        wanted.append(_dashboard(settings))
    if choice.prefect:
        wanted.append(_prefect(settings))
    if choice.mlflow and not settings.mlflow_uri.startswith(("http:", "https:")):
        wanted.append(_mlflow(settings))
    if choice.prefect and choice.schedules:
        wanted.append(_schedules(settings))
    servers = [server for server in wanted if installed(server.module)]
    missing = [server for server in wanted if server not in servers]
    if any(server.name == "api" for server in missing):
        raise InputError(
            "the API cannot start: BentoML is not installed here.",
            hint="Install the group: pip install 'creatorlens[serving]'",
        )
    names = {server.name for server in servers}
    stranded = [server for server in servers if not set(server.needs) <= names]
    left_out = [
        f"{server.label} is left out: {server.module.split('.')[0]} is not installed "
        f"(pip install 'creatorlens[{server.extra}]')."
        for server in missing
    ]
    left_out += [f"{server.label} is left out: it needs {', '.join(server.needs)}." for server in stranded]
    return Plan(tuple(s for s in servers if s not in stranded), tuple(left_out))


def installed(module: str) -> bool:
    """A real package or module; a bare folder of that name (our mlflow/) does not count."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return False
    return spec is not None and spec.origin is not None


def environment(settings: Settings, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment all servers share: one absolute home, the same ports, no telemetry."""
    home = settings.home
    shared = dict(os.environ if base is None else base) | QUIET
    shared |= {
        "CREATORLENS_HOME": str(home),
        "CREATORLENS_HOST": settings.host,
        "CREATORLENS_API_PORT": str(settings.api_port),
        "CREATORLENS_DASHBOARD_PORT": str(settings.dashboard_port),
        "CREATORLENS_PREFECT_PORT": str(settings.prefect_port),
        "CREATORLENS_MLFLOW_PORT": str(settings.mlflow_port),
        "PREFECT_HOME": str(home / "prefect"),
        "BENTOML_HOME": str(home / "bentoml"),
        "PYTHONUNBUFFERED": "1",
    }
    # spinning OpenMP threads make small fits thirty times slower as soon as two processes share the cores
    shared.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    paths = [str(PROJECT), *filter(None, [shared.get("PYTHONPATH")])]
    shared["PYTHONPATH"] = os.pathsep.join(paths)
    return shared


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


def _http(host: str, port: int, path: str = "") -> str:
    """An address to open from this machine, also where the server listens on every interface."""
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}{path}"  # noqa: S104


def _api(settings: Settings) -> Server:
    return Server(
        name="api",
        label="API",
        command=_python(
            "bentoml",
            "serve",
            "serving.service:CreatorLens",
            "--working-dir",
            str(PROJECT),
            "--host",
            settings.host,
            "--port",
            str(settings.api_port),
        ),
        env={},
        module="bentoml",
        extra="serving",
        address=_http(settings.host, settings.api_port),
        health=_http(settings.host, settings.api_port, "/v1/health"),
        port=settings.api_port,
        port_option="--api-port",
        port_setting="CREATORLENS_API_PORT",
    )


def _dashboard(settings: Settings) -> Server:
    return Server(
        name="dashboard",
        label="Dashboard",
        command=_python(
            "streamlit",
            "run",
            str(PROJECT / "dashboard" / "app.py"),
            "--server.headless",
            "true",
            "--server.address",
            settings.host,
            "--server.port",
            str(settings.dashboard_port),
            "--server.fileWatcherType",
            "none",
        ),
        env={"CREATORLENS_API_URL": settings.api_url or _http(settings.host, settings.api_port)},
        module="streamlit",
        extra="dashboard",
        address=_http(settings.host, settings.dashboard_port),
        health=_http(settings.host, settings.dashboard_port, "/_stcore/health"),
        port=settings.dashboard_port,
        port_option="--dashboard-port",
        port_setting="CREATORLENS_DASHBOARD_PORT",
    )


def _prefect(settings: Settings) -> Server:
    return Server(
        name="prefect",
        label="Prefect",
        command=_python(
            "prefect", "server", "start", "--host", settings.host, "--port", str(settings.prefect_port)
        ),
        env={},
        module="prefect",
        extra="flows",
        address=_http(settings.host, settings.prefect_port),
        health=_http(settings.host, settings.prefect_port, "/api/health"),
        port=settings.prefect_port,
        port_option="--prefect-port",
        port_setting="CREATORLENS_PREFECT_PORT",
    )


def _mlflow(settings: Settings) -> Server:
    return Server(
        name="mlflow",
        label="MLflow",
        command=_python(
            "mlflow", "server", "--host", settings.host, "--port", str(settings.mlflow_port), "--workers", "1"
        ),
        # the store by environment: a PostgreSQL URL holds a password, and arguments show in `ps`
        env={
            **MLFLOW_SERVER_ENV,
            "MLFLOW_BACKEND_STORE_URI": settings.mlflow_uri,
            "MLFLOW_DEFAULT_ARTIFACT_ROOT": settings.mlflow_artifacts.as_uri(),
        },
        module="mlflow",
        extra="registry",
        address=_http(settings.host, settings.mlflow_port),
        health=_http(settings.host, settings.mlflow_port, "/health"),
        port=settings.mlflow_port,
        port_option="--mlflow-port",
        port_setting="CREATORLENS_MLFLOW_PORT",
    )


def _schedules(settings: Settings) -> Server:
    return Server(
        name="schedules",
        label="Schedules",
        command=_python("flows.serve"),
        env={"PREFECT_API_URL": _http(settings.host, settings.prefect_port, "/api")},
        module="flows.serve",
        extra="flows",
        needs=("prefect",),
    )


def prepare(settings: Settings, servers: Sequence[Server]) -> None:
    """The folders the servers expect."""
    for folder in ("logs", "prefect", "bentoml"):
        (settings.home / folder).mkdir(parents=True, exist_ok=True)
    if any(server.name == "mlflow" for server in servers):
        settings.mlflow_artifacts.mkdir(parents=True, exist_ok=True)
