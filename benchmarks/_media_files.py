"""What looking at files costs: recognising them, handing them to a worker, finding their like among many."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

MEDIA = Path(__file__).parents[2] / "shared" / "media"


def run() -> dict[str, float | str]:
    """Least of several runs each."""
    from creatorlens.settings import Settings
    from features.analysis_jobs import Glance
    from features.media.identity import Pictures, hex_of, picture_hash
    from features.media.sniffing import examine
    from features.media.worker import Workers

    if not MEDIA.is_dir():
        return {"skipped": "the real media are not on this machine"}
    photos = sorted((MEDIA / "photos").iterdir())
    numbers = np.random.default_rng(0).integers(0, 2**64, 100_000, dtype=np.uint64)
    known = Pictures.of([(str(at), hex_of(int(number))) for at, number in enumerate(numbers)])
    pixels = np.random.default_rng(1).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
    examined = _least(lambda: [examine(path) for path in photos]) / len(photos)
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        with Workers(1, "features.analysis_jobs:make_reader", settings) as workers:
            started = time.perf_counter()
            workers.run(Glance(photos[0]))
            first = time.perf_counter() - started
            handed = _least(lambda: workers.run(Glance(photos[0])), 40)
            peak = workers.measure(Glance(photos[0])).peak_bytes
    from features.analysis import glance
    from features.media.limits import USUAL

    here = _least(lambda: glance(photos[0], USUAL), 40)
    return {
        "examine_ms_per_photo": 1e3 * examined,
        "picture_hash_ms_720p": 1e3 * _least(lambda: picture_hash(pixels)),
        "near_among_100000_ms": 1e3 * _least(lambda: known.near("0123456789abcdef")),
        "worker_first_answer_s": first,
        "worker_overhead_ms_per_job": 1e3 * max(0.0, handed - here),
        "worker_bare_mb": peak / 1e6,
    }


def _least(do: Callable[[], object], times: int = 7) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        do()
        taken.append(time.perf_counter() - started)
    return min(taken)
