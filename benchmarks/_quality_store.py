"""Results that were paid for are kept: a cell is one contender at one cut-off, its key what it was made of."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from training.hashes import code_hash

# What else than itself decides the answer of a contender.
_ROOT = Path(__file__).parents[1]
_OURS = ("training", "features", "creatorlens")
_SHARED = ("_quality_contenders.py",)


def cache_folder() -> Path:
    """`CREATORLENS_BENCHMARK_CACHE`, else the user's cache folder."""
    told = os.environ.get("CREATORLENS_BENCHMARK_CACHE")
    if told:
        return Path(told).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "creatorlens" / "quality"


def code_of(contender: str) -> str:
    """Hash of the code an answer depends on: our packages for ours and the booster of the ensemble, this file alone for the rest."""
    if contender.startswith("ours") or contender == "plain_xgboost":
        return code_hash([_ROOT / name for name in _OURS])
    digest = hashlib.sha256()
    files = (*_SHARED, "_quality_autogluon_child.py") if contender.startswith("autogluon") else _SHARED
    for name in files:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def cell_key(contender: str, data: str, options: str = "") -> str:
    return hashlib.sha256("|".join([contender, data, code_of(contender), options]).encode()).hexdigest()[:20]


class Cell:
    """A folder that is there only when complete: written beside it and renamed."""

    def __init__(self, root: Path, key: str) -> None:
        self.folder = root / "cells" / key
        self.partial = self.folder.with_name(f"{key}.partial-{os.getpid()}")

    @property
    def done(self) -> bool:
        return self.folder.is_dir()

    def begin(self) -> Path:
        shutil.rmtree(self.partial, ignore_errors=True)
        self.partial.mkdir(parents=True)
        return self.partial

    def keep(self, names: tuple[str, ...]) -> None:
        for entry in self.partial.iterdir():
            if entry.name not in names:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        self.partial.rename(self.folder)
