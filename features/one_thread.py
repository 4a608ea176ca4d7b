"""Small matrix products on one thread."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """Within it numpy's products use one thread, in the whole process. Arrays here are so small that a second one only
    spins: measured on two cores, three times the processor time for the same spectra, and beside other work 1.8 s instead of
    0.03 s for the directions of a platform's titles."""
    limit: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limit


@lru_cache(maxsize=1)
def _controller() -> Any:
    import numpy as np  # noqa: F401  (its library must be loaded to be found)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
