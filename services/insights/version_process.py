"""A model version run with the code it was registered with, in a process that has loaded nothing else."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from creatorlens.errors import CreatorLensError

TIMEOUT_S = 300

# Nothing of ours is imported before the model: MLflow puts the version's code first on the path, and what is
# imported then is that of the version, features and kernel included.
_PROGRAM = """
import pickle, sys
from pathlib import Path
folder, asked, answered = sys.argv[1:]
import mlflow
model = mlflow.pyfunc.load_model(folder).unwrap_python_model()
wanted = pickle.loads(Path(asked).read_bytes())
rows = wanted.pop("rows")
answers = model.revise(rows) if wanted.pop("revise") else model.forecast(rows, **wanted)
import hashlib, training, features, creatorlens
digest = hashlib.sha256()
for package in (training, features, creatorlens):
    place = Path(package.__file__).parent
    for path in sorted(place.rglob("*.py")):
        digest.update(f"{place.name}/{path.relative_to(place).as_posix()}".encode())
        digest.update(path.read_bytes())
Path(answered).write_bytes(pickle.dumps((answers, digest.hexdigest())))
"""


def forecast_apart(
    folder: Path, rows: pd.DataFrame, *, drivers: bool, floor_only: bool, revise: bool = False
) -> tuple[pd.DataFrame, str]:
    """The answers, and the hash of the code that gave them. Raises ReplayError with the end of what it printed."""
    with tempfile.TemporaryDirectory(prefix="creatorlens-replay-") as scratch:
        asked, answered = Path(scratch) / "asked", Path(scratch) / "answered"
        wanted = {"rows": rows, "drivers": drivers, "floor_only": floor_only, "revise": revise}
        asked.write_bytes(pickle.dumps(wanted))
        environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
        done = subprocess.run(
            [sys.executable, "-P", "-c", _PROGRAM, str(folder), str(asked), str(answered)],
            cwd=scratch, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S,
        )  # fmt: skip
        if done.returncode != 0:
            raise ReplayError(f"the version's own code does not run here: {done.stderr.strip()[-400:]}")
        # Written by our own child into a folder nobody else can enter.
        answers, code = pickle.loads(answered.read_bytes())  # noqa: S301
    return answers, code


class ReplayError(CreatorLensError):
    """The model version could not be run with its own code."""
