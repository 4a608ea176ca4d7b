from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

READERS = Path(__file__).parent / "readers"


@pytest.fixture(scope="session")
def readers() -> Iterator[str]:
    """The module of this folder's reader functions, to be imported by workers."""
    sys.path.insert(0, str(READERS))
    yield "worker_readers"
    sys.path.remove(str(READERS))
