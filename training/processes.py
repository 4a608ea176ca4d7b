"""Independent fits side by side. Each is bound to one thread, so that its sums, and its model, are the same everywhere;
what uses several processors is several of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")

# Below so many rows a fit takes less time than a process needs to import what it fits with.
_WORTH_ROWS = 3_000


def usual_workers(rows: int) -> int:
    return (os.cpu_count() or 1) if rows >= _WORTH_ROWS else 1


def in_processes(work: Callable[[Asked], Found], asked: Sequence[Asked], workers: int) -> list[Found]:
    """`work` of each, in order, at most `workers` at once; here where that is one. `work` is a function of a module: it is
    found by name in fresh processes. What it raises is raised here."""
    if workers < 2 or len(asked) < 2:
        return [work(one) for one in asked]
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Forked copies of a process with threads (Prefect's, a tracking client's) may wait for locks nobody holds.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(asked)), mp_context=context) as pool:
        return list(pool.map(work, asked))
