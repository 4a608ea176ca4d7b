"""`up` starts everything on this machine; `doctor` tells what works here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import typer

from cli.output import emit, say

if TYPE_CHECKING:
    from cli.servers import Server
    from creatorlens.settings import Settings


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command()(doctor)


def up(
    api_port: int | None = typer.Option(None, help="Port of the API [default: 3000]."),
    dashboard_port: int | None = typer.Option(None, help="Port of the dashboard [default: 8501]."),
    prefect_port: int | None = typer.Option(None, help="Port of Prefect [default: 4200]."),
    mlflow_port: int | None = typer.Option(None, help="Port of MLflow [default: 5000]."),
    dashboard: bool = typer.Option(True, help="Start the dashboard."),
    prefect: bool = typer.Option(True, help="Start Prefect, and with it the schedules."),
    mlflow: bool = typer.Option(True, help="Start MLflow's user interface."),
    schedules: bool = typer.Option(True, help="Serve the flows, so that their schedules run."),
    timeout: float = typer.Option(180.0, help="Seconds to wait for each server to become healthy."),
) -> None:
    """Start API, dashboard, Prefect and MLflow on this machine; Ctrl-C stops them all."""
    from cli import ports, servers
    from cli.supervisor import ServerFailed, Supervisor
    from creatorlens.settings import load_settings

    chosen = {
        "api_port": api_port, "dashboard_port": dashboard_port,
        "prefect_port": prefect_port, "mlflow_port": mlflow_port,
    }  # fmt: skip
    given = {name: port for name, port in chosen.items() if port is not None}
    settings = load_settings().model_copy(update=given)
    plan = servers.plan(
        settings, servers.Choice(dashboard=dashboard, prefect=prefect, mlflow=mlflow, schedules=schedules)
    )
    ports.demand_free(settings.host, plan.servers)
    servers.prepare(settings, plan.servers)
    for sentence in plan.left_out:
        say(sentence)
    say(f"Starting {_listing([server.label for server in plan.servers])}; logs in {settings.home / 'logs'}")
    supervisor = Supervisor(
        env=servers.environment(settings),
        logs=settings.home / "logs",
        on_ready=_ready,
        secrets=_secrets(settings),
        timeout_s=timeout,
    )
    try:
        supervisor.run(plan.servers, lambda: say("All up. Ctrl-C stops them."))
    except ServerFailed as error:
        say(f"{error.server.label} {error.reason} The others were stopped. The end of its log:\n")
        say(error.tail or "(it printed nothing)")
        say(f"\nAll of it: {supervisor.log_of(error.server)}")
        raise typer.Exit(1) from None
    say("Stopped.")


def _ready(server: Server, seconds: float) -> None:
    say(f"  {server.label:<10} {server.address or 'running':<28} after {seconds:.0f} s")


def _listing(labels: list[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def _secrets(settings: Settings) -> list[str]:
    """What must never be shown: the database URL, and passwords in any URL."""
    from urllib.parse import urlsplit

    urls = [settings.database, settings.mlflow_uri, settings.blobs]
    found = [password for url in urls if (password := urlsplit(url).password)]
    if settings.database_url is not None and found:
        found.insert(0, settings.database)
    return found


def doctor(as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout.")) -> None:
    """Tell what works on this machine, what is degraded and why, and what to do about it."""
    from cli import checkup
    from creatorlens.settings import load_settings

    # the encoder is really loaded; its progress bar would come between the lines
    os.environ.setdefault("TQDM_DISABLE", "1")
    settings = load_settings()
    checks = checkup.examine(settings)
    broken = [check for check in checks if check.status == "broken"]
    payload: dict[str, Any] = {
        "home": str(settings.home),
        "ok": not broken,
        "checks": [check.as_dict() for check in checks],
    }
    emit(payload, as_json=as_json, lines=lambda: checkup.lines(checks))
    if broken:
        raise typer.Exit(1)
