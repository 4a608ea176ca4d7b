"""Small products stay on one thread while they are asked to, and no longer."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from features.one_thread import one_thread


def _threads() -> set[int]:
    return {int(one["num_threads"]) for one in threadpool_info() if one["user_api"] == "blas"}


def test_within_it_products_use_one_thread_and_afterwards_as_many_as_before() -> None:
    np.eye(2) @ np.eye(2)
    with threadpool_limits(2, user_api="blas"):
        before = _threads()
        with one_thread():
            assert _threads() == {1}
        assert _threads() == before
