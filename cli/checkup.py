"""The checks behind `creatorlens doctor`. None of them changes anything, and none may crash the rest."""

from __future__ import annotations

import os
import platform as machine
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cli import packages
from cli.ports import is_free
from creatorlens.platforms import Platform
from creatorlens.settings import Settings

Status = Literal["ok", "degraded", "broken", "info"]
MARKS = {"ok": "ok", "degraded": "less", "broken": "NO", "info": "--"}
LITTLE_SPACE = 5 * 1024**3
NO_SPACE = 200 * 1024**2


@dataclass(frozen=True)
class Check:
    """`broken` makes doctor fail; `degraded` costs something, which `detail` names; `remedy` says what to do."""

    name: str
    status: Status
    detail: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        return {"name": self.name, "status": self.status, "detail": self.detail, "remedy": self.remedy}


def examine(settings: Settings) -> list[Check]:
    """Every check, in the order people read them."""
    groups: list[tuple[str, Callable[[Settings], list[Check]]]] = [
        ("python", _python),
        ("packages", _packages),
        ("home", _home),
        ("database", _database),
        ("encoder", _encoder),
        ("weights", _weights),
        ("features", _features),
        ("models", _models),
        ("ports", _ports),
        ("optional", _optional),
        ("compute", _compute),
    ]
    found: list[Check] = []
    for name, group in groups:
        try:
            found += group(settings)
        except Exception as error:
            # a check that fails in a way nobody thought of is a finding, not the end of the examination
            found.append(Check(name, "degraded", f"could not be checked: {type(error).__name__}: {error}"))
    return found


def lines(checks: list[Check]) -> list[str]:
    """For people: one line each, with the remedy beneath."""
    width = max(len(check.name) for check in checks)
    out = []
    for check in checks:
        out.append(f"{MARKS[check.status]:>5}  {check.name:<{width}}  {check.detail}")
        if check.remedy:
            out.append(f"{'':>5}  {'':<{width}}  → {check.remedy}")
    counts = {status: sum(c.status == status for c in checks) for status in ("ok", "degraded", "broken")}
    out.append("")
    out.append(f"{counts['ok']} ok, {counts['degraded']} degraded, {counts['broken']} broken.")
    return out


def _python(_: Settings) -> list[Check]:
    detail = f"{machine.python_version()} on {machine.system()} {machine.machine()}"
    if machine.python_version_tuple()[:2] == ("3", "11"):
        return [Check("Python", "ok", detail)]
    return [
        Check("Python", "broken", detail, "CreatorLens runs on Python 3.11: make setup PYTHON=python3.11")
    ]


def _packages(_: Settings) -> list[Check]:
    checks = []
    for group in packages.groups():
        if group.missing or group.unfit:
            wrong = [f"{name} is missing" for name in group.missing] + list(group.unfit)
            extra = f"[{group.name}]" if group.name else ""
            # without the kernel nothing runs; a group left out on purpose is no fault
            status: Status = "broken" if not group.name else "degraded" if group.installed else "info"
            checks.append(
                Check(
                    group.label,
                    status,
                    "; ".join(wrong),
                    f"pip install 'creatorlens{extra}' -c requirements.lock",
                )
            )
        else:
            checks.append(Check(group.label, "ok", ", ".join(group.main)))
    return checks


def _home(settings: Settings) -> list[Check]:
    home = settings.home
    existing = home
    while not existing.exists():
        existing = existing.parent
    if not os.access(existing, os.W_OK):
        return [
            Check("home", "broken", f"{home} cannot be written", "set CREATORLENS_HOME to a folder of yours")
        ]
    free = shutil.disk_usage(existing).free
    detail = f"{home}{'' if home.exists() else ' (not made yet)'}, {free / 1024**3:.1f} GB free"
    if free < NO_SPACE:
        return [Check("home", "broken", detail, "free some space, or set CREATORLENS_HOME to another disk")]
    if free < LITTLE_SPACE:
        return [Check("home", "degraded", detail, "a large import with features needs a few GB")]
    return [Check("home", "ok", detail)]


