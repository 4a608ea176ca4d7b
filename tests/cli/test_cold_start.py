"""The command answers at once: heavy libraries are imported by the verb that needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "pandas",
    "numpy",
    "torch",
    "mlflow",
    "feast",
    "streamlit",
    "prefect",
    "bentoml",
    "sqlalchemy",
    "httpx",
)


@pytest.mark.parametrize("module", ["creatorlens", "cli.main"])
def test_importing_loads_no_heavy_library(module):
    code = f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
