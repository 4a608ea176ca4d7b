"""What a model was made of: hashes of its rows and of the code, and the commit where there is one."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from training.text_directions import EMBEDDING, embeddings

_BY = ["published_at", "post_id", "outcome_known_at", "observation_key"]


def in_fixed_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows always in the same order, whatever read them."""
    by = [name for name in _BY if name in rows.columns]
    return rows.sort_values(by, kind="stable", ignore_index=True)


def data_hash(rows: pd.DataFrame) -> str:
    """sha256 over the sorted rows, column by column; of columns of arrays every bit counts."""
    ordered = in_fixed_order(rows)
    digest = hashlib.sha256()
    for name in sorted(ordered.columns):
        digest.update(name.encode())
        if name == EMBEDDING:
            vectors = embeddings(ordered)
            digest.update(b"" if vectors is None else np.ascontiguousarray(vectors).tobytes())
            continue
        if any(isinstance(value, np.ndarray) for value in ordered[name]):
            for value in ordered[name]:
                told = isinstance(value, np.ndarray)
                digest.update(f"{value.shape}".encode() + value.tobytes() if told else b"-")
            continue
        hashed = pd.util.hash_pandas_object(ordered[name], index=False, categorize=True)
        digest.update(hashed.to_numpy().tobytes())
    return digest.hexdigest()


def code_hash(packages: Iterable[Path]) -> str:
    """sha256 over the Python sources below the folders."""
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


def package_folders() -> list[Path]:
    """The packages that travel with a model: training, features, creatorlens."""
    import creatorlens
    import features
    import training

    return [Path(str(module.__file__)).parent for module in (training, features, creatorlens)]


def git_commit() -> str | None:
    """The commit checked out where this code lies, `+changes` where files differ from it; None outside git."""
    root = Path(__file__).parents[1]

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    top = git("rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != root.resolve():
        return None
    commit = git("rev-parse", "HEAD")
    return f"{commit}+changes" if commit and git("status", "--porcelain") else commit
