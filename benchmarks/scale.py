"""Import + validate + featurize as the number of posts grows: `python -m benchmarks scale`.

Each size runs in a process of its own (so that its peak memory is its own) on an empty home, after a
small warm-up that takes the libraries' import times out of the figures. Judged by the fitted exponent
of time against rows (at most 1.1) and the peak memory (under 4 GB).
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SIZES = (25_000, 100_000, 400_000)
WARM_UP = 300
DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
TABLES = ("reddit.posts.parquet", "reddit.observations.parquet")


def run(json: bool = False, sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """Figures per size, the exponent and whether both goals are met. Progress goes to stderr."""
    if not DATA.is_dir():
        return {"skipped": "the real tables (../shared/data) are not on this machine"}
    results = []
    for size in sizes:
        results.append(_in_own_process(size))
        if not json:
            print(_line(results[-1]), file=sys.stderr)
    exponent = _exponent([r["posts"] for r in results], [r["total_s"] for r in results])
    peak = max(r["peak_mb"] for r in results)
    return {
        "sizes": results,
        "exponent": exponent,
        "exponent_goal": 1.1,
        # Seconds of processor time hardly depend on what else the machine does.
        "exponent_cpu": _exponent([r["posts"] for r in results], [r["cpu_s"] for r in results]),
        "peak_mb": peak,
        "peak_mb_goal": 4096,
        "ratio_to_read_parquet": results[-1]["ratio_to_read_parquet"],
        "ok": (exponent is None or exponent <= 1.1) and peak < 4096,
    }


def _line(result: dict[str, Any]) -> str:
    return (
        f"{result['posts']:>8} posts: import {result['import_s']:.1f} s, featurize {result['featurize_s']:.1f} s, "
        f"{result['rows_per_s']:.0f} posts/s, peak {result['peak_mb']:.0f} MB"
    )


def _in_own_process(size: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scale", str(size)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CREATORLENS_")}
    done = subprocess.run(
        command, cwd=Path(__file__).parents[1], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def measure(size: int, folder: Path) -> dict[str, Any]:
    """Import and featurize `size` random posts on an empty home under `folder`, in this process."""
    _import_and_featurize(_subset(WARM_UP, folder / "warm-up"), folder / "warm-up")
    files = _subset(size, folder / "full")
    read_s = min(_seconds_to_read(files) for _ in range(3))
    cpu_before = time.process_time()
    import_s, featurize_s = _import_and_featurize(files, folder / "full")
    cpu_s = time.process_time() - cpu_before
    total = import_s + featurize_s
    return {
        "posts": size,
        "import_s": round(import_s, 3),
        "featurize_s": round(featurize_s, 3),
        "total_s": round(total, 3),
        "cpu_s": round(cpu_s, 3),
        "rows_per_s": round(size / total, 1),
        "read_parquet_s": round(read_s, 4),
        "ratio_to_read_parquet": round(total / read_s, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def _import_and_featurize(files: list[Path], folder: Path) -> tuple[float, float]:
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings
    from features.featurize import featurize
    from services.content.importing import import_files

    settings = Settings(home=folder / "home", text_encoder="none")
    engine = open_database(settings)
    started = time.perf_counter()
    import_files(engine, settings, files)
    imported = time.perf_counter()
    featurize(engine, settings, Platform.REDDIT, embeddings=False)
    done = time.perf_counter()
    engine.dispose()
    return imported - started, done - imported


def _subset(size: int, folder: Path) -> list[Path]:
    """The same random posts each time, in the tables' own order, with their observations."""
    import pandas as pd

    folder.mkdir(parents=True)
    posts = pd.read_parquet(DATA / TABLES[0])
    chosen = posts.sample(min(size, len(posts)), random_state=0).sort_index()
    observations = pd.read_parquet(DATA / TABLES[1])
    observations = observations.loc[observations["post_id"].isin(chosen["post_id"])]
    files = [folder / name for name in TABLES]
    chosen.to_parquet(files[0], index=False)
    observations.to_parquet(files[1], index=False)
    return files


def _seconds_to_read(files: list[Path]) -> float:
    import pandas as pd

    started = time.perf_counter()
    for file in files:
        pd.read_parquet(file)
    return time.perf_counter() - started


def _exponent(sizes: list[int], seconds: list[float]) -> float | None:
    """Slope of ln(seconds) over ln(posts), least squares."""
    if len(sizes) < 2:
        return None
    x, y = [math.log(n) for n in sizes], [math.log(s) for s in seconds]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x)
    return round(slope, 3)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps(measure(int(sys.argv[1]), Path(temporary))))