def _database(settings: Settings) -> list[Check]:
    from cli.checkup_state import database

    status, detail, remedy = database(settings)
    return [Check("database", status, detail, remedy)]


def _encoder(settings: Settings) -> list[Check]:
    from cli.checkup_state import encoder

    status, detail, remedy = encoder(settings)
    return [Check("text encoder", status, detail, remedy)]


def _weights(settings: Settings) -> list[Check]:
    from features.weights.standings import missing

    lacking = missing(settings)
    if not lacking:
        return [Check("weights", "ok", "all the usual ones are here")]
    damaged = [weight.name for weight, found in lacking if found.state == "damaged"]
    detail = f"{len(lacking)} of the usual ones are not here: media is read without what they find"
    if damaged:
        detail += f"; damaged: {', '.join(damaged)}"
    return [
        Check(
            "weights",
            "degraded",
            detail,
            "creatorlens weights list shows what each costs, weights pull fetches",
        )
    ]


def _features(settings: Settings) -> list[Check]:
    from cli.checkup_state import features

    return [
        Check(f"features {platform.value}", *features(settings, platform)) for platform in _imported(settings)
    ]


def _models(settings: Settings) -> list[Check]:
    from cli.checkup_state import models

    imported = _imported(settings)
    if not imported:
        return []
    return [
        Check(f"model {platform.value}", *found) for platform, found in models(settings, imported).items()
    ]


def _imported(settings: Settings) -> list[Platform]:
    from cli.checkup_state import imported

    return imported(settings)


def _ports(settings: Settings) -> list[Check]:
    from cli.servers import Choice, plan

    checks = []
    for server in plan(settings, Choice()).servers:
        if server.port is None:
            continue
        name = f"port {server.port}"
        if is_free(settings.host, server.port):
            checks.append(Check(name, "ok", f"free for {server.label}"))
        else:
            checks.append(
                Check(
                    name, "degraded", f"taken: {server.label} would want it, unless it is running already",
                    f"creatorlens up {server.port_option} PORT, or {server.port_setting}",
                )
            )  # fmt: skip
    return checks


def _optional(_: Settings) -> list[Check]:
    wanted = (
        ("ffmpeg", ("ffmpeg",), "media is read with PyAV, which brings its own; no command needed"),
        ("clamav", ("clamdscan", "clamscan"), "uploads are not scanned for viruses"),
        ("chromium", ("chromium", "chromium-browser", "google-chrome"), "browser tests are skipped"),
        ("postgresql", ("postgres", "/usr/lib/postgresql/15/bin/postgres"), "tests on PostgreSQL are skipped; SQLite serves"),
    )  # fmt: skip
    checks = []
    for name, commands, without in wanted:
        found = next((path for command in commands if (path := shutil.which(command))), None)
        checks.append(
            Check(name, "info", f"not here (optional): {without}")
            if found is None
            else Check(name, "ok", found)
        )
    return checks


def _compute(_: Settings) -> list[Check]:
    gpu = Check("GPU", "info", "none found: the CPU does everything")
    if shutil.which("nvidia-smi"):
        gpu = Check("GPU", "ok", "NVIDIA driver found; PyTorch uses it where it was built for it")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = os.environ.get("OMP_NUM_THREADS")
    passive = os.environ.get("OMP_WAIT_POLICY", "").upper() == "PASSIVE"
    detail = f"{cores} cores, OMP_NUM_THREADS {threads or 'not set'}, OMP_WAIT_POLICY {'PASSIVE' if passive else 'not passive'}"
    if passive or threads == "1" or cores == 1:
        return [gpu, Check("threads", "ok", detail)]
    return [
        gpu,
        Check(
            "threads", "info", detail,
            "where other programs use the cores too, OMP_WAIT_POLICY=PASSIVE makes training many times faster",
        ),
    ]  # fmt: skip
