"""Which of our dependency groups are installed, read from our own metadata. Imports none of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

LABELS = {
    "": "kernel",
    "features": "features",
    "media": "reading media",
    "speech": "transcription",
    "registry": "registry",
    "serving": "serving",
    "training": "training",
    "flows": "flows",
    "dashboard": "dashboard",
    "sample": "sample corpus",
}
SHOWN = 4
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*([^;]*?)\s*(?:;\s*(.*))?$")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


@dataclass(frozen=True)
class Group:
    """`name` is the extra ('' for the kernel); `main` the first installed ones, with version;
    `unfit` those of a version we do not work with."""

    name: str
    label: str
    main: tuple[str, ...]
    missing: tuple[str, ...]
    unfit: tuple[str, ...]

    @property
    def installed(self) -> bool:
        return bool(self.main)


def groups() -> list[Group]:
    """The groups of our own pyproject, as installed here."""
    wanted: dict[str, list[tuple[str, str]]] = {name: [] for name in LABELS}
    for line in requires("creatorlens") or []:
        found = _REQUIREMENT.match(line)
        if found is None:
            continue
        name, bounds, marker = found.group(1), found.group(2), found.group(3) or ""
        extra = _EXTRA.search(marker)
        group = extra.group(1) if extra else ""
        if group in wanted and name.lower() != "creatorlens":
            wanted[group].append((name, bounds))
    return [_group(name, needs) for name, needs in wanted.items()]


def _group(name: str, needs: list[tuple[str, str]]) -> Group:
    main, missing, unfit = [], [], []
    for package, bounds in needs:
        try:
            installed = version(package)
        except PackageNotFoundError:
            missing.append(package)
            continue
        if not _fits(installed, bounds):
            unfit.append(f"{package} {installed} is installed, {bounds} is needed")
        main.append(f"{package} {installed}")
    shown = main[:SHOWN] + ([f"and {len(main) - SHOWN} more"] if len(main) > SHOWN else [])
    return Group(name, LABELS[name], tuple(shown), tuple(missing), tuple(unfit))


def _fits(installed: str, bounds: str) -> bool:
    """True also where the packaging library, which judges bounds, is not installed."""
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:
        return True
    return SpecifierSet(bounds).contains(installed, prereleases=True)
