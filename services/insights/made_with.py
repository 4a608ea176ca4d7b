"""What a forecast was made with: code, packages and machine, so that a replay can say which of them differ."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn", "xgboost", "torch", "mlflow")
MODEL_TAGS = ("artifact_hash", "data_hash", "code_hash", "lineage_id")
"""Tags of a model version that say what it is made of."""


def made_with(model: object) -> dict[str, str]:
    """By name: `code` (hash of the packages that `model` forecasts with), `machine`, `cpu`, `python`, and `package:<name>`."""
    return {"code": _running_code(_places(model)), **_environment()}


def code_hash(packages: Iterable[Path]) -> str:
    """sha256 over the Python sources below the folders, as a model version's tag `code_hash` has it."""
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted(package.rglob("*.py")):
            digest.update(f"{package.name}/{path.relative_to(package).as_posix()}".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def folder_hash(folder: Path) -> str:
    """sha256 over every file below a folder, with its name."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _places(model: object) -> tuple[Path, ...]:
    """Where the packages that travel with a model were really imported from: training of each version is its own."""
    modules = [sys.modules[name] for name in ("features", "creatorlens") if name in sys.modules]
    installed = tuple(Path(str(module.__file__)).parent for module in modules)
    code = getattr(getattr(type(getattr(model, "forecaster", None)), "forecast", None), "__code__", None)
    return installed if code is None else (Path(code.co_filename).parent, *installed)


@lru_cache(maxsize=8)
def _running_code(places: tuple[Path, ...]) -> str:
    return code_hash(places)


@lru_cache(maxsize=1)
def _environment() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu(),
    }
    for name in PACKAGES:
        try:
            found[f"package:{name}"] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _cpu() -> str:
    """Model and a hash of its instruction sets: other ones may round otherwise."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            told.setdefault(name.strip(), value.strip())
    flags = hashlib.sha256(told.get("flags", told.get("Features", "")).encode()).hexdigest()[:8]
    return f"{told.get('model name', platform.machine())} {flags}"
